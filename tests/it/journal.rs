//! The journal on a real file: what was acknowledged stays, subscribers are never behind, the outbox sends once.

mod inspection;
mod limits;
mod place;
mod reports;
mod versions;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use mailassay::sending::history::{
    Ending, Fact, Irregularity, LinkClosed, Lost, MessageFacts, NotRecorded, Observation, Offer, Phase,
    Queried, QueriesLost, Received, Recipient, Recorder, Scanned, Seq, Transport, TrialEnd, TrialEnded,
    VerdictDelivery, VerdictHandled,
};
use mailassay::sending::journal::{
    Journal, Maildir, Mailed, OpenError, Opened, OutboxState, Reader, Settings, Subscriber, Trouble,
};
use mailassay::sending::persona::CatalogueFiles;
use mailassay::sending::trial::{LinkId, Mailbox, Pace, TrialId};
use mailassay::sending::trials::{Attribution, Limits, Trials};
use mailassay::shared::evidence::Party;
use mailassay::shared::evidence::scan::Evidence;
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};
use parking_lot::Mutex;

use place::{Place, on_both};

const SECRET: [u8; 32] = [7; 32];

on_both! {
    followers_hear_before_whoever_waits_and_again_at_the_next_opening,
    one_writer_and_any_number_of_readers,
    a_full_queue_drops_queries_first_and_counts,
    a_full_disk_refuses_and_the_next_works_again,
    queries_have_a_cap_and_all_have_an_age,
    a_verdict_is_claimed_before_it_goes_and_claimed_again_after_a_crash,
    counts_verdicts_by_address_domain_and_day,
    a_scan_hastens_its_verdict_and_is_read_when_it_is_wanted,
    a_follower_that_panics_loses_no_commit,
    a_claim_is_over_after_its_time,
    a_clock_that_is_set_back_stops_nothing,
    what_nobody_waits_for_is_held_back_while_the_disk_is_full_and_written_first,
    archived_trials_go_as_a_whole,
}

/// Remembers what it is told.
#[derive(Default)]
struct Told(Mutex<Vec<Observation>>);

impl Subscriber for Told {
    fn committed(&self, observation: &Observation) {
        self.0.lock().push(observation.clone());
    }
}

impl Told {
    fn facts(&self) -> Vec<Fact> {
        self.0.lock().iter().map(|observation| observation.fact.clone()).collect()
    }
}

fn settings(folder: &Path) -> Settings {
    Settings { path: folder.join("journal.sqlite"), ..Settings::default() }
}

async fn open(settings: Settings) -> (Journal, Arc<Told>) {
    open_with(settings, |secret| assert_eq!(*secret, SECRET)).await
}

async fn open_with(settings: Settings, look: impl FnOnce(&[u8; 32])) -> (Journal, Arc<Told>) {
    let opened = Opened::open(settings, || SECRET).await.expect("opens");
    look(opened.secret());
    let told = Arc::new(Told::default());
    let journal = opened.start(vec![told.clone()]).await.expect("starts");
    (journal, told)
}

fn start() -> Timestamp {
    "2026-11-21T12:00:00.123456Z".parse().expect("an instant")
}

fn irregular(link: u64) -> Fact {
    Fact::Irregular { link: LinkId(link), what: Irregularity::BareLf }
}

fn queried(name: &str) -> Fact {
    Fact::Queried(Queried {
        source: "192.0.2.53:5353".parse().expect("an address"),
        transport: Transport::Udp,
        name: name.to_owned(),
        rtype: "MX".to_owned(),
        dnssec_ok: true,
        rcode: "NOERROR".to_owned(),
    })
}

/// A long fact that does not go to make room.
fn greeted(link: u64) -> Fact {
    let offer = Offer { starttls: true, phase: Phase::A };
    Fact::Greeted { link: LinkId(link), name: "x".repeat(20_000), helo: false, tls: false, offer }
}

fn received(link: u64, address: &str) -> Received {
    Received {
        link: LinkId(link),
        number: 0,
        began: start(),
        tls: true,
        reverse_path: Some(Mailbox::new(&SECRET, address)),
        recipients: Vec::new(),
        refused_recipients: 0,
        require_tls: false,
        ending: mailassay::sending::history::Ending::Aborted,
    }
}

fn trial(link: u64) -> TrialId {
    TrialId::new(&SECRET, LinkId(link), 0)
}

fn ended(link: u64) -> TrialEnded {
    TrialEnded { trial: trial(link), end: TrialEnd::Settled }
}

fn handled(link: u64, delivery: VerdictDelivery) -> VerdictHandled {
    VerdictHandled { trial: trial(link), delivery, judged_to: None }
}

async fn followers_hear_before_whoever_waits_and_again_at_the_next_opening(place: Place) {
    let (journal, told) = open(place.settings()).await;
    journal.note(start(), irregular(u64::MAX));
    journal.note(start(), queried("et.example.org"));
    let seq = journal.commit(start(), irregular(2)).await.expect("noted");
    let facts = [irregular(u64::MAX), queried("et.example.org"), irregular(2)];
    assert_eq!(told.facts(), facts);
    assert_eq!(told.0.lock().last().map(|observation| observation.seq), Some(seq));
    journal.close().await;
    assert!(journal.commit(start(), irregular(3)).await.is_err());

    let opened = Opened::open(place.settings(), || [9; 32]).await.expect("opens");
    assert_eq!(*opened.secret(), SECRET, "the secret is made once");
    let again = Arc::new(Told::default());
    opened.start(vec![again.clone()]).await.expect("starts");
    assert_eq!(*again.0.lock(), *told.0.lock());
}

async fn one_writer_and_any_number_of_readers(place: Place) {
    let (journal, _told) = open(place.settings()).await;
    journal.commit(start(), irregular(1)).await.expect("noted");
    let second = Opened::open(place.settings(), || SECRET).await;
    assert!(matches!(second, Err(OpenError::InUse(_))));

    assert_eq!(place.stored().await, [irregular(1)]);
    let reader = Reader::of(&place.settings()).await.expect("reads");
    assert_eq!(reader.secret().await.expect("a secret"), SECRET);
    journal.close().await;
    assert_eq!(place.stored().await, [irregular(1)], "without a writer");
}

#[tokio::test]
async fn refuses_what_is_no_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    std::fs::write(&path, "once upon a time there was a text that is longer than a header").expect("written");
    let error = Opened::open(settings(folder.path()), || SECRET).await.err().expect("refused").to_string();
    assert!(error.contains("journal.sqlite"), "{error}");
    assert!(Reader::open(&folder.path().join("none.sqlite")).await.is_err(), "a reader makes no file");
}

/// Writes a database that SQL makes.
pub(super) async fn database(path: &Path, sql: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.expect("made");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("written");
    sqlx::Connection::close(connection).await.expect("closed");
}

/// All columns of all tables, and all indices, as one text each.
async fn shape(path: &Path) -> Vec<String> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.expect("opened");
    let columns = "SELECT t.name || '.' || c.cid || ' ' || c.name || ' ' || c.type || c.\"notnull\" || c.pk \
                   FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' \
                   UNION ALL SELECT coalesce(sql, name) FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY 1";
    sqlx::query_scalar(columns).fetch_all(&mut connection).await.expect("read")
}

#[tokio::test]
async fn an_earlier_journal_is_brought_forward_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    database(&path, include_str!("../journals/v1.sql")).await;
    let told = Reader::open(&path).await.err().expect("a reader changes nothing").to_string();
    for said in
        ["journal.sqlite has schema version 1, this program reads 3", "`mailassay serve`", "earlier version"]
    {
        assert!(told.contains(said), "{told}");
    }

    let (journal, told) =
        open_with(settings(folder.path()), |secret| assert_eq!(secret[..2], [0xe0, 0xef])).await;
    assert_eq!(told.facts().len(), 233);
    let ends = |fact: &&Fact| matches!(fact, Fact::TrialEnded(_));
    assert_eq!(told.facts().iter().filter(ends).count(), 3);
    // Its worker died with the service.
    let now = after(told.0.lock().last().expect("some").at, 1);
    let claimed = journal.claim_due(now).await.expect("works").expect("was interrupted");
    assert_eq!((claimed.trial.as_str(), claimed.was_claimed), ("px1b8502xhbrad4ac7129sqb5f", true));
    let seq = journal.commit(now, irregular(1)).await.expect("noted");
    assert_eq!(seq, Seq(1831), "numbers go on where they were");
    journal.close().await;

    let fresh = tempfile::tempdir().expect("a folder");
    open(settings(fresh.path())).await.0.close().await;
    assert_eq!(shape(&path).await, shape(&fresh.path().join("journal.sqlite")).await);
    let (_journal, told) = open_with(settings(folder.path()), |_| ()).await;
    assert_eq!(told.facts().len(), 234, "once is enough");
}

#[tokio::test]
async fn a_later_journal_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    open(settings(folder.path())).await.0.close().await;
    database(&path, "PRAGMA user_version = 99").await;
    let told = Opened::open(settings(folder.path()), || SECRET).await.err().expect("refused").to_string();
    assert!(told.contains("has schema version 99, this program knows 3; run the version"), "{told}");
    assert!(matches!(Reader::open(&path).await, Err(OpenError::Newer { found: 99, .. })));
    database(&path, "PRAGMA application_id = 5").await;
    assert!(matches!(Reader::open(&path).await, Err(OpenError::Foreign(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, _told) = open(settings(folder.path())).await;
    journal.commit(start(), irregular(1)).await.expect("noted");
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

async fn a_full_queue_drops_queries_first_and_counts(place: Place) {
    let settings = Settings { queue_facts: 8, ..place.settings() };
    let (journal, told) = open(settings).await;
    // No await in between: the writer, on the same thread, cannot take anything out.
    for _ in 0..100 {
        journal.note(start(), queried("et.example.org"));
    }
    assert_eq!(journal.dropped_facts(), 96);
    for link in 0..10 {
        journal.note(start(), irregular(link));
    }
    assert_eq!(journal.dropped_facts(), 102);
    journal.commit(start(), irregular(99)).await.expect("noted");
    let lost = Fact::QueriesLost(QueriesLost { network: None, until: start(), why: Lost::Dropped });
    assert_eq!(told.facts().len(), 11);
    // Before what was written with it: whoever judges by that knows of it.
    assert_eq!(told.facts()[0], lost, "silence means nothing from then on");
    assert!(matches!(told.facts()[1], Fact::ContactsLost(_)), "nor do links of which facts are missing");
}

async fn a_full_disk_refuses_and_the_next_works_again(place: Place) {
    let settings = Settings { size_mib: 1, retention_days: 1, ..place.settings() };
    let (journal, told) = open(settings).await;
    let long = greeted;
    let mut noted = 0;
    let refused = loop {
        match journal.commit(start(), long(noted)).await {
            Ok(_) => noted += 1,
            Err(NotRecorded(reason)) => break reason,
        }
        assert!(noted < 1_000, "1 MiB holds no 20 MB");
    };
    assert!(refused.contains("full"), "{refused}");
    assert!(journal.commit(start(), long(0)).await.is_err(), "still full");
    let count = usize::try_from(noted).expect("few");
    assert_eq!(told.facts().len(), count, "followers hear nothing of what was not written");

    journal.expire(after(start(), 20 * 86_400)).await.expect("room is made");
    journal.commit(start(), long(0)).await.expect("noted again");
    assert!(matches!(told.facts()[count..], [Fact::Greeted { .. }]));
}

async fn queries_have_a_cap_and_all_have_an_age(place: Place) {
    let settings = Settings { queries_rows: 100, queries_days: 1, retention_days: 10, ..place.settings() };
    let (journal, _told) = open(settings.clone()).await;
    for n in 0..400 {
        journal.note(start(), queried(&format!("{n}.example.org")));
    }
    journal.commit(start(), irregular(1)).await.expect("noted");
    let facts = place.stored().await;
    let lost = Fact::QueriesLost(QueriesLost { network: None, until: start(), why: Lost::Deleted });
    assert_eq!(facts.len(), 102, "the newest hundred, and what is no query");
    assert_eq!((&facts[0], &facts[101]), (&queried("300.example.org"), &lost));
    journal.expire(after(start(), 2 * 86_400)).await.expect("expired");
    assert_eq!(place.stored().await, [irregular(1), lost.clone(), lost]);
    journal.expire(after(start(), 14 * 86_400)).await.expect("expired");
    assert_eq!(place.stored().await, []);
}

async fn a_verdict_is_claimed_before_it_goes_and_claimed_again_after_a_crash(place: Place) {
    let (journal, told) = open(place.settings()).await;
    let sender = "jane@example.net";
    journal.receive(start(), received(1, sender), Some(sender.to_owned())).await.expect("noted");
    let first = journal.end_trial(start(), ended(1), start()).await.expect("ended");
    let second = journal.end_trial(after(start(), 5), ended(1), start()).await.expect("ended before");
    assert_eq!(first, second);
    assert_eq!(told.facts().len(), 2, "a trial ends once");
    assert_eq!(journal.claim_due(mailassay::shared::time::before(start(), 1)).await, Ok(None), "not due yet");
    let claimed = journal.claim_due(start()).await.expect("works").expect("due");
    assert_eq!((claimed.trial.clone(), claimed.attempts, claimed.was_claimed), (trial(1), 1, false));
    assert_eq!(journal.claim_due(start()).await, Ok(None), "claimed once");
    journal.close().await;
    drop(journal);

    let (journal, _told) = open(place.settings()).await;
    let again = journal.claim_due(start()).await.expect("works").expect("was interrupted");
    assert_eq!((again.trial.clone(), again.attempts, again.was_claimed), (trial(1), 2, true));
    let later = after(start(), 60);
    assert!(journal.retry_at(start(), &trial(1), 2, later, "the disk was slow").await.expect("put back"));
    assert_eq!(journal.claim_due(start()).await, Ok(None));
    assert_eq!(journal.reader().next_due().await, Ok(Some(later)));
    assert_eq!(journal.claim_due(later).await.expect("works").map(|entry| entry.attempts), Some(3));

    let mailbox = Mailbox::new(&SECRET, sender);
    assert_eq!(journal.address(&mailbox.id).await, Ok(Some(sender.to_owned())));
    let sent = VerdictDelivery::Sent { to: mailbox.redacted.clone(), by: "maildir".to_owned() };
    // Whoever had an earlier claim is late, and nothing is done.
    let forget = vec![(LinkId(1), 0)];
    for late in [0, 1, 2, 4] {
        let closing = handled(1, sent.clone());
        let closed = journal.handled(later, late, closing, Some(&mailbox), forget.clone()).await;
        assert_eq!(closed, Ok(None), "{late}");
        assert_eq!(journal.retry_at(later, &trial(1), late, later, "late").await, Ok(false), "{late}");
        assert_eq!(journal.reader().holds(&trial(1), late, later).await, Ok(false), "{late}");
    }
    assert_eq!(journal.address(&mailbox.id).await, Ok(Some(sender.to_owned())));
    assert_eq!(journal.reader().mailed(&mailbox, after(later, 1)).await.expect("counted").all, 0);
    assert_eq!(journal.reader().holds(&trial(1), 3, later).await, Ok(true));
    let closed = journal.handled(later, 3, handled(1, sent), Some(&mailbox), forget).await.expect("noted");
    assert!(closed.is_some());
    assert_eq!(journal.address(&mailbox.id).await, Ok(None), "the verdict no longer needs it");
    let entry = journal.reader().outbox_entry(&trial(1)).await.expect("reads").expect("is there");
    assert_eq!((entry.state, entry.last_error.as_deref()), (OutboxState::Done, Some("the disk was slow")));
    assert_eq!(journal.claim_due(after(later, 86_400)).await, Ok(None));
}

#[tokio::test]
async fn a_forgotten_address_is_gone_from_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, _told) = open(settings(folder.path())).await;
    let sender = "jane.forgotten@example.net";
    let held = || {
        let files =
            std::fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").path());
        let holds = |path: &Path| {
            let bytes = std::fs::read(path).expect("reads");
            bytes.windows(sender.len()).any(|window| window == sender.as_bytes())
        };
        files.filter(|path| holds(path)).count()
    };
    journal.receive(start(), received(1, sender), Some(sender.to_owned())).await.expect("noted");
    // The first writing empties the log of an earlier run. What is answered next was obeyed after that.
    assert_eq!(journal.claim_due(start()).await, Ok(None));
    assert_ne!(held(), 0, "it is kept for the verdict");
    journal.end_trial(start(), ended(1), start()).await.expect("ended");
    journal.claim_due(start()).await.expect("works").expect("due");
    let withheld = VerdictDelivery::Withheld { reason: "not-vouched".to_owned() };
    journal.handled(start(), 1, handled(1, withheld), None, vec![(LinkId(1), 0)]).await.expect("noted");
    // The log is emptied now and then; whatever is noted next gives the time.
    for seconds in [60, 120] {
        journal.receive(after(start(), seconds), received(2, "<>"), None).await.expect("noted");
        // What is answered after it was obeyed after the log was emptied.
        assert_eq!(journal.claim_due(after(start(), seconds)).await, Ok(None));
    }
    assert_eq!(held(), 0);
    journal.close().await;
}

async fn counts_verdicts_by_address_domain_and_day(place: Place) {
    let (journal, _told) = open(place.settings()).await;
    let mailbox = |address| Mailbox::new(&SECRET, address);
    let sent = || VerdictDelivery::Sent { to: String::new(), by: "mx".to_owned() };
    let withheld = VerdictDelivery::Withheld { reason: "limit".to_owned() };
    for (link, address) in
        [(1, "a@example.net"), (2, "a@example.net"), (3, "b@example.net"), (4, "c@other.org")]
    {
        journal.end_trial(start(), ended(link), start()).await.expect("ended");
        let noted = journal.handled(start(), 0, handled(link, sent()), Some(&mailbox(address)), vec![]).await;
        assert!(noted.expect("noted").is_some());
    }
    journal.end_trial(start(), ended(5), start()).await.expect("ended");
    let noted =
        journal.handled(start(), 0, handled(5, withheld), Some(&mailbox("a@example.net")), vec![]).await;
    assert!(noted.expect("noted").is_some());
    let count = |at| {
        let to = mailbox("a@example.net");
        let reader = journal.reader();
        async move { reader.mailed(&to, at).await }
    };
    assert_eq!(count(after(start(), 86_399)).await, Ok(Mailed { address: 2, domain: 3, all: 4 }));
    assert_eq!(count(after(start(), 86_401)).await, Ok(Mailed::default()));
}

#[test]
fn a_maildir_keeps_nothing_of_what_it_could_not_deliver() {
    let folder = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(folder.path()).expect("made");
    std::fs::remove_dir(folder.path().join("new")).expect("empty");
    maildir.deliver("1.trial.host", b"lost").expect_err("there is no `new`");
    assert_eq!(std::fs::read_dir(folder.path().join("tmp")).expect("there").count(), 0);
}

#[test]
fn a_maildir_takes_a_name_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(folder.path().join("mail")).expect("made");
    let path = maildir.deliver("1.trial.host", b"first").expect("delivered");
    assert_eq!(path, folder.path().join("mail/new/1.trial.host"));
    assert_eq!(maildir.deliver("1.trial.host", b"second").expect("is there"), path);
    let seen = folder.path().join("mail/cur/1.trial.host:2,S");
    std::fs::rename(&path, &seen).expect("a reader moves it");
    assert_eq!(maildir.deliver("1.trial.host", b"third").expect("is there"), seen);
    assert_eq!(std::fs::read(&seen).expect("reads"), b"first");
    assert!(std::fs::read_dir(folder.path().join("mail/tmp")).expect("a folder").next().is_none());
    for name in ["", ".hidden", "../escape", "a/b", "a:2,S"] {
        assert!(maildir.deliver(name, b"").is_err(), "{name}");
    }
}

const CHILD_FOLDER: &str = "MAILASSAY_TEST_JOURNAL_FOLDER";

/// What the process does that `kill_9_loses_nothing_acknowledged` kills: it prints the links whose fact was
/// acknowledged, after the acknowledgement.
async fn write_until_killed(folder: &Path) {
    let (journal, _told) = open(settings(folder)).await;
    let journal = Arc::new(journal);
    let writers = (0..8_u64).map(|writer| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            for n in 0.. {
                let link = writer << 32 | n;
                journal.note(start(), queried("et.example.org"));
                journal.commit(start(), irregular(link)).await.expect("noted");
                println!("acknowledged {link}");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("never ends");
    }
}

/// The test starts itself as the process that it kills.
#[tokio::test]
async fn kill_9_loses_nothing_acknowledged() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        return write_until_killed(Path::new(&folder)).await;
    }
    for lines in [1, 40, 300] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "journal::kill_9_loses_nothing_acknowledged", "--nocapture"])
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts itself");
        let mut output = BufReader::new(child.stdout.take().expect("piped")).lines();
        let link = |line: String| line.split_once("acknowledged ")?.1.parse::<u64>().ok();
        let mut acknowledged: Vec<u64> =
            output.by_ref().map_while(Result::ok).filter_map(link).take(lines).collect();
        child.kill().expect("killed with SIGKILL");
        child.wait().expect("gone");
        acknowledged.extend(output.map_while(Result::ok).filter_map(link));
        assert!(acknowledged.len() >= lines);

        let (_journal, told) = open(settings(folder.path())).await;
        let stored: std::collections::HashSet<_> =
            told.facts().iter().filter_map(Fact::link).map(|link| link.0).collect();
        let lost: Vec<_> = acknowledged.iter().filter(|link| !stored.contains(link)).collect();
        assert!(lost.is_empty(), "lost of {}: {lost:?}", acknowledged.len());
    }
}

async fn a_scan_hastens_its_verdict_and_is_read_when_it_is_wanted(place: Place) {
    let (journal, told) = open(place.settings()).await;
    let due = after(start(), 180);
    for link in [1, 2] {
        journal.end_trial(start(), ended(link), due).await.expect("ended");
    }
    let (from, to) = (start(), after(start(), 20));
    let evidence = Evidence::not_gathered("example.net", "mx.test.example", from);
    let scanned = Scanned { trial: trial(1), domain: evidence.domain.clone(), from, to, evidence };
    let seq = journal.scanned(to, scanned.clone(), to).await.expect("noted");
    assert_eq!(told.facts().last(), Some(&Fact::Scanned(Box::new(scanned.clone()))));
    let due_of = async |link| {
        let entry = journal.reader().outbox_entry(&trial(link)).await.expect("read");
        entry.map(|entry| entry.next_attempt_at)
    };
    assert_eq!((due_of(1).await, due_of(2).await), (Some(to), Some(due)), "its own verdict alone");
    // A verdict that went out, or is put off, keeps its time.
    let claimed = journal.claim_due(to).await.expect("claimed").expect("due");
    let claim = claimed.attempts;
    journal.retry_at(to, &claimed.trial, claim, after(due, 60), "no route").await.expect("put off");
    journal.scanned(to, scanned.clone(), to).await.expect("noted");
    assert_eq!(due_of(1).await, Some(after(due, 60)));

    let read = journal.reader().evidence(seq).await.expect("read");
    assert_eq!(read, Some(scanned.evidence));
    assert_eq!(journal.reader().evidence(Seq(1)).await, Ok(None), "no scan is there");
    journal.close().await;
}

/// Panics at a fact of one link.
struct Panics(u64);

impl Subscriber for Panics {
    fn committed(&self, observation: &Observation) {
        assert_ne!(observation.fact.link(), Some(LinkId(self.0)), "a test");
    }
}

async fn a_follower_that_panics_loses_no_commit(place: Place) {
    let opened = Opened::open(place.settings(), || SECRET).await.expect("opens");
    let told = Arc::new(Told::default());
    let journal = opened.start(vec![Arc::new(Panics(2)), told.clone()]).await.expect("starts");
    journal.commit(start(), irregular(1)).await.expect("noted");
    assert_eq!(journal.trouble(), None);
    let lasting = journal.lasting_trouble();
    assert_eq!(
        journal.commit(start(), irregular(2)).await,
        Ok(Seq(2)),
        "it is on disk, and its answer goes out"
    );
    assert_eq!(lasting.await, Trouble::SubscriberPanicked);
    assert_eq!(journal.trouble(), Some(Trouble::SubscriberPanicked));
    assert_eq!(journal.commit(start(), irregular(3)).await, Ok(Seq(3)), "and so is what comes after it");
    assert_eq!(told.facts(), [irregular(1)], "what cannot be trusted is told nothing more");
    journal.close().await;
    drop(journal);
    let (_journal, told) = open(place.settings()).await;
    assert_eq!(told.facts(), [irregular(1), irregular(2), irregular(3)]);
}

async fn a_claim_is_over_after_its_time(place: Place) {
    let (journal, _told) = open(place.settings()).await;
    journal.end_trial(start(), ended(1), start()).await.expect("ended");
    // A file's claims go by the time that whoever asks says, a server's by its own.
    let mut now = start();
    let mut pass = async |seconds: i64| {
        now = now.checked_add(jiff::SignedDuration::from_secs(seconds)).expect("a time");
        place.pass(seconds).await;
        now
    };
    let claim = async |at| {
        let is_due = journal.reader().is_due(at).await.expect("reads");
        let claimed = journal.claim_due_for(at, 60).await.expect("works");
        assert_eq!(is_due, claimed.is_some());
        claimed.map(|claimed| (claimed.attempts, claimed.was_claimed))
    };
    assert_eq!(claim(start()).await, Some((1, false)));
    assert_eq!(claim(pass(50).await).await, None);
    assert_eq!(claim(pass(10).await).await, Some((2, true)), "its worker died");
    // A clock that goes back a little is no reason to think so; one that goes back far would make it last for days.
    assert_eq!(claim(pass(-20).await).await, None);
    let day_before = pass(-86_400).await;
    assert_eq!(claim(day_before).await, Some((3, true)), "the clock was set back");
    let put_back = journal.retry_at(day_before, &trial(1), 3, start(), "the disk was slow").await;
    assert_eq!(put_back, Ok(true));
    assert_eq!(claim(day_before).await, None, "it waits for its time");
}

async fn a_clock_that_is_set_back_stops_nothing(place: Place) {
    let settings = Settings { queue_facts: 8, ..place.settings() };
    let (journal, told) = open(settings).await;
    let day_before = mailassay::shared::time::before(start(), 86_400);
    for at in [start(), day_before] {
        // No await in between: the writer, on the same thread, cannot take anything out.
        (0..100).for_each(|_| journal.note(at, queried("et.example.org")));
        journal.commit(at, irregular(1)).await.expect("noted");
        let lost = Fact::QueriesLost(QueriesLost { network: None, until: at, why: Lost::Dropped });
        assert!(told.facts().contains(&lost), "what was dropped is told at once");
    }
}

async fn what_nobody_waits_for_is_held_back_while_the_disk_is_full_and_written_first(place: Place) {
    let settings = Settings { size_mib: 1, retention_days: 1, ..place.settings() };
    let (journal, told) = open(settings).await;
    while journal.commit(start(), greeted(1)).await.is_ok() {}
    assert!(matches!(journal.trouble(), Some(Trouble::NotWritten(_))), "{:?}", journal.trouble());
    let before = told.facts().len();
    // Of one link each, so that their order shows; too long to be written in what is left.
    let fetched = |path: &str| {
        Fact::PolicyFetched(mailassay::sending::history::PolicyFetched {
            source: "192.0.2.1:1234".parse().expect("an address"),
            sni: None,
            path: Some(format!("{path}{}", "x".repeat(20_000))),
            status: None,
            user_agent: None,
            alert: None,
        })
    };
    journal.note(start(), fetched("/first"));
    journal.note(start(), fetched("/second"));
    journal.commit(start(), fetched("/third")).await.expect_err("the disk is full");
    assert_eq!((told.facts().len(), journal.dropped_facts()), (before, 0));
    journal.expire(after(start(), 20 * 86_400)).await.expect("room is made");
    journal.commit(start(), fetched("/last")).await.expect("noted again");
    assert_eq!(journal.trouble(), None);
    let facts = told.facts();
    assert_eq!(facts[before..], [fetched("/first"), fetched("/second"), fetched("/last")]);
}

async fn archived_trials_go_as_a_whole(place: Place) {
    let settings = Settings { retention_days: 10, ..place.settings() };
    let projection = || {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let (pace, limits) = (Pace::default(), Limits::default());
        Arc::new(Trials::new(Attribution::new(Arc::new(catalogue), pace, limits, SECRET.to_vec())))
    };
    let trials = projection();
    let opened = Opened::open(settings.clone(), || SECRET).await.expect("opens");
    let journal = opened.start(vec![trials.clone()]).await.expect("starts");
    trials.begin();
    let hour = |hours: u32| after(start(), hours * 3_600);
    let day = |days: u32, hours: u32| hour(24 * days + hours);
    for (link, at) in [(1, hour(0)), (2, hour(7))] {
        let (source, local) =
            ("192.0.2.1:4000".parse().expect("an address"), "198.51.100.1:25".parse().expect("one"));
        let id = LinkId(link);
        journal.note(at, Fact::LinkOpened { link: id, source, local, persona: None, entrance: None });
        let message =
            MessageFacts { message_id: Some("1@example.net".to_owned()), ..MessageFacts::default() };
        let recipients = vec![Recipient { case: "et".into(), language: Language::En, label: None }];
        let ending = Ending::Complete(Box::new(message));
        let received = Received { recipients, ending, began: at, ..received(link, "jane@example.net") };
        journal.receive(at, received, None).await.expect("noted");
        let closed = LinkClosed { link: id, by: Party::Sender, quit: true, alert: None };
        journal.commit(at, Fact::LinkClosed(closed)).await.expect("noted");
    }
    journal.end_trial(hour(8), ended(1), hour(8)).await.expect("ended");
    journal.claim_due(hour(8)).await.expect("works").expect("due");
    let withheld = VerdictDelivery::Withheld { reason: "not-vouched".to_owned() };
    journal.handled(hour(8), 1, handled(1, withheld), None, vec![]).await.expect("noted");
    // What belongs to no trial goes by its age alone.
    journal.commit(hour(8), irregular(9)).await.expect("noted");
    trials.put_away(&journal, hour(25)).await.expect("put away");
    assert!(trials.in_memory().is_empty());
    let links = async |trials: &Trials, journal: &Journal| {
        let told = trials.read(&trial(1), journal.reader()).await.expect("reads")?;
        Some(told.links.iter().map(|attributed| attributed.link.transactions.len()).collect::<Vec<_>>())
    };
    assert_eq!(links(&trials, &journal).await, Some(vec![1, 1]));
    let delivery = trials.past_delivery(&trial(1), journal.reader()).await.expect("reads");
    assert_eq!(delivery, Some(VerdictDelivery::Withheld { reason: "not-vouched".to_owned() }));
    let other = trials.past_delivery(&trial(2), journal.reader()).await;
    assert_eq!(other, Ok(None), "no such trial was put away");

    // Its first mail is older than anything is kept, and its end is not.
    trials.put_away(&journal, day(10, 4)).await.expect("nothing to do");
    journal.expire(day(10, 4)).await.expect("expired");
    assert_eq!(links(&trials, &journal).await, Some(vec![1, 1]), "never half a trial");
    journal.close().await;
    drop(journal);
    let trials = projection();
    let opened = Opened::open(settings, || SECRET).await.expect("opens");
    let told = Arc::new(Told::default());
    let journal = opened.start(vec![trials.clone(), told.clone()]).await.expect("starts");
    trials.begin();
    assert!(trials.in_memory().is_empty(), "no ghost of it comes back");
    journal.expire(day(10, 9)).await.expect("expired");
    assert_eq!(links(&trials, &journal).await, None);
    let left = Told::default();
    journal.reader().replay(&left).await.expect("reads");
    assert_eq!(left.facts(), [irregular(9)], "of the trial nothing is left");
    trials.put_away(&journal, day(12, 0)).await.expect("nothing to do");
    journal.expire(day(12, 0)).await.expect("expired");
    let left = Told::default();
    journal.reader().replay(&left).await.expect("reads");
    assert_eq!(left.facts(), []);
}

#[tokio::test]
async fn a_damaged_journal_ends_the_service_and_the_next_start_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, _told) = open(settings(folder.path())).await;
    journal.commit(start(), irregular(1)).await.expect("noted");
    let lasting = journal.lasting_trouble();
    let damage = "PRAGMA writable_schema = ON; \
                  UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'observations'; PRAGMA schema_version = 99";
    database(&folder.path().join("journal.sqlite"), damage).await;
    journal.commit(start(), irregular(2)).await.expect_err("it cannot be written");
    let Trouble::Damaged(told) = lasting.await else { panic!("it does not pass by itself") };
    assert!(told.contains("restore it from a backup"), "{told}");
    journal.close().await;
    drop(journal);
    let opened = Opened::open(settings(folder.path()), || SECRET).await;
    let told = match opened {
        Ok(opened) => opened.start(Vec::new()).await.err().expect("refused").to_string(),
        Err(error) => error.to_string(),
    };
    assert!(told.contains("journal.sqlite") && told.contains("restore it from a backup"), "{told}");
}
