//! The scans of trials: what is asked for whom, that its evidence is noted and its verdict hastened, and that a restart
//! begins it anew.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use mailassay::program::app::orders::{Ends, Orders, Parts, Scans};
use mailassay::receiving::request::Request;
use mailassay::sending::history::{
    Ending, Fact, MessageFacts, Observation, Received, Recipient, Recorder, TrialEnd, TrialEnded,
};
use mailassay::sending::journal::{Journal, Opened, Subscriber};
use mailassay::sending::persona::CatalogueFiles;
use mailassay::sending::trial::{LinkId, Mailbox, Pace, TrialId};
use mailassay::sending::trials::{Attribution, Limits, Trials};
use mailassay::shared::evidence::scan::{Connections, Evidence};
use mailassay::shared::evidence::{Authentication, DkimOutcome, Result8601, SpfOutcome};
use mailassay::shared::text::Language;
use mailassay::shared::time::{Timestamp, after};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

const SECRET: [u8; 32] = [7; 32];

/// Remembers what it is asked, and answers as often as it may.
struct Asked {
    requests: Mutex<Vec<Request>>,
    may_answer: Semaphore,
    asked: Notify,
}

impl Scans for Asked {
    fn scan(&self, request: Request) -> Pin<Box<dyn Future<Output = Evidence> + Send + '_>> {
        Box::pin(async move {
            let evidence = Evidence::not_gathered(&request.domain, &request.helo, at(10));
            let panics = request.domain == "panic.example";
            self.requests.lock().push(request);
            self.asked.notify_one();
            assert!(!panics, "a test");
            self.may_answer.acquire().await.unwrap().forget();
            Evidence { to: at(20), ..evidence }
        })
    }
}

#[derive(Default)]
struct Noted(Notify);

impl Subscriber for Noted {
    fn committed(&self, observation: &Observation) {
        if matches!(observation.fact, Fact::Scanned(_)) {
            self.0.notify_one();
        }
    }
}

/// The part of a service that scans for trials.
struct Service {
    journal: Arc<Journal>,
    trials: Arc<Trials>,
    asked: Arc<Asked>,
    noted: Arc<Noted>,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
}

impl Service {
    async fn start(folder: &Path, answers: usize, now: Timestamp) -> Self {
        let catalogue = Arc::new(CatalogueFiles::embedded().catalogue("example.org").unwrap());
        let settings = mailassay::sending::journal::Settings {
            path: folder.join("journal.sqlite"),
            ..mailassay::sending::journal::Settings::default()
        };
        let opened = Opened::open(settings, || SECRET).await.unwrap();
        let projection = Attribution::new(catalogue, Pace::default(), Limits::default(), SECRET.to_vec());
        let trials = Arc::new(Trials::new(projection));
        let (ends, noted) = (Arc::new(Ends::default()), Arc::new(Noted::default()));
        let subscribers: Vec<Arc<dyn Subscriber>> = vec![trials.clone(), ends.clone(), noted.clone()];
        let journal = Arc::new(opened.start(subscribers).await.unwrap());
        let asked = Arc::new(Asked {
            requests: Mutex::default(),
            may_answer: Semaphore::new(answers),
            asked: Notify::new(),
        });
        let orders = Orders::new(Parts {
            scan: asked.clone(),
            trials: Arc::clone(&trials),
            ends,
            journal: Arc::clone(&journal),
            helo: "mx.example.org".to_owned(),
            at_once_max: 2,
            verdict_delay_s: 2,
            clock: Arc::new(move || now),
            lease: Arc::clone(journal.nodes()) as _,
        });
        let stop = CancellationToken::new();
        let running = tokio::spawn(Arc::new(orders).run(stop.clone()));
        Self { journal, trials, asked, noted, stop, running }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap();
        self.journal.close().await;
    }

    /// A trial that ended: a mail from `path`, in From `from`, for which SPF passes at `spf`.
    async fn trial(&self, link: u64, path: &str, from: &str, spf: &str) -> TrialId {
        let (id, number) = (LinkId(link), 0);
        let source = "192.0.2.1:40000".parse().unwrap();
        let local = "198.51.100.1:25".parse().unwrap();
        let opened = Fact::LinkOpened { link: id, source, local, persona: None, entrance: None };
        self.journal.commit(at(0), opened).await.unwrap();
        let authentication = Authentication {
            spf: SpfOutcome { result: Result8601::Pass, domain: spf.to_owned() },
            dkim: vec![DkimOutcome {
                result: Result8601::Fail,
                domain: from.to_owned(),
                selector: "s".to_owned(),
                algorithm: "rsa-sha256".to_owned(),
                reason: None,
            }],
            ..Authentication::default()
        };
        let message = MessageFacts {
            message_id: Some(format!("{link}@example")),
            from_domain: Some(from.to_owned()),
            authentication,
            ..MessageFacts::default()
        };
        let received = Received {
            link: id,
            number,
            began: at(0),
            tls: false,
            reverse_path: Some(Mailbox::new(&SECRET, path)),
            recipients: vec![Recipient { case: "et".into(), language: Language::En, label: None }],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Complete(Box::new(message)),
        };
        self.journal.receive(at(0), received, None).await.unwrap();
        let trial = TrialId::new(&SECRET, id, number);
        let ended = TrialEnded { trial: trial.clone(), end: TrialEnd::Settled };
        self.journal.end_trial(at(5), ended, at(185)).await.unwrap();
        trial
    }

    /// A trial that ended and names nobody, from a network of its own.
    async fn nameless(&self, link: u32) {
        let (id, [_, _, high, low]) = (LinkId(link.into()), link.to_be_bytes());
        let (source, local) = (([10, high, low, 1], 40_000).into(), ([198, 51, 100, 1], 25).into());
        let opened = Fact::LinkOpened { link: id, source, local, persona: None, entrance: None };
        self.journal.commit(at(0), opened).await.unwrap();
        let message_id = Some(format!("{link}@nameless"));
        let message = MessageFacts { message_id, ..MessageFacts::default() };
        let received = Received {
            link: id,
            number: 0,
            began: at(0),
            tls: false,
            reverse_path: None,
            recipients: vec![Recipient { case: "et".into(), language: Language::En, label: None }],
            refused_recipients: 0,
            require_tls: false,
            ending: Ending::Complete(Box::new(message)),
        };
        self.journal.receive(at(0), received, None).await.unwrap();
        let trial = TrialId::new(&SECRET, id, 0);
        let ended = TrialEnded { trial, end: TrialEnd::Settled };
        self.journal.end_trial(at(5), ended, at(185)).await.unwrap();
    }

    async fn due(&self, trial: &TrialId) -> Timestamp {
        self.journal.reader().outbox_entry(trial).await.unwrap().unwrap().next_attempt_at
    }
}

fn at(seconds: u32) -> Timestamp {
    after("2026-11-21T12:00:00Z".parse().unwrap(), seconds)
}

#[tokio::test]
async fn the_domain_of_from_is_scanned_and_the_verdict_waits_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), 1, at(20)).await;
    let trial = service.trial(1, "jane@example.net", "mail.example.net", "example.net").await;
    service.noted.0.notified().await;
    let requests = service.asked.requests.lock().clone();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((request.domain.as_str(), &request.envelope), ("mail.example.net", &None));
    assert_eq!((request.connections, request.intrusive), (Connections::Allowed, false));
    assert_eq!(request.signatures.as_ref().map(Vec::len), Some(1));
    assert_eq!(request.helo, "mx.example.org");
    let history = service.trials.history(&trial).unwrap();
    let scan = history.scan.unwrap();
    assert_eq!(
        (scan.what.domain.as_str(), scan.what.from, scan.what.to),
        ("mail.example.net", at(10), at(20))
    );
    let evidence = service.journal.reader().evidence(scan.seq).await.unwrap().unwrap();
    assert_eq!(evidence.domain, "mail.example.net");
    assert_eq!(service.due(&trial).await, at(20));
    service.stop().await;
}

#[tokio::test]
async fn nobody_is_connected_to_whom_nothing_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), 1, at(20)).await;
    service.trial(1, "jane@forger.example", "victim.example", "forger.example").await;
    service.noted.0.notified().await;
    let requests = service.asked.requests.lock().clone();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!(request.connections, Connections::NotVouchedFor);
    assert_eq!(
        (request.domain.as_str(), request.envelope.as_deref()),
        ("victim.example", Some("forger.example"))
    );
    service.stop().await;
}

#[tokio::test]
async fn a_restart_scans_again_what_was_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), 0, at(20)).await;
    let trial = service.trial(1, "jane@example.net", "example.net", "example.net").await;
    service.asked.asked.notified().await;
    assert_eq!(service.due(&trial).await, at(185), "the verdict waits");
    service.stop().await;

    // A day later, since its verdict still waits; and then no more.
    let service = Service::start(folder.path(), 1, at(86_400)).await;
    service.noted.0.notified().await;
    assert_eq!(service.due(&trial).await, at(185), "it is overdue");
    service.stop().await;
    let service = Service::start(folder.path(), 1, at(86_400)).await;
    // The replay told of the first.
    service.noted.0.notified().await;
    let other = service.trial(2, "joe@example.com", "example.com", "example.com").await;
    service.noted.0.notified().await;
    let domains: Vec<_> =
        service.asked.requests.lock().iter().map(|request| request.domain.clone()).collect();
    assert_eq!(domains, ["example.com"]);
    assert!(service.trials.history(&other).unwrap().scan.is_some());
    service.stop().await;
}

#[tokio::test]
async fn a_scan_that_panics_is_left_out_of_its_verdict_alone() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), 1, at(20)).await;
    let panics = service.trial(1, "jane@panic.example", "panic.example", "panic.example").await;
    let other = service.trial(2, "joe@example.com", "example.com", "example.com").await;
    service.noted.0.notified().await;
    assert!(service.trials.history(&other).unwrap().scan.is_some());
    let history = service.trials.history(&panics).unwrap();
    assert_eq!(
        (history.scan, service.due(&panics).await),
        (None, at(185)),
        "its verdict goes out in its time"
    );
    assert_eq!(service.asked.requests.lock().len(), 2, "it is not tried again");
    service.stop().await;
}

/// Trials that name nobody to scan take no place from one that does.
#[tokio::test]
async fn trials_with_nothing_to_scan_take_no_places() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), 1, at(20)).await;
    futures_util::future::join_all((1..=2_100).map(|link| service.nameless(link))).await;
    assert_eq!(service.trials.unscanned(at(0), 3_000).len(), 2_100, "all of them ended");
    let named = service.trial(3_000, "jane@example.net", "example.net", "example.net").await;
    service.noted.0.notified().await;
    assert!(service.trials.history(&named).unwrap().scan.is_some());
    service.stop().await;
}
