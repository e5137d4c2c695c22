//! The verdict mail: its form, whether it goes out, and that it goes out once.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use mail_parser::MimeHeaders;
use mailassay::program::archive::Archive;
use mailassay::program::reply::{
    Decision, DeliveryWay, Direct, HandOverError, SecondPart, SecondParts, Settings, Smarthost, Tools,
    Trials, VerdictMail, Withheld, Worker, compose, decide,
};
use mailassay::program::report::{self, Account};
use mailassay::program::rights::{Objections, Way};
use mailassay::receiving::report::Half;
use mailassay::sending::history::{Ending, History, NoReply, NotRecorded, TrialEnd, TrialEnded};
use mailassay::sending::journal::{Journal, Opened, OutboxState};
use mailassay::sending::persona::Catalogue;
use mailassay::sending::trial::{LinkId, Pace, TrialId};
use mailassay::shared::mailauth::DkimKey;
use mailassay::shared::text::{Language, Page};
use mailassay::shared::time::{Timestamp, after};
use mailassay::shared::tls::accept;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::reports::cases::CASES;
use super::reports::world::{World, at};

fn world(case: &str) -> World {
    CASES.iter().find(|(name, _)| *name == case).expect("the case is there").1()
}

fn letter<'a>(world: &'a World, in_reply_to: Option<&'a str>) -> VerdictMail<'a> {
    VerdictMail {
        from: "verdict@example.org",
        to: Some("joachim@example.net"),
        origin: "example.org",
        trial: &world.history.id,
        in_reply_to,
        reply_to: &[],
        objection: Some("https://example.org/objection/abc"),
        now: at("23:59:59"),
    }
}

fn page(world: &World) -> Page {
    let World { catalogue, history, verdict, cases, pace, .. } = world;
    let account = Account {
        catalogue,
        history,
        verdict,
        cases,
        pace,
        receiving: Half::NotScanned,
        now: at("23:59:59"),
    };
    Page::new(account, Language::De, &report::Settings::default())
}

#[test]
fn the_mail_is_an_answer_of_a_program() {
    let world = world("dane");
    let mail = compose(&page(&world), "{}\n", &letter(&world, Some("1@example.net"))).unwrap();
    assert_eq!(mail, compose(&page(&world), "{}\n", &letter(&world, Some("1@example.net"))).unwrap());
    let text = String::from_utf8(mail.clone()).unwrap();
    for line in [
        "From: Mailassay <verdict@example.org>",
        "To: joachim@example.net",
        "Date: Sat, 21 Nov 2026 23:59:59 +0000",
        "Auto-Submitted: auto-replied",
        "X-Mailassay-Loop: example.org",
        "In-Reply-To: <1@example.net>",
        "References: <1@example.net>",
        "Content-Language: de",
        "List-Unsubscribe: <https://example.org/objection/abc>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "MIME-Version: 1.0",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} in {}", &text[..1200]);
    }
    assert!(!text.split("\r\n\r\n").next().unwrap().contains(world.history.id.as_str()));
    let parsed = mail_parser::MessageParser::default().parse(&mail).unwrap();
    assert!(parsed.subject().unwrap().starts_with("example.net: DANE schützt die Mail"));
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), page(&world).text().trim_end());
    assert!(parsed.body_html(0).unwrap().contains("</html>"));
    let attached = parsed.attachment(0).unwrap();
    assert_eq!((attached.attachment_name(), attached.contents()), (Some("verdict.json"), &b"{}\r\n"[..]));
    // What is too large is on the page all the same.
    let large = compose(&page(&world), &"1".repeat(1_000_001), &letter(&world, None)).unwrap();
    assert_eq!(mail_parser::MessageParser::default().parse(&large).unwrap().attachment_count(), 0);
    assert!(text.split("\r\n").all(|line| line.len() <= 998 && line.is_ascii()));
}

#[test]
fn nothing_that_a_sender_wrote_becomes_a_field() {
    let world = world("hostile");
    let mail = compose(&page(&world), "{}\n", &letter(&world, Some("a@b>\r\nBcc: <x@y"))).unwrap();
    let text = String::from_utf8(mail).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("In-Reply-To") && !head.contains("Bcc") && !head.contains("script"), "{head}");
    for to in ["a@b\r\nBcc: x@y", "", "ä@example.net", "a b@example.net"] {
        assert!(
            compose(&page(&world), "{}\n", &VerdictMail { to: Some(to), ..letter(&world, None) }).is_err(),
            "{to:?}"
        );
    }
}

/// Changes every message of a history.
fn with_messages(
    mut history: History,
    change: impl Fn(&mut mailassay::sending::history::MessageFacts),
) -> History {
    for attributed in &mut history.links {
        for (_, received) in &mut Arc::make_mut(&mut attributed.link).transactions {
            if let Ending::Complete(message) = &mut received.ending {
                change(message);
            }
        }
    }
    history
}

#[test]
fn who_is_not_vouched_for_or_wants_no_answer_gets_none() {
    let history = world("dane").history;
    assert!(matches!(decide(&history), Decision::Mail { .. }));
    let not_vouched = with_messages(history.clone(), |message| message.authentication.vouched = false);
    assert_eq!(decide(&not_vouched), Decision::Withhold(Withheld::NotVouched));
    let list = with_messages(history.clone(), |message| message.no_reply = Some(NoReply::List));
    assert_eq!(decide(&list), Decision::Withhold(Withheld::NoReply(NoReply::List)));
    // Who forges the reverse-path of another's test cannot take the answer from them.
    let first = std::cell::Cell::new(true);
    let forged = with_messages(history.clone(), |message| {
        if !first.replace(false) {
            message.authentication.vouched = false;
            message.no_reply = Some(NoReply::AutoSubmitted);
        }
    });
    assert!(matches!(decide(&forged), Decision::Mail { .. }));
    let nobody = with_messages(forged, |message| message.authentication.vouched = false);
    assert_eq!(decide(&nobody), Decision::Withhold(Withheld::NoReply(NoReply::AutoSubmitted)));
    let nothing = History { links: Vec::new(), ..history };
    assert_eq!(decide(&nothing), Decision::Withhold(Withheld::NoMail));
}

/// The trials of a test, all with the history of the same world under identities of their own.
struct Known(History);

impl Trials for Known {
    fn history(&self, trial: &TrialId) -> Option<History> {
        Some(History { id: trial.clone(), ..self.0.clone() })
    }
}

/// Offers two cases, one of them by the name that everybody shares.
struct TwoCases;

impl SecondParts for TwoCases {
    fn second_part<'a>(
        &'a self,
        _: Timestamp,
        trial: &'a TrialId,
        language: Language,
    ) -> Pin<Box<dyn Future<Output = Result<Option<SecondPart>, NotRecorded>> + Send + 'a>> {
        let label = trial.second_part(b"a secret");
        let tag = language.tag();
        let addresses =
            vec![format!("{tag}@{label}.none.example.org"), format!("{tag}@sts-unlisted.example.org")];
        Box::pin(async { Ok(Some(SecondPart { addresses, shared: true })) })
    }
}

struct Rig {
    journal: Arc<Journal>,
    worker: Worker,
    folder: tempfile::TempDir,
    clock: Arc<Mutex<Timestamp>>,
}

fn trial(number: u64) -> TrialId {
    TrialId::new(b"a test", LinkId(number), 0)
}

async fn journal(folder: &Path) -> Arc<Journal> {
    let settings =
        mailassay::sending::journal::Settings { path: folder.join("journal"), ..Default::default() };
    Arc::new(Opened::open(settings, || [7; 32]).await.unwrap().start(Vec::new()).await.unwrap())
}

/// Those in the archive of the site.
async fn objections(folder: &Path) -> Arc<Objections> {
    let archive = Arc::new(Archive::open(&folder.join("site")).await.unwrap());
    Arc::new(Objections::new(archive, [7; 32], "https://example.org".to_owned()))
}

async fn worker(
    folder: &Path,
    journal: &Arc<Journal>,
    clock: &Arc<Mutex<Timestamp>>,
    history: History,
    settings: Settings,
    direct: Option<Arc<dyn Direct>>,
) -> Worker {
    asking(Arc::new(TwoCases), folder, journal, clock, history, settings, direct).await
}

/// The same, which asks somebody else for second parts.
async fn asking(
    second_parts: Arc<dyn SecondParts>,
    folder: &Path,
    journal: &Arc<Journal>,
    clock: &Arc<Mutex<Timestamp>>,
    history: History,
    settings: Settings,
    direct: Option<Arc<dyn Direct>>,
) -> Worker {
    let catalogue: Catalogue = world("dane").catalogue;
    let clock = Arc::clone(clock);
    let tools = Tools {
        catalogue: Arc::new(catalogue),
        pace: Pace::default(),
        report: report::Settings::default(),
        journal: Arc::clone(journal),
        trials: Arc::new(Known(history)),
        objections: objections(folder).await,
        second_parts,
        key: Arc::new(DkimKey::open(&folder.join("dkim.pem"), "example.org", "m1").unwrap()),
        direct,
        clock: Arc::new(move || *clock.lock().unwrap()),
    };
    Worker::new(settings, tools).unwrap()
}

fn maildir(folder: &Path) -> Settings {
    Settings { maildir: folder.join("mail"), ..Settings::default() }
}

fn mx(_: &Path) -> Settings {
    Settings { delivery: DeliveryWay::Mx, ..Settings::default() }
}

impl Rig {
    /// One trial with `history` that has ended, and a worker that delivers as `settings` say.
    async fn new(
        history: History,
        settings: impl FnOnce(&Path) -> Settings,
        direct: Option<Arc<dyn Direct>>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(folder.path()).await;
        let clock = Arc::new(Mutex::new(at("23:00:00")));
        let settings = settings(folder.path());
        let worker = worker(folder.path(), &journal, &clock, history.clone(), settings, direct).await;
        for (_, _, received) in history.transactions() {
            let address = Some("joachim@example.net".to_owned());
            journal.receive(at("22:50:00"), received.clone(), address).await.unwrap();
        }
        let rig = Self { journal, worker, folder, clock };
        rig.end(trial(1)).await;
        rig
    }

    async fn end(&self, trial: TrialId) {
        let ended = TrialEnded { trial, end: TrialEnd::Settled };
        self.journal.end_trial(at("22:59:00"), ended, at("22:59:00")).await.unwrap();
    }

    fn mails(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.folder.path().join("mail/new")).unwrap();
        folder.map(|entry| entry.unwrap().path()).collect()
    }

    async fn state(&self, trial: &TrialId) -> OutboxState {
        self.journal.reader().outbox_entry(trial).await.unwrap().unwrap().state
    }
}

/// An answer to the verdict of the classic suite begins the second part; one to that of cases begins nothing.
#[tokio::test]
async fn an_answer_to_the_first_verdict_begins_the_second_part() {
    for (case, invites) in [("dane", true), ("cases-first", false), ("cases-and-classic", false)] {
        let rig = Rig::new(world(case).history, maildir, None).await;
        assert!(rig.worker.step().await.unwrap());
        let mail = std::fs::read(&rig.mails()[0]).unwrap();
        let parsed = mail_parser::MessageParser::default().parse(&mail).unwrap();
        let reply_to: Vec<String> = parsed
            .reply_to()
            .into_iter()
            .flat_map(|list| list.iter())
            .filter_map(|one| one.address().map(str::to_owned))
            .collect();
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n").replace('\n', " ");
        assert_eq!(text.contains("Answer this mail, and the second part begins."), invites, "{case}");
        assert_eq!(text.contains("names are used that everybody shares"), invites, "{case}");
        if !invites {
            assert!(reply_to.is_empty(), "{reply_to:?}");
            continue;
        }
        let label = trial(1).second_part(b"a secret");
        assert_eq!(
            reply_to,
            [format!("en@{label}.none.example.org"), "en@sts-unlisted.example.org".to_owned()]
        );
        let head = String::from_utf8_lossy(&mail);
        let signature = head.split("\r\n\r\n").next().unwrap().replace("\r\n", " ");
        assert!(signature.to_ascii_lowercase().contains("reply-to"), "it is signed: {signature}");
        // It is told before what is for administrators.
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
        assert!(place("THE SECOND PART") < place("For whoever runs your mail server"), "{text}");
    }
}

#[tokio::test]
async fn a_verdict_goes_out_once_and_the_address_is_forgotten() {
    let history = world("dane").history;
    let address = history.reverse_paths()[0].id.clone();
    let rig = Rig::new(history, maildir, None).await;
    assert!(rig.journal.address(&address).await.unwrap().is_some());
    assert!(rig.worker.step().await.unwrap());
    assert!(!rig.worker.step().await.unwrap());
    let mails = rig.mails();
    assert_eq!(mails.len(), 1);
    let mail = std::fs::read_to_string(&mails[0]).unwrap();
    assert!(mail.starts_with("DKIM-Signature: v=1; a=rsa-sha256;"), "{}", &mail[..200]);
    assert_eq!(rig.state(&trial(1)).await, OutboxState::Done);
    assert_eq!(rig.journal.address(&address).await.unwrap(), None);
}

#[tokio::test]
async fn a_crash_after_the_hand_over_does_not_repeat_it() {
    let history = world("dane").history;
    let rig = Rig::new(history.clone(), maildir, None).await;
    rig.worker.step().await.unwrap();
    // As if the service had died between the hand-over and its note: claimed, delivered, not handled.
    rig.end(trial(2)).await;
    let name = format!("{}.verdict", trial(2));
    std::fs::write(rig.folder.path().join("mail/new").join(name), "delivered before the crash").unwrap();
    rig.journal.claim_due(at("23:00:00")).await.unwrap().unwrap();
    rig.journal.close().await;
    let Rig { folder, clock, journal: old, worker: old_worker } = rig;
    drop((old, old_worker));
    let journal = journal(folder.path()).await;
    for (_, _, received) in history.transactions() {
        journal.receive(at("22:50:00"), received.clone(), Some("j@example.net".to_owned())).await.unwrap();
    }
    let settings = maildir(folder.path());
    let worker = worker(folder.path(), &journal, &clock, history, settings, None).await;
    let rig = Rig { journal, worker, folder, clock };
    assert!(rig.worker.step().await.unwrap());
    assert_eq!(rig.mails().len(), 2);
    assert_eq!(rig.state(&trial(2)).await, OutboxState::Done);
}

#[tokio::test]
async fn an_address_gets_three_a_day() {
    let history = world("dane").history;
    let rig = Rig::new(history.clone(), maildir, None).await;
    for number in 1..=4 {
        if number > 1 {
            for (_, _, received) in history.transactions() {
                let address = Some("joachim@example.net".to_owned());
                rig.journal.receive(at("22:50:00"), received.clone(), address).await.unwrap();
            }
            rig.end(trial(number)).await;
        }
        assert!(rig.worker.step().await.unwrap());
    }
    assert_eq!(rig.mails().len(), 3);
    assert_eq!(rig.state(&trial(4)).await, OutboxState::Done);
}

#[tokio::test]
async fn nobody_who_is_not_vouched_for_is_written_to() {
    let history = with_messages(world("dane").history, |message| message.authentication.vouched = false);
    let rig = Rig::new(history, maildir, None).await;
    assert!(rig.worker.step().await.unwrap());
    assert!(rig.mails().is_empty());
}

#[tokio::test]
async fn whoever_objected_is_not_written_to_and_nothing_failed() {
    for subject in ["Joachim@example.net", "example.net"] {
        let rig = Rig::new(world("dane").history, maildir, None).await;
        let objections = objections(rig.folder.path()).await;
        objections.keep(at("22:00:00"), &subject.parse().unwrap(), Way::Operator).await.unwrap();
        assert!(rig.worker.step().await.unwrap());
        assert!(rig.mails().is_empty(), "{subject}");
        assert_eq!(rig.state(&trial(1)).await, OutboxState::Done, "{subject}");
    }
    // What others object to is nothing to this address.
    let rig = Rig::new(world("dane").history, maildir, None).await;
    let objections = objections(rig.folder.path()).await;
    for other in ["j@example.net", "mail.example.net", "joachim@example.org"] {
        objections.keep(at("22:00:00"), &other.parse().unwrap(), Way::Operator).await.unwrap();
    }
    assert!(rig.worker.step().await.unwrap());
    assert_eq!(rig.mails().len(), 1);
}

/// RFC 8058 §4: what a mail program objects by is signed, and leads to the page of this address.
#[tokio::test]
async fn the_link_to_object_is_signed_and_says_nothing_of_the_address() {
    let rig = Rig::new(world("dane").history, maildir, None).await;
    assert!(rig.worker.step().await.unwrap());
    let mail = std::fs::read_to_string(&rig.mails()[0]).unwrap();
    let (signature, rest) = mail.split_once("From: ").unwrap();
    let signed: String = signature.chars().filter(|c| !c.is_whitespace()).collect();
    let signed = signed.split(";h=").nth(1).and_then(|fields| fields.split(';').next()).unwrap();
    let signed: Vec<&str> = signed.split(':').collect();
    for field in ["List-Unsubscribe", "List-Unsubscribe-Post"] {
        assert!(signed.contains(&field), "{signed:?}");
    }
    let objections = objections(rig.folder.path()).await;
    let token = objections.token("joachim@example.net").to_string();
    let page = format!("https://example.org/objection/{token}");
    assert!(rest.contains(&format!("List-Unsubscribe: <{page}>\r\n")), "{}", &rest[..2000]);
    assert!(rest.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert!(parsed.body_text(0).unwrap().contains(&page));
    assert!(parsed.body_html(0).unwrap().contains(&format!("<a href=\"{page}\">")));
    assert!(!token.contains("joachim") && token != objections.token("j@example.net").to_string());
}

/// Answers with what it is told to, in order.
struct Scripted(Mutex<Vec<Result<(), HandOverError>>>);

impl Direct for Scripted {
    fn deliver<'a>(
        &'a self,
        _: Timestamp,
        to: &'a str,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>> {
        assert_eq!(to, "joachim@example.net");
        assert!(message.starts_with(b"DKIM-Signature:"));
        Box::pin(async { self.0.lock().unwrap().remove(0) })
    }
}

fn failure(lasting: bool) -> Result<(), HandOverError> {
    Err(HandOverError { lasting, reason: "451 4.3.0 not now".to_owned() })
}

#[tokio::test]
async fn what_fails_is_tried_again_later() {
    let direct = Arc::new(Scripted(Mutex::new(vec![failure(false), failure(false), Ok(())])));
    let rig = Rig::new(world("dane").history, mx, Some(direct.clone())).await;
    assert!(rig.worker.step().await.unwrap());
    assert_eq!(rig.state(&trial(1)).await, OutboxState::Pending);
    assert!(!rig.worker.step().await.unwrap(), "not before its time");
    for wait_s in [60, 120] {
        let now = after(*rig.clock.lock().unwrap(), wait_s);
        *rig.clock.lock().unwrap() = now;
        assert!(rig.worker.step().await.unwrap());
    }
    assert_eq!(rig.state(&trial(1)).await, OutboxState::Done);
    assert!(direct.0.lock().unwrap().is_empty());
}

/// Holds every hand-over until all of them have begun.
struct Together(tokio::sync::Barrier, Mutex<usize>);

impl Direct for Together {
    fn deliver<'a>(
        &'a self,
        _: Timestamp,
        _: &'a str,
        _: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>> {
        Box::pin(async {
            self.0.wait().await;
            *self.1.lock().unwrap() += 1;
            Ok(())
        })
    }
}

#[tokio::test]
async fn hand_overs_go_on_together_and_count_for_the_limits_at_once() {
    let history = world("dane").history;
    let direct = Arc::new(Together(tokio::sync::Barrier::new(3), Mutex::default()));
    let rig = Rig::new(history, mx, Some(direct.clone())).await;
    for number in 2..=5 {
        rig.end(trial(number)).await;
    }
    let (worker, stop) = (Arc::new(rig.worker), CancellationToken::new());
    let running = tokio::spawn(Arc::clone(&worker).run(stop.clone()));
    for number in 1..=5 {
        while rig.journal.reader().outbox_entry(&trial(number)).await.unwrap().unwrap().state
            != OutboxState::Done
        {
            tokio::task::yield_now().await;
        }
    }
    stop.cancel();
    running.await.unwrap();
    assert_eq!(*direct.1.lock().unwrap(), 3, "an address gets three a day, and two are withheld");
}

#[tokio::test]
async fn what_cannot_be_delivered_is_given_up() {
    for (answer, at_once) in [(failure(true), true), (failure(false), false)] {
        let direct = Arc::new(Scripted(Mutex::new(vec![answer])));
        let rig = Rig::new(world("dane").history, mx, Some(direct)).await;
        if !at_once {
            *rig.clock.lock().unwrap() = after(at("22:59:00"), 432_000);
        }
        assert!(rig.worker.step().await.unwrap());
        assert_eq!(rig.state(&trial(1)).await, OutboxState::Failed);
    }
}

/// A smarthost with a certificate for `name` that takes one mail in TLS from the first octet, with what it was told
/// and its root as PEM.
async fn smarthost(name: &str) -> (u16, String, tokio::task::JoinHandle<Option<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let certified = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (_, stream) = accept(stream, 10, |_| Arc::new(config)).await.outcome.ok()?;
        let (mut said, mut in_data) = (String::new(), false);
        let mut stream = BufReader::new(stream);
        // A sender that refuses the certificate in TLS 1.3 may leave here.
        stream.get_mut().write_all(b"220 smarthost\r\n").await.ok()?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return (!said.is_empty()).then_some(said);
            }
            said += &line;
            let answer: &[u8] = match line.trim_end() {
                "DATA" => b"354 go\r\n",
                "." if in_data => b"250 taken\r\n",
                _ if in_data => continue,
                "QUIT" => return Some(said),
                _ => b"250 fine\r\n",
            };
            in_data = line.trim_end() == "DATA";
            stream.get_mut().write_all(answer).await.ok()?;
        }
    });
    (port, certified.cert.pem(), task)
}

/// What a smarthost with a certificate for `name` was told, and what became of the verdict.
async fn through_smarthost(name: &str, trusted: bool) -> (Option<String>, OutboxState) {
    let (port, root, task) = smarthost(name).await;
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, root).unwrap();
    let roots = trusted.then_some(roots);
    let smarthost = Smarthost { host: "localhost".to_owned(), port, roots, ..Smarthost::default() };
    let settings = Settings { delivery: DeliveryWay::Smarthost, smarthost, ..Settings::default() };
    let rig = Rig::new(world("dane").history, |_| settings, None).await;
    assert!(rig.worker.step().await.unwrap());
    let state = rig.state(&trial(1)).await;
    (task.await.unwrap(), state)
}

#[tokio::test]
async fn a_smarthost_gets_it_with_the_null_reverse_path() {
    let (said, state) = through_smarthost("localhost", true).await;
    let said = said.expect("it was talked to");
    assert_eq!(state, OutboxState::Done);
    assert!(said.contains("MAIL FROM:<>") && said.contains("RCPT TO:<joachim@example.net>"), "{said}");
    assert!(
        said.contains("\nDKIM-Signature: v=1;") && said.contains("Auto-Submitted: auto-replied"),
        "{said}"
    );
}

#[tokio::test]
async fn a_smarthost_with_another_certificate_gets_nothing() {
    for (name, trusted) in [("localhost", false), ("mail.example.com", true)] {
        let (said, state) = through_smarthost(name, trusted).await;
        assert_eq!((said, state), (None, OutboxState::Pending), "{name} {trusted}");
    }
}

#[tokio::test]
async fn a_claim_whose_worker_died_is_taken_up_and_sent_once() {
    let rig = Rig::new(world("dane").history, maildir, None).await;
    let now = *rig.clock.lock().unwrap();
    rig.journal.claim_due_for(now, 900).await.unwrap().expect("due");
    *rig.clock.lock().unwrap() = after(now, 899);
    assert!(!rig.worker.step().await.unwrap(), "somebody works on it");
    *rig.clock.lock().unwrap() = after(now, 900);
    assert!(rig.worker.step().await.unwrap());
    assert!(!rig.worker.step().await.unwrap());
    assert_eq!((rig.mails().len(), rig.state(&trial(1)).await), (1, OutboxState::Done));
}

/// Takes a verdict over while it is being written, as another does after whoever had it stood still.
struct TakesOver {
    journal: Arc<Journal>,
    clock: Arc<Mutex<Timestamp>>,
}

impl SecondParts for TakesOver {
    fn second_part<'a>(
        &'a self,
        now: Timestamp,
        _: &'a TrialId,
        _: Language,
    ) -> Pin<Box<dyn Future<Output = Result<Option<SecondPart>, NotRecorded>> + Send + 'a>> {
        Box::pin(async move {
            let later = after(now, 86_400);
            *self.clock.lock().unwrap() = later;
            let taken = self.journal.claim_due_for(later, 900).await?.expect("its time is over");
            assert_eq!((taken.attempts, taken.was_claimed), (2, true));
            Ok(None)
        })
    }
}

#[tokio::test]
async fn who_lost_its_claim_sends_nothing_and_notes_nothing() {
    let history = world("dane").history;
    let address = history.reverse_paths()[0].id.clone();
    let Rig { journal, worker: first, folder, clock } = Rig::new(history.clone(), maildir, None).await;
    drop(first);
    let other = TakesOver { journal: Arc::clone(&journal), clock: Arc::clone(&clock) };
    let settings = maildir(folder.path());
    let worker = asking(Arc::new(other), folder.path(), &journal, &clock, history, settings, None).await;
    let rig = Rig { journal, worker, folder, clock };
    assert!(rig.worker.step().await.unwrap());
    assert_eq!(rig.mails(), Vec::<PathBuf>::new(), "the other sends it");
    let entry = rig.journal.reader().outbox_entry(&trial(1)).await.unwrap().unwrap();
    assert_eq!((entry.state, entry.attempts, entry.last_error), (OutboxState::Claimed, 2, None));
    assert!(rig.journal.address(&address).await.unwrap().is_some(), "which the other needs");
}

/// Takes as long as it is not told to go on.
#[derive(Default)]
struct Slow {
    begun: tokio::sync::Notify,
    go_on: tokio::sync::Notify,
    calls: Mutex<usize>,
}

impl Direct for Slow {
    fn deliver<'a>(
        &'a self,
        _: Timestamp,
        _: &'a str,
        _: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>> {
        Box::pin(async {
            *self.calls.lock().unwrap() += 1;
            self.begun.notify_one();
            self.go_on.notified().await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn what_is_worked_on_is_not_begun_again() {
    let direct = Arc::new(Slow::default());
    let rig = Rig::new(world("dane").history, mx, Some(direct.clone())).await;
    let Rig { journal, worker, folder: _folder, clock } = rig;
    let worker = Arc::new(worker);
    let slow = Arc::clone(&worker);
    let working = tokio::spawn(async move { slow.step().await });
    direct.begun.notified().await;
    // Its claim is over, and yet it is not dead.
    let now = *clock.lock().unwrap();
    *clock.lock().unwrap() = after(now, 86_400);
    assert!(!worker.step().await.unwrap());
    let entry = journal.reader().outbox_entry(&trial(1)).await.unwrap().unwrap();
    assert_eq!((entry.state, entry.attempts), (OutboxState::Claimed, 2), "the claim is renewed");
    direct.go_on.notify_one();
    assert!(working.await.unwrap().unwrap());
    let entry = journal.reader().outbox_entry(&trial(1)).await.unwrap().unwrap();
    assert_eq!((entry.state, *direct.calls.lock().unwrap()), (OutboxState::Done, 1));
}

#[tokio::test]
async fn what_went_out_and_could_not_be_noted_is_not_sent_again() {
    // A second attempt would find nothing to answer with.
    let direct = Arc::new(Scripted(Mutex::new(vec![Ok(())])));
    let rig = Rig::new(world("dane").history, mx, Some(direct)).await;
    let file = rig.folder.path().join("journal");
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON observations BEGIN SELECT RAISE(ABORT, 'full'); END";
    super::journal::database(&file, refuse).await;
    rig.worker.step().await.expect_err("it cannot be noted");
    assert_eq!(rig.state(&trial(1)).await, OutboxState::Claimed);
    let now = *rig.clock.lock().unwrap();
    *rig.clock.lock().unwrap() = after(now, 86_400);
    rig.worker.step().await.expect_err("still not");
    super::journal::database(&file, "DROP TRIGGER refuse").await;
    assert!(!rig.worker.step().await.unwrap(), "there is nothing to send");
    assert_eq!(rig.state(&trial(1)).await, OutboxState::Done);
}

/// Panics at its first call.
#[derive(Default)]
struct PanicsOnce(std::sync::atomic::AtomicBool);

impl Direct for PanicsOnce {
    fn deliver<'a>(
        &'a self,
        _: Timestamp,
        _: &'a str,
        _: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>> {
        let again = self.0.swap(true, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async move {
            assert!(again, "a test");
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_trial_that_panics_is_given_up_and_takes_no_other_with_it() {
    let rig = Rig::new(world("dane").history, mx, Some(Arc::new(PanicsOnce::default()))).await;
    rig.end(trial(2)).await;
    assert!(rig.worker.step().await.unwrap());
    assert!(rig.worker.step().await.unwrap());
    assert!(!rig.worker.step().await.unwrap(), "neither is tried again");
    let mut states = [rig.state(&trial(1)).await, rig.state(&trial(2)).await];
    states.sort_by_key(|state| *state == OutboxState::Done);
    assert_eq!(states, [OutboxState::Failed, OutboxState::Done]);
}
