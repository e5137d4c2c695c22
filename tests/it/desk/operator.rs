//! The operator's mail: taken over when it is on disk, then handed on.

use mailassay::sending::desk::{NotForwarded, Onward, OperatorSpool};
use tokio::sync::Semaphore;

use super::*;

/// Whoever takes mail on: it answers as it is told, and not before it may.
struct Taker {
    may: Semaphore,
    answers: Mutex<Vec<Result<(), NotForwarded>>>,
    begun: Mutex<usize>,
    taken: Mutex<Vec<String>>,
}

impl Taker {
    /// It gives these answers, the first one first, and then takes all.
    fn new(answers: Vec<Result<(), NotForwarded>>, may: usize) -> Arc<Self> {
        let (begun, taken) = (Mutex::default(), Mutex::default());
        let answers = Mutex::new(answers.into_iter().rev().collect());
        Arc::new(Self { may: Semaphore::new(may), answers, begun, taken })
    }
}

impl Onward for Taker {
    fn forward<'a>(
        &'a self,
        message: &'a [u8],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), NotForwarded>> + Send + 'a>> {
        Box::pin(async move {
            *self.begun.lock() += 1;
            self.may.acquire().await.expect("open").forget();
            let answer = self.answers.lock().pop().unwrap_or(Ok(()));
            if answer.is_ok() {
                self.taken.lock().push(String::from_utf8_lossy(message).into_owned());
            }
            answer
        })
    }
}

fn refused(lasting: bool) -> Result<(), NotForwarded> {
    Err(NotForwarded { lasting, reason: "no".to_owned() })
}

fn spool(folder: &Path, taker: &Arc<Taker>) -> Arc<OperatorSpool> {
    let maildir = Maildir::open(folder.join("spool")).expect("made");
    Arc::new(OperatorSpool::open(maildir, taker.clone()).expect("reads"))
}

fn files(folder: &Path, name: &str) -> usize {
    std::fs::read_dir(folder.join("spool").join(name)).expect("a folder").count()
}

async fn send(service: &Service, number: i32) -> DotReply {
    let recipients = Recipients::Operator(vec!["postmaster@example.org".to_owned()]);
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let transaction = link.transaction(at(1), Some(JANE.to_owned()), recipients);
    let message = format!("Subject: {number}\r\n\r\nHi\r\n").into_bytes();
    service.desk.answer(at(1), transaction, message).await
}

/// A domain objects by a mail of its postmaster's for which SPF or DKIM vouches; any other is the operator's to read.
#[tokio::test]
async fn a_postmaster_that_is_vouched_for_objects_for_its_domain() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    for (source, path, from, objects) in [
        ("192.0.2.1", "postmaster@example.net", "postmaster@example.net", true),
        ("203.0.113.1", "postmaster@example.net", "postmaster@example.net", false),
        ("192.0.2.1", JANE, "postmaster@example.net", false),
        ("192.0.2.1", "postmaster@example.net", "postmaster@example.com", false),
    ] {
        let recipients = Recipients::Operator(vec!["objection@example.org".to_owned()]);
        let mut link = service.connect(at(0), source).await;
        let transaction = link.transaction(at(1), Some(path.to_owned()), recipients);
        let message = format!("From: {from}\r\nTo: objection@example.org\r\n\r\nNo more, please.\r\n");
        let reply = service.desk.answer(at(1), transaction, message.into_bytes()).await;
        assert_eq!(reply.code, 250);
        let said = reply.text.contains("no verdict is mailed to addresses at example.net");
        assert_eq!(said, objects, "{source} {path} {from}: {}", reply.text);
    }
    // What cannot be kept is not said to be, and comes again.
    let recipients = Recipients::Operator(vec!["objection@example.org".to_owned()]);
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let transaction = link.transaction(at(1), Some("postmaster@example.net".to_owned()), recipients);
    let message = b"From: postmaster@example.net\r\nTo: objection@example.org\r\n\r\nNo more, please.\r\n";
    let reply = service.desk.answer(at(AWAY_AT), transaction, message.to_vec()).await;
    assert_eq!((reply.code, reply.status), (452, "4.3.1"), "{}", reply.text);
}

/// A hand-over that takes its time holds up no dot, is not begun again, and is not dropped amid DATA (A2).
#[tokio::test]
async fn a_dot_does_not_wait_for_the_hand_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let taker = Taker::new(Vec::new(), 0);
    let spool = spool(folder.path(), &taker);
    let service = Service::with(folder.path(), 1, spool.clone()).await;
    let stop = CancellationToken::new();
    let (running, stopping) = (spool.clone(), stop.clone());
    let running = tokio::spawn(async move { running.run(Arc::new(|| at(1)), stopping).await });
    for number in 0..3 {
        assert_eq!(send(&service, number).await.code, 250, "taken over while nothing is handed on");
    }
    assert_eq!(files(folder.path(), "new"), 3);
    while *taker.begun.lock() == 0 {
        tokio::task::yield_now().await;
    }
    // The service stops: what is being handed over is, and the others wait on disk.
    stop.cancel();
    tokio::task::yield_now().await;
    taker.may.add_permits(1);
    running.await.expect("ends");
    assert_eq!((*taker.begun.lock(), taker.taken.lock().len(), files(folder.path(), "new")), (1, 1, 2));

    // After a restart they go on, each once.
    let taker = Taker::new(Vec::new(), 10);
    assert_eq!(self::spool(folder.path(), &taker).hand_on(at(2), &CancellationToken::new()).await, None);
    assert_eq!((taker.taken.lock().len(), files(folder.path(), "new")), (2, 0));
    let text = taker.taken.lock()[0].clone();
    assert!(
        text.starts_with("Delivered-To: postmaster@example.org\r\nReceived: from mail.example.net ("),
        "{text}"
    );
    assert!(!text.contains("Return-Path"), "{text}");
}

#[tokio::test]
async fn what_is_refused_for_now_waits_and_what_is_refused_for_good_stays_to_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let taker = Taker::new(vec![refused(false), refused(true), Ok(())], 10);
    let spool = spool(folder.path(), &taker);
    let service = Service::with(folder.path(), 1, spool.clone()).await;
    for number in 0..3 {
        assert_eq!(send(&service, number).await.code, 250);
    }
    let stop = CancellationToken::new();
    assert_eq!(spool.hand_on(at(10), &stop).await, Some(at(70)), "the one that was put off is tried again");
    assert_eq!(spool.hand_on(at(69), &stop).await, Some(at(70)), "not before its time");
    assert_eq!(spool.hand_on(at(70), &stop).await, None);
    assert_eq!((files(folder.path(), "new"), files(folder.path(), "cur")), (0, 1));
    let subjects: Vec<_> =
        taker.taken.lock().iter().filter_map(|text| text.split("Subject: ").nth(1)?.chars().next()).collect();
    assert_eq!(subjects, ['2', '0'], "the one that was put off came later, and once");
}

/// One that is down is left alone, and nothing is lost.
#[tokio::test]
async fn a_taker_that_is_down_is_tried_a_few_times_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let taker = Taker::new((0..3).map(|_| refused(false)).collect(), 100);
    let spool = spool(folder.path(), &taker);
    let service = Service::with(folder.path(), 1, spool.clone()).await;
    for number in 0..8 {
        send(&service, number).await;
    }
    let stop = CancellationToken::new();
    assert_eq!(spool.hand_on(at(10), &stop).await, Some(at(70)));
    assert_eq!((*taker.begun.lock(), files(folder.path(), "new")), (3, 8));
    assert_eq!(spool.hand_on(at(20), &stop).await, Some(at(70)), "it is left alone");
    assert_eq!(*taker.begun.lock(), 3);
    assert_eq!(spool.hand_on(at(70), &stop).await, None);
    assert_eq!(taker.taken.lock().len(), 8);
}

/// Three that the other side puts off each time stand before nobody, and are given up after five days.
#[tokio::test]
async fn mails_that_nobody_takes_hold_up_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let taker = Taker::new((0..3).map(|_| refused(false)).collect(), 100);
    let spool = spool(folder.path(), &taker);
    let service = Service::with(folder.path(), 1, spool.clone()).await;
    for number in 0..8 {
        send(&service, number).await;
    }
    let stop = CancellationToken::new();
    spool.hand_on(at(10), &stop).await;
    // Now the others are taken, and those three, which come last, are put off again.
    taker.answers.lock().extend((0..3).map(|_| refused(false)).chain((0..5).map(|_| Ok(()))));
    spool.hand_on(at(70), &stop).await;
    assert_eq!((taker.taken.lock().len(), files(folder.path(), "new")), (5, 3));
    let days = |days: u32| at(days * 86_400);
    taker.answers.lock().extend((0..6).map(|_| refused(false)));
    spool.hand_on(days(4), &stop).await;
    assert_eq!((files(folder.path(), "new"), files(folder.path(), "cur")), (3, 0), "tried as long as may be");
    spool.hand_on(days(6), &stop).await;
    assert_eq!((files(folder.path(), "new"), files(folder.path(), "cur")), (0, 3), "given up, and kept");
    assert_eq!(*taker.begun.lock(), 3 + 8 + 3 + 3);
}

/// A mail whose file cannot be moved away is handed on once, and others find room.
#[tokio::test]
async fn a_mail_that_cannot_be_moved_away_is_not_sent_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let taker = Taker::new(vec![refused(true)], 100);
    let spool = spool(folder.path(), &taker);
    let service = Service::with(folder.path(), 1, spool.clone()).await;
    send(&service, 0).await;
    // A folder that is not there takes no file.
    let (cur, away) = (folder.path().join("spool/cur"), folder.path().join("spool/away"));
    std::fs::rename(&cur, &away).expect("renamed");
    let stop = CancellationToken::new();
    let mut now = at(10);
    for _ in 0..5 {
        now = spool.hand_on(now, &stop).await.expect("it is left");
    }
    assert_eq!((*taker.begun.lock(), files(folder.path(), "new")), (1, 1), "nobody is asked again");
    std::fs::rename(&away, &cur).expect("renamed");
    assert_eq!(send(&service, 1).await.code, 250, "the count of those that wait is right");
    assert_eq!(spool.hand_on(now, &stop).await, None);
    assert_eq!((*taker.begun.lock(), files(folder.path(), "new"), files(folder.path(), "cur")), (2, 0, 1));
}

/// What nobody took is kept for the operator to read, the latest thousand of it.
#[tokio::test]
async fn what_was_set_aside_does_not_grow_without_bound() {
    let folder = tempfile::tempdir().expect("a folder");
    let taker = Taker::new(vec![refused(true)], 100);
    let spool = spool(folder.path(), &taker);
    let service = Service::with(folder.path(), 1, spool.clone()).await;
    let cur = folder.path().join("spool/cur");
    let name =
        |seconds: i64, number: u32| cur.join(format!("{}.{number:04}.0:2,", at(0).as_second() - seconds));
    for number in 0..1_005 {
        std::fs::write(name(86_400, number), "a").expect("written");
    }
    std::fs::write(name(91 * 86_400, 0), "old").expect("written");
    send(&service, 0).await;
    spool.hand_on(at(10), &CancellationToken::new()).await;
    assert_eq!(files(folder.path(), "cur"), 1_000);
    let kept = |seconds, number| name(seconds, number).exists();
    assert_eq!(
        (kept(91 * 86_400, 0), kept(86_400, 5), kept(86_400, 6), kept(86_400, 1_004)),
        (false, false, true, true)
    );
}

/// A site that sent the operator its share is put off, then all are; tests are not, and the next day takes mail again.
#[tokio::test]
async fn a_flood_of_mail_to_the_operator_leaves_tests_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let operator = Arc::new(Operator::default());
    let service = Service::with(folder.path(), 1, operator.clone()).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let mut other = service.connect(at(0), "198.51.100.1").await;
    let recipients = || Recipients::Operator(vec!["postmaster@example.org".to_owned()]);
    let take = |from: [u8; 4]| service.journal.take_operators(at(1), from.into(), 64 << 20);
    take([192, 0, 2, 77]).expect("a sixteenth of a GiB");
    let transaction = link.transaction(at(1), Some(JANE.to_owned()), recipients());
    let reply = service.desk.answer(at(1), transaction, b"Subject: a\r\n\r\n".to_vec()).await;
    assert_eq!((reply.code, reply.status), (452, "4.3.1"), "its site had its share");
    let transaction = other.transaction(at(1), Some(JANE.to_owned()), recipients());
    let reply = service.desk.answer(at(1), transaction, b"Subject: b\r\n\r\n".to_vec()).await;
    assert_eq!(reply.code, 250, "another site is served");
    (1..4).for_each(|site| take([203, 0, site, 1]).expect("its share"));
    let transaction = other.transaction(at(1), Some(JANE.to_owned()), recipients());
    let reply = service.desk.answer(at(1), transaction, b"Subject: b\r\n\r\n".to_vec()).await;
    assert_eq!((reply.code, reply.status), (452, "4.3.1"), "a quarter of the day was taken");
    assert_eq!(operator.mail.lock().len(), 1);
    link.send(at(2), &mail("1@example.net", &["et"])).await;
    assert_eq!(service.trials().len(), 1, "tests are another matter");
    let tomorrow = after(at(2), 86_400);
    let transaction = link.transaction(tomorrow, Some(JANE.to_owned()), recipients());
    let reply = service.desk.answer(tomorrow, transaction, b"Subject: a\r\n\r\n".to_vec()).await;
    assert_eq!(reply.code, 250);
}
