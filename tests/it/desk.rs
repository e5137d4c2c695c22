//! The desk with a journal on disk and scripted senders: what is offered, held, acknowledged, and resumed.

mod cases;
mod operator;
mod reports;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mailassay::sending::desk::{
    NotDelivered, Objections, OperatorMail, OperatorMaildir, OperatorMessage, Parts, Settings, TrialDesk,
};
use mailassay::sending::history::{
    Ending, Fact, History, LinkClosed, LinkState, Lost, NotRecorded, Observation, Offer, Phase, QueriesLost,
    Received, Recipient, Recorder, TrialEnd, VerdictDelivery, VerdictHandled, addressee,
};
use mailassay::sending::journal::{Journal, Maildir, Opened, OutboxEntry, Subscriber};
use mailassay::sending::listener::{Contact, Desk, DotReply, Recipients, Spoken, Transaction};
use mailassay::sending::persona::{Catalogue, CatalogueFiles, Entrance};
use mailassay::sending::trial::{LinkId, Pace, TrialId};
use mailassay::sending::trials::{Attribution, Limits, ReviewSettings, Reviewer, Trials};
use mailassay::sending::verdict::{Term, judge};
use mailassay::sending::web::ReportReader;
use mailassay::shared::evidence::{ClientHello, Handshake, Negotiated, Party, TlsVersion};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::mailauth::{FakeDns, SILENT};

const JANE: &str = "jane@example.net";

/// A service without listeners, and its senders' DNS.
struct Service {
    desk: TrialDesk,
    reports: ReportReader,
    reviewer: Arc<Reviewer>,
    journal: Arc<Journal>,
    trials: Arc<Trials>,
    catalogue: Arc<Catalogue>,
    pace: Pace,
    links: AtomicU64,
    _dns: FakeDns,
}

/// Keeps the operator's mail in memory, or fails.
#[derive(Default)]
struct Operator {
    fails: bool,
    mail: Mutex<Vec<OperatorMessage>>,
}

/// When no objection can be kept.
const AWAY_AT: u32 = 97;

/// Of those who object there is one.
struct Objecting;

impl Objections for Objecting {
    fn stand_against<'a>(
        &'a self,
        address: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move { address == "objects@example.net" })
    }

    fn keep_of_domain<'a>(
        &'a self,
        now: Timestamp,
        domain: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Option<String>, NotRecorded>> + Send + 'a>> {
        let away = now == at(AWAY_AT);
        Box::pin(async move {
            match away {
                true => Err(NotRecorded("the database is away".to_owned())),
                false => Ok(Some(domain.to_owned())),
            }
        })
    }
}

impl OperatorMail for Operator {
    fn deliver(
        &self,
        message: OperatorMessage,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), NotDelivered>> + Send + '_>> {
        Box::pin(async move {
            self.mail.lock().push(message);
            if self.fails { Err(NotDelivered("no room".to_owned())) } else { Ok(()) }
        })
    }
}

impl Service {
    async fn open(folder: &Path, first_link: u64) -> Self {
        Self::with(folder, first_link, Arc::new(Operator::default())).await
    }

    async fn with(folder: &Path, first_link: u64, operator: Arc<dyn OperatorMail>) -> Self {
        Self::waiting(folder, first_link, operator, 0).await
    }

    /// One whose verdicts wait so long for scans.
    async fn waiting(
        folder: &Path,
        first_link: u64,
        operator: Arc<dyn OperatorMail>,
        verdict_wait_s: u32,
    ) -> Self {
        let (settings, review) =
            (Settings::default(), ReviewSettings { verdict_wait_s, ..ReviewSettings::default() });
        Self::set(folder, first_link, operator, settings, review).await
    }

    async fn set(
        folder: &Path,
        first_link: u64,
        operator: Arc<dyn OperatorMail>,
        desk: Settings,
        review: ReviewSettings,
    ) -> Self {
        let dns =
            FakeDns::start(&[("example.net", "v=spf1 ip4:192.0.2.0/24 -all"), ("silent.example", SILENT)])
                .await;
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let (catalogue, pace) = (Arc::new(catalogue), Pace::default());
        let settings = mailassay::sending::journal::Settings {
            path: folder.join("journal.sqlite"),
            ..mailassay::sending::journal::Settings::default()
        };
        let opened = Opened::open(settings, || [7; 32]).await.expect("opens");
        let secret = *opened.secret();
        let limits = Limits::default();
        let projection = Attribution::new(Arc::clone(&catalogue), pace.clone(), limits, secret.to_vec());
        let trials = Arc::new(Trials::new(projection));
        let journal = Arc::new(opened.start(vec![trials.clone()]).await.expect("starts"));
        let reviewer = Arc::new(Reviewer::new(
            ReviewSettings { gather_ms: 10, ..review },
            Arc::clone(&catalogue),
            pace.clone(),
            Arc::clone(&trials),
            Arc::clone(&journal),
        ));
        let reports = ReportReader::new(catalogue.origin());
        let desk = TrialDesk::new(Parts {
            settings: Settings { site: "https://example.org".to_owned(), ..desk },
            reviewer: Arc::clone(&reviewer),
            catalogue: Arc::clone(&catalogue),
            pace: pace.clone(),
            secret,
            trials: Arc::clone(&trials),
            journal: Arc::clone(&journal),
            authenticator: Arc::new(dns.authenticator()),
            operator,
            objections: Arc::new(Objecting),
            reports: reports.clone(),
        });
        Self {
            desk,
            reports,
            reviewer,
            journal,
            trials,
            catalogue,
            pace,
            links: AtomicU64::new(first_link),
            _dns: dns,
        }
    }

    /// Ends the service as an orderly stop does.
    async fn close(self) {
        self.journal.close().await;
    }

    /// A link up to its first EHLO.
    async fn connect(&self, at: Timestamp, address: &str) -> Link<'_> {
        self.connect_to(at, address, None).await
    }

    /// The same at an entrance of ruled cases.
    async fn connect_to(&self, at: Timestamp, address: &str, entrance: Option<Entrance>) -> Link<'_> {
        let id = LinkId(self.links.fetch_add(1, Ordering::Relaxed));
        let source = format!("{address}:40000").parse().expect("an address");
        let ehlo = if address.starts_with("192.0.2.") { "mail.example.net" } else { "mx.elsewhere.example" };
        let contact = Contact { link: id, source, ehlo: ehlo.to_owned() };
        let local = "198.51.100.1:25".parse().expect("an address");
        self.journal.note(at, Fact::LinkOpened { link: id, source, local, persona: None, entrance });
        let offer = self.desk.offer(at, &contact);
        let name = contact.ehlo.clone();
        self.journal
            .commit(at, Fact::Greeted { link: id, name, helo: false, tls: false, offer })
            .await
            .expect("noted");
        Link { service: self, contact, offer, tls: false, transactions: 0 }
    }

    fn trials(&self) -> Vec<TrialId> {
        self.trials.in_memory()
    }

    fn only_trial(&self) -> TrialId {
        let [trial] = &self.trials()[..] else { panic!("one trial, not {:?}", self.trials()) };
        trial.clone()
    }

    fn history(&self, trial: &TrialId) -> History {
        self.trials.history(trial).expect("a trial")
    }

    fn has_ended(&self) -> bool {
        let trial = self.only_trial();
        self.trials.has_ended(&trial)
    }

    async fn claim(&self, at: Timestamp) -> Option<OutboxEntry> {
        self.journal.claim_due(at).await.expect("works")
    }
}

struct Link<'a> {
    service: &'a Service,
    contact: Contact,
    offer: Offer,
    tls: bool,
    transactions: u16,
}

/// A mail of a scripted sender.
struct Mail {
    path: Option<String>,
    cases: Vec<&'static str>,
    text: String,
}

fn mail(message_id: &str, cases: &[&'static str]) -> Mail {
    let to: Vec<_> = ["et", "ut"].iter().map(|case| format!("en@{case}.example.org")).collect();
    let text = format!(
        "From: {JANE}\r\nTo: {}\r\nMessage-ID: <{message_id}>\r\nSubject: a test\r\n\r\nHello\r\n",
        to.join(", ")
    );
    Mail { path: Some(JANE.to_owned()), cases: cases.to_vec(), text }
}

impl Link<'_> {
    /// TLS without SNI, taken as it is.
    async fn tls(mut self, at: Timestamp) -> Self {
        assert!(self.offer.starttls, "STARTTLS is offered");
        let (link, journal) = (self.contact.link, &self.service.journal);
        journal.note(at, Fact::StarttlsAsked { link, code: 220 });
        let (hello, phase) = (ClientHello::default(), self.offer.phase);
        journal.note(at, Fact::HelloSeen { link, hello, persona: None, phase });
        let negotiated = Negotiated {
            version: TlsVersion::TLS13,
            cipher_suite: "TLS_AES_256_GCM_SHA384".to_owned(),
            group: None,
            resumed: false,
        };
        journal.note(at, Fact::HandshakeEnded { link, handshake: Handshake::Completed(negotiated) });
        self.tls = true;
        self
    }

    fn transaction(&mut self, at: Timestamp, path: Option<String>, recipients: Recipients) -> Transaction {
        let number = self.transactions;
        self.transactions += 1;
        Transaction {
            contact: self.contact.clone(),
            number,
            began: at,
            tls: self.tls,
            spoken: Spoken::default(),
            reverse_path: path,
            recipients,
            refused_recipients: 0,
        }
    }

    async fn greet_in_tls(&self, at: Timestamp) {
        if self.tls {
            let (link, name, offer) = (self.contact.link, self.contact.ehlo.clone(), self.offer);
            let greeted = Fact::Greeted { link, name, helo: false, tls: true, offer };
            self.service.journal.note(at, greeted);
        }
    }

    async fn send(&mut self, at: Timestamp, mail: &Mail) -> DotReply {
        let recipient = |case: &&str| Recipient { case: (*case).into(), language: Language::En, label: None };
        self.send_to(at, mail, mail.cases.iter().map(recipient).collect()).await
    }

    async fn send_to(&mut self, at: Timestamp, mail: &Mail, recipients: Vec<Recipient>) -> DotReply {
        self.greet_in_tls(at).await;
        let recipients = Recipients::Tests(recipients);
        let transaction = self.transaction(at, mail.path.clone(), recipients);
        let number = transaction.number;
        let reply = self.service.desk.answer(at, transaction, mail.text.clone().into_bytes()).await;
        let code = reply.code;
        self.service.journal.note(at, Fact::Answered { link: self.contact.link, number, code });
        assert!(reply.text.is_ascii() && reply.text.len() < 300, "{}", reply.text);
        if let Some((_, page)) = reply.text.split_once("/r/") {
            let its_own = self.service.trials.trial_of(self.contact.link, number);
            assert!(
                its_own.is_some_and(|trial| page.starts_with(trial.as_str())),
                "a stranger's: {}",
                reply.text
            );
        }
        reply
    }

    async fn quit(self, at: Timestamp) {
        let closed = LinkClosed { link: self.contact.link, by: Party::Sender, quit: true, alert: None };
        self.service.journal.commit(at, Fact::LinkClosed(closed)).await.expect("noted");
    }
}

fn start() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().expect("an instant")
}

fn at(seconds: u32) -> Timestamp {
    after(start(), seconds)
}

/// A sender that takes TLS if offered and looks at nothing, from its first mail to the end of the window.
async fn window_of_may(service: &Service, mail: &Mail) {
    for seconds in [0, 60] {
        let mut link = service.connect(at(seconds), "192.0.2.1").await;
        assert!(!link.offer.starttls, "no STARTTLS in the window");
        let reply = link.send(at(seconds + 1), mail).await;
        assert_eq!((reply.code, reply.status), (451, "4.7.1"), "{}", reply.text);
        link.quit(at(seconds + 2)).await;
    }
}

#[tokio::test]
async fn a_verdict_waits_for_the_scan_and_no_longer() {
    let folder = tempfile::tempdir().expect("a folder");
    let operator = Arc::new(Operator::default());
    let service = Service::waiting(folder.path(), 1, operator, 180).await;
    let mail = mail("1@example.net", &["et", "ut"]);
    window_of_may(&service, &mail).await;
    let mut link = service.connect(at(300), "192.0.2.1").await.tls(at(300)).await;
    assert_eq!(link.send(at(301), &mail).await.code, 250);
    link.quit(at(302)).await;
    assert!(service.has_ended());
    assert_eq!(service.claim(at(301 + 179)).await, None);
    assert!(service.claim(at(301 + 180)).await.is_some(), "a scan that never ends holds up nothing");
}

#[tokio::test]
async fn holds_until_settled_then_acknowledges_and_owes_one_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mail = mail("1@example.net", &["et", "ut"]);
    window_of_may(&service, &mail).await;
    let trial = service.only_trial();
    assert_eq!(service.claim(at(100)).await, None, "nothing is owed before the end");

    let mut link = service.connect(at(300), "192.0.2.1").await.tls(at(300)).await;
    let reply = link.send(at(301), &mail).await;
    assert_eq!((reply.code, reply.status), (250, "2.0.0"), "{}", reply.text);
    assert!(reply.text.contains("by mail"), "{}", reply.text);
    link.quit(at(302)).await;
    assert!(service.has_ended());
    let history = service.history(&trial);
    assert_eq!(history.ended.as_ref().map(|ended| ended.what), Some(TrialEnd::Settled));
    assert_eq!(history.furthest(), LinkState::Acked);
    let verdict = judge(&service.catalogue, &service.pace, &history);
    assert_eq!(verdict.overall.term(), Some(Term::May), "{:?}", verdict.overall.candidates);

    let mut late = service.connect(at(900), "192.0.2.1").await.tls(at(900)).await;
    let reply = late.send(at(901), &mail).await;
    assert_eq!(reply.code, 250, "a retry after the end is acknowledged");
    assert!(reply.text.contains("was tested before, the verdict comes by mail"), "{}", reply.text);
    assert_eq!(service.only_trial(), trial, "and starts nothing");

    let entry = service.claim(at(901)).await.expect("a verdict is due");
    assert_eq!(entry.trial, trial);
    assert_eq!(service.claim(at(902)).await, None, "one verdict, and somebody works on it");
    let (to, _) = addressee(&history).expect("SPF vouches");
    assert_eq!(service.journal.address(&to.id).await, Ok(Some(JANE.to_owned())));
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was_with_absolute_deadlines() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mail = mail("1@example.net", &["et", "ut"]);
    window_of_may(&service, &mail).await;
    let trial = service.only_trial();
    service.reviewer.look_around(at(63)).await;
    let deadline = service.trials.next_due().expect("an open trial has one");
    service.close().await;

    let service = Service::open(folder.path(), 100).await;
    assert_eq!(service.only_trial(), trial);
    assert_eq!(service.reviewer.look_around(at(100)).await, Some(deadline));
    let link = service.connect(at(170), "192.0.2.1").await;
    assert!(!link.offer.starttls, "the window goes on");
    let link = service.connect(at(181), "192.0.2.1").await;
    assert!(link.offer.starttls, "and ends when it would have");
    drop(link);

    let patience = service.pace.patience_s;
    service.reviewer.look_around(at(patience)).await;
    assert!(!service.has_ended(), "the first MAIL came a second after the link");
    service.reviewer.look_around(at(patience + 1)).await;
    assert!(service.has_ended(), "ended without any new link");
    let ended = service.history(&trial).ended.expect("ended");
    assert_eq!((ended.what, ended.at), (TrialEnd::Expired, at(patience + 1)));
    service.close().await;

    let service = Service::open(folder.path(), 200).await;
    let entry = service.claim(at(patience + 60)).await.expect("the verdict is still owed");
    assert_eq!((entry.trial, entry.was_claimed), (trial, false));
}

#[tokio::test]
async fn a_trial_ends_by_its_time_without_any_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    link.send(at(1), &mail("1@example.net", &["et", "ut"])).await;
    link.quit(at(2)).await;
    let trial = service.only_trial();
    // What the running task's clock says; a touch makes the task read it again.
    let now = Arc::new(Mutex::new(at(3)));
    let (shown, stop) = (Arc::clone(&now), CancellationToken::new());
    let run = service.reviewer.run(Arc::new(move || *shown.lock()), stop.clone());
    let watch = async {
        let reader = service.journal.reader();
        assert_eq!(reader.outbox_entry(&trial).await, Ok(None));
        *now.lock() = at(service.pace.patience_s + 1);
        service.connect(at(4), "192.0.2.1").await.quit(at(5)).await;
        while reader.outbox_entry(&trial).await.expect("reads").is_none() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, async { tokio::join!(run, watch) }).await.expect("ended soon after");
    assert!(service.has_ended());
}

#[tokio::test]
async fn what_is_not_on_disk_has_not_happened() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    link.send(at(1), &mail("1@example.net", &["et", "ut"])).await;
    service.journal.close().await;
    let over = service.pace.patience_s + 1;
    let next = service.reviewer.look_around(at(over)).await;
    assert_eq!(next, Some(at(over + 5)), "the end is tried again");
    assert!(!service.has_ended());
}

#[tokio::test]
async fn reverse_paths_that_differ_and_the_same_message_id_are_one_trial() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    for (seconds, case, path) in [(0, "et", "jane+et@example.net"), (5, "ut", "jane+ut@example.net")] {
        let mail = Mail { path: Some(path.to_owned()), ..mail("1@example.net", &[case]) };
        let mut link = service.connect(at(seconds), "192.0.2.1").await;
        assert_eq!(link.send(at(seconds + 1), &mail).await.code, 451);
        link.quit(at(seconds + 2)).await;
    }
    let trial = service.only_trial();
    assert_eq!(service.history(&trial).reverse_paths().len(), 2);

    let mut link = service.connect(at(20), "203.0.113.1").await;
    let other = Mail { path: Some("jim@example.com".to_owned()), ..mail("2@example.com", &["et"]) };
    link.send(at(21), &other).await;
    assert_eq!(service.trials().len(), 2, "another mail of another sender is another trial");
}

#[tokio::test]
async fn trials_that_share_a_link_do_not_see_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    link.send(at(1), &mail("1@example.net", &["et"])).await;
    let jim = Mail { path: Some("jim@example.net".to_owned()), ..mail("2@example.net", &["ut"]) };
    link.send(at(2), &jim).await;
    for trial in service.trials() {
        let history = service.history(&trial);
        assert_eq!((history.transactions().count(), history.reverse_paths().len()), (1, 1));
    }
}

#[tokio::test]
async fn a_trial_knows_when_questions_of_its_time_are_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let max_age_s = 86_400;
    let mut link = service.connect(at(max_age_s), "192.0.2.1").await;
    link.send(at(max_age_s), &mail("1@example.net", &["et", "ut"])).await;
    let complete = || service.history(&service.only_trial()).queries_complete;
    let lose = async |until: u32, why| {
        let fact = Fact::QueriesLost(QueriesLost { network: None, until: at(until), why });
        service.journal.commit(at(max_age_s), fact).await.expect("noted");
    };
    assert!(complete());
    let before = mailassay::shared::time::before(start(), 1_000);
    let fact = Fact::QueriesLost(QueriesLost { network: None, until: before, why: Lost::Deleted });
    service.journal.commit(at(max_age_s), fact).await.expect("noted");
    assert!(complete(), "what was lost is older than any policy that may be kept");
    lose(10, Lost::Dropped).await;
    assert!(!complete(), "the sender may have asked for the policy then");
}

#[tokio::test]
async fn where_no_verdict_is_mailed_the_reply_names_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mut link = service.connect(at(0), "203.0.113.7").await;
    let forged = mail("1@example.net", &["et"]);
    let reply = link.send(at(1), &forged).await;
    let trial = service.only_trial();
    assert!(reply.text.ends_with(&format!("https://example.org/r/{trial}")), "{}", reply.text);
    let path = service.history(&trial).reverse_paths()[0].clone();
    assert_eq!(service.journal.address(&path.id).await, Ok(None), "no address is kept that gets no mail");

    let mut link = service.connect(at(10), "192.0.2.1").await;
    let mut list = mail("2@example.net", &["et"]);
    list.path = Some("bob@example.net".to_owned());
    list.text = format!("List-Id: <l.example.net>\r\n{}", list.text);
    let reply = link.send(at(11), &list).await;
    assert!(reply.text.contains("https://example.org/r/"), "{}", reply.text);

    // SPF vouches, but no header could hold it.
    let quoted = Mail { path: Some("\"q q\"@example.net".to_owned()), ..mail("4@example.net", &["et"]) };
    let reply = link.send(at(12), &quoted).await;
    assert!(reply.text.contains("https://example.org/r/"), "{}", reply.text);

    let mut link = service.connect(at(20), "192.0.2.1").await;
    let vouched = Mail { path: Some("ann@example.net".to_owned()), ..mail("3@example.net", &["et"]) };
    let reply = link.send(at(21), &vouched).await;
    assert!(!reply.text.contains("/r/"), "{}", reply.text);
}

/// Reverse-path and Message-ID are known to others (F2, F3): who uses them from elsewhere is told of a trial of his own,
/// and the sender's goes on as if he were not there.
#[tokio::test]
async fn a_stranger_is_told_no_page_but_his_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let list = |id| {
        let mut mail = mail(id, &["et", "ut"]);
        mail.text = format!("List-Id: <l.example.net>\r\n{}", mail.text);
        mail
    };
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let reply = link.send(at(1), &list("1@example.net")).await;
    let (_, page) = reply.text.split_once("/r/").expect("a list's verdict is on its page alone");
    let before = service.history(&service.only_trial());
    for (seconds, id) in [(10, "1@example.net"), (20, "2@example.net")] {
        let mut link = service.connect(at(seconds), "203.0.113.66").await;
        let reply = link.send(at(seconds), &mail(id, &["et", "ut"])).await;
        assert!(!reply.text.contains(page), "{}", reply.text);
        link.quit(at(seconds + 1)).await;
    }
    let trial = page.parse().expect("a trial");
    let after = service.history(&trial);
    assert_eq!(after.strangers.len(), 1, "the second mail is of the stranger's own trial");
    assert_eq!((after.links.len(), after.window_until), (before.links.len(), before.window_until));
}

/// What a mail is told that comes again when its trial is over, by what became of the verdict.
#[tokio::test]
async fn words_after_the_end_are_true() {
    let page = |trial: &TrialId| format!("at https://example.org/r/{trial}");
    let sent = |by: &str| VerdictDelivery::Sent { to: "j***e@example.net".to_owned(), by: by.to_owned() };
    let reason = || "limit".to_owned();
    for (mails_verdicts, delivery, expected, told) in [
        (true, None, "the verdict comes by mail", false),
        (true, Some(sent("mx")), "its verdict was mailed", false),
        (true, Some(sent("smarthost")), "its verdict was mailed", false),
        (
            true,
            Some(VerdictDelivery::Withheld { reason: reason() }),
            "its verdict was not mailed, it is at",
            true,
        ),
        (
            true,
            Some(VerdictDelivery::Failed { reason: reason() }),
            "its verdict was not mailed, it is at",
            true,
        ),
        (false, None, "its verdict is at", true),
        (false, Some(sent("maildir")), "its verdict is at", true),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings { mails_verdicts, ..Settings::default() };
        let service = Service::set(
            folder.path(),
            1,
            Arc::new(Operator::default()),
            settings,
            ReviewSettings::default(),
        )
        .await;
        let first = mail("1@example.net", &["et", "ut"]);
        let mut link = service.connect(at(0), "192.0.2.1").await;
        let reply = link.send(at(1), &first).await;
        let trial = service.only_trial();
        assert_eq!(
            (reply.code, reply.text.contains(&page(&trial))),
            (451, !mails_verdicts),
            "{}",
            reply.text
        );
        link.quit(at(2)).await;
        let over = service.pace.patience_s + 1;
        service.reviewer.look_around(at(over)).await;
        assert!(service.has_ended());
        if let Some(delivery) = delivery {
            let handled = VerdictHandled { trial: trial.clone(), delivery, judged_to: None };
            service.journal.handled(at(over), 0, handled, None, vec![]).await.expect("noted");
        }

        let mut link = service.connect(at(over + 5), "192.0.2.1").await;
        let without_id = Mail { text: first.text.replace("Message-ID:", "X-Id:"), ..mail("", &["et"]) };
        for (again, because) in
            [(&first, "A mail with this Message-ID"), (&without_id, "A mail from this address")]
        {
            let reply = link.send(at(over + 6), again).await;
            assert_eq!(reply.code, 250);
            assert!(
                reply.text.starts_with(&format!("{because} was tested before, {expected}")),
                "{}",
                reply.text
            );
            assert_eq!(reply.text.contains(&page(&trial)), told, "{}", reply.text);
        }
    }
}

/// Who objected to verdicts by mail is told the address of its page in time.
#[tokio::test]
async fn who_objected_is_told_of_the_page_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mail = Mail { path: Some("objects@example.net".to_owned()), ..mail("1@example.net", &["et", "ut"]) };
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let reply = link.send(at(1), &mail).await;
    assert!(reply.text.contains("the verdict will be at https://example.org/r/"), "{}", reply.text);
}

#[tokio::test]
async fn words_for_what_is_no_test_are_true() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let nameless = Mail { path: None, text: "Subject: a\r\n\r\n".to_owned(), ..mail("", &["et"]) };
    let reply = link.send(at(1), &nameless).await;
    assert_eq!((reply.code, service.trials().len()), (250, 0));
    assert!(reply.text.contains("without reverse-path and Message-ID is no test"), "{}", reply.text);
}

/// Verdicts that go into a folder of this host do not come by mail.
#[tokio::test]
async fn where_verdicts_go_into_a_folder_the_last_reply_names_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings { mails_verdicts: false, ..Settings::default() };
    let service =
        Service::set(folder.path(), 1, Arc::new(Operator::default()), settings, ReviewSettings::default())
            .await;
    let mail = mail("1@example.net", &["et", "ut"]);
    window_of_may(&service, &mail).await;
    let mut link = service.connect(at(300), "192.0.2.1").await.tls(at(300)).await;
    let reply = link.send(at(301), &mail).await;
    let expected =
        format!("The test is complete, its verdict is at https://example.org/r/{}", service.only_trial());
    assert_eq!((reply.code, reply.text), (250, expected));
}

#[tokio::test]
async fn mail_to_the_operator_is_no_test_and_durable() {
    let folder = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(folder.path().join("mail")).expect("made");
    let service = Service::with(folder.path(), 1, Arc::new(OperatorMaildir(maildir))).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let recipients = Recipients::Operator(vec!["postmaster@example.org".to_owned()]);
    let transaction = link.transaction(at(1), Some(JANE.to_owned()), recipients.clone());
    let forged = b"Return-Path: <forged@evil.example>\r\nSubject: hello\r\n\r\nHi\r\n".to_vec();
    let reply = service.desk.answer(at(1), transaction, forged).await;
    assert_eq!((reply.code, reply.status), (250, "2.0.0"));
    let files: Vec<_> = std::fs::read_dir(folder.path().join("mail/new")).expect("a folder").collect();
    let [Ok(file)] = &files[..] else { panic!("one file: {files:?}") };
    let text = std::fs::read_to_string(file.path()).expect("reads");
    // RFC 5321 §4.4: ours alone, whatever the sender wrote.
    let expected = format!(
        "Return-Path: <jane@example.net>\r\nDelivered-To: postmaster@example.org\r\n\
         Received: from mail.example.net ([192.0.2.1])\r\n\tby localhost with ESMTP\r\n\tid {}.0;\r\n\t{}\r\n\
         Subject: hello\r\n\r\nHi\r\n",
        link.contact.link,
        at(1).strftime("%a, %d %b %Y %H:%M:%S +0000"),
    );
    assert_eq!(text, expected);
    link.quit(at(2)).await;
    assert_eq!(service.trials(), [], "it starts no trial");
    drop(service);

    let folder = tempfile::tempdir().expect("a folder");
    let operator = Arc::new(Operator { fails: true, ..Operator::default() });
    let service = Service::with(folder.path(), 1, operator.clone()).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let transaction = link.transaction(at(1), None, recipients);
    let reply = service.desk.answer(at(1), transaction, b"Subject: hello\r\n\r\nHi\r\n".to_vec()).await;
    assert_eq!((reply.code, reply.status), (451, "4.3.0"));
    assert_eq!(operator.mail.lock().len(), 1);
}

#[tokio::test]
async fn what_ends_early_is_noted_and_a_closed_journal_is_no_250() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let mut link = service.connect(at(0), "192.0.2.1").await;
    let recipients =
        Recipients::Tests(vec![Recipient { case: "et".into(), language: Language::De, label: None }]);
    let transaction = link.transaction(at(1), Some(JANE.to_owned()), recipients);
    let spoken = Spoken { require_tls: true, ..Spoken::default() };
    let transaction = Transaction { refused_recipients: 2, spoken, ..transaction };
    service.desk.ended_early(at(1), transaction, Ending::Aborted);
    // As who leaves behind MAIL, and whose MAIL was refused.
    for how in [Ending::Aborted, Ending::Refused { code: 552 }] {
        let transaction = link.transaction(at(1), Some(JANE.to_owned()), Recipients::Tests(Vec::new()));
        service.desk.ended_early(at(1), transaction, how);
    }
    link.quit(at(2)).await;
    let history = service.history(&service.only_trial());
    let seen = history.transactions().map(|(_, _, received)| {
        let Received { recipients, refused_recipients, require_tls, ending, .. } = received;
        (recipients.len(), *refused_recipients, *require_tls, ending.clone())
    });
    let expected = [
        (1, 2, true, Ending::Aborted),
        (0, 0, false, Ending::Aborted),
        (0, 0, false, Ending::Refused { code: 552 }),
    ];
    assert_eq!(seen.collect::<Vec<_>>(), expected);

    let mut link = service.connect(at(3), "192.0.2.1").await;
    service.journal.close().await;
    let reply = link.send(at(4), &mail("1@example.net", &["et"])).await;
    assert_eq!((reply.code, reply.status), (452, "4.3.1"));
}

/// The transactions of a journal.
#[derive(Default)]
struct Transactions(Mutex<Vec<Received>>);

impl Subscriber for Transactions {
    fn committed(&self, observation: &Observation) {
        if let Fact::Received(received) = &observation.fact {
            self.0.lock().push((**received).clone());
        }
    }
}

/// The listener does not wait for an answer that takes too long, nor where its link is cut.
#[tokio::test]
async fn a_mail_whose_answer_nobody_waits_for_is_noted_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let test =
        || Recipients::Tests(vec![Recipient { case: "et".into(), language: Language::De, label: None }]);
    let operator = || Recipients::Operator(vec!["postmaster@example.org".to_owned()]);
    let text = || mail("1@example.net", &["et"]).text.into_bytes();
    let (silent, known) = ("jane@silent.example", "jim@example.net");
    let mut links = Vec::new();
    for (path, recipients) in [(silent, test()), (known, test()), (known, operator())] {
        // However far it came.
        for polls in 0..40 {
            let mut link = service.connect(at(0), "192.0.2.1").await;
            let transaction = link.transaction(at(1), Some(path.to_owned()), recipients.clone());
            let mut answer = service.desk.answer(at(1), transaction, text());
            for _ in 0..polls {
                tokio::select! {
                    biased;
                    _ = &mut answer => break,
                    () = tokio::task::yield_now() => {}
                }
            }
            drop(answer);
            links.push((link.contact.link, format!("{path}, {recipients:?}, {polls} polls")));
            link.quit(at(2)).await;
        }
    }
    let received = Transactions::default();
    service.journal.reader().replay(&received).await.expect("reads");
    let received = received.0.lock();
    for (link, name) in &links {
        let times = received.iter().filter(|received| received.link == *link).count();
        assert_eq!(times, 1, "{name}");
    }
    let aborted = received.iter().filter(|received| received.ending == Ending::Aborted).count();
    assert!(aborted > 40, "nobody answers for {silent}, but {aborted} were aborted");
}

#[tokio::test]
async fn refusals_without_sni_bring_the_other_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::open(folder.path(), 1).await;
    let link = service.connect(at(0), "192.0.2.1").await;
    assert_eq!(link.offer, Offer { starttls: false, phase: Phase::A });
    link.quit(at(1)).await;
    for n in 0..3 {
        let link = service.connect(at(200 + n), "192.0.2.1").await;
        assert_eq!(link.offer, Offer { starttls: true, phase: Phase::A });
        link.tls(at(200 + n)).await.quit(at(201 + n)).await;
    }
    let link = service.connect(at(300), "192.0.2.1").await;
    assert_eq!(
        link.offer.phase,
        Phase::A,
        "what is laxer on retry shows itself at the certificate that it refused"
    );
    link.tls(at(300)).await.quit(at(301)).await;
    let link = service.connect(at(302), "192.0.2.1").await;
    assert_eq!(link.offer.phase, Phase::B);
    let stranger = service.connect(at(302), "203.0.113.1").await;
    assert_eq!(stranger.offer.phase, Phase::A, "the phase is the source's own");
}
