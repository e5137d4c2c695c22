//! Tests of `web`: the site over HTTP and HTTPS, and the policy host.

mod https;
mod limits;
mod live;
mod pages;
mod policy_host;
mod reports;
mod trial;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use mailassay::program::site::{
    Asked, Comparison, Deleted, Difference, Document, Format, Health, Parts, Report, Results, Settings, Site,
    Stage, Step, StepKind, Wanted,
};
use mailassay::sending::history::{SelfCheck, SelfChecked, Seq};
use mailassay::sending::persona::{Addresses, Catalogue, CatalogueFiles};
use mailassay::sending::trial::{LinkId, TrialId};
use mailassay::shared::text::{Language, Tone};
use mailassay::shared::time::Timestamp;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn catalogue() -> Catalogue {
    CatalogueFiles::embedded().catalogue("example.org").unwrap()
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Sends a request and reads all that comes back.
pub(crate) async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Err(error) => panic!("{error}"),
    }
    String::from_utf8(answer).unwrap()
}

fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test/1\r\nConnection: close\r\n\r\n")
}

/// A form as a browser sends it, with further fields of the head.
pub(crate) fn post(path: &str, fields: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: test.example.org\r\nConnection: close\r\n{fields}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What the site asks, scripted.
pub(crate) struct Known {
    pages: Mutex<BTreeMap<TrialId, (Report, watch::Sender<Seq>)>>,
    /// How often a report was asked for.
    asked: Mutex<usize>,
    check: Option<(Timestamp, SelfChecked)>,
    trouble: Option<String>,
}

impl Known {
    /// A service that knows of no trial.
    pub(crate) fn nothing() -> Arc<Self> {
        Arc::new(Self { pages: Mutex::default(), asked: Mutex::default(), check: None, trouble: None })
    }

    /// Changes the report on the trial.
    fn change(&self, change: impl FnOnce(&mut Report)) {
        let mut pages = self.pages.lock();
        let (report, changes) = pages.get_mut(&trial()).unwrap();
        change(report);
        changes.send_modify(|seq| seq.0 += 1);
    }
}

impl Results for Known {
    fn report<'a>(
        &'a self,
        trial: &'a TrialId,
        language: Option<Language>,
    ) -> Asked<'a, Option<Arc<Report>>> {
        *self.asked.lock() += 1;
        let report = self.pages.lock().get(trial).map(|(report, _)| report.clone());
        let language = language.unwrap_or_default();
        Box::pin(async move { report.map(|report| Arc::new(Report { language, ..report })) })
    }

    fn follow(&self, trial: &TrialId) -> Option<watch::Receiver<Seq>> {
        Some(self.pages.lock().get(trial)?.1.subscribe())
    }

    fn document<'a>(&'a self, trial: &'a TrialId, format: Format) -> Asked<'a, Document> {
        let stage = self.pages.lock().get(trial).map(|(report, _)| report.stage);
        Box::pin(async move {
            match stage {
                None => Document::Unknown,
                Some(Stage::Running) => Document::NotYet,
                Some(_) => Document::Whole(format!("{format:?}").into_bytes()),
            }
        })
    }

    fn delete<'a>(&'a self, trial: &'a TrialId) -> Asked<'a, Deleted> {
        let mut pages = self.pages.lock();
        let deleted = match pages.get(trial).map(|(report, _)| report.stage) {
            None => Deleted::Unknown,
            Some(Stage::Finished) => Deleted::Gone,
            Some(_) => Deleted::NotYet,
        };
        if deleted == Deleted::Gone {
            pages.remove(trial);
        }
        Box::pin(async move { deleted })
    }

    fn want_postscript<'a>(&'a self, trial: &'a TrialId, address: &'a str) -> Asked<'a, Wanted> {
        let is_known = self.pages.lock().contains_key(trial);
        Box::pin(async move {
            match address {
                _ if !is_known => Wanted::Unknown,
                "jane@example.net" => Wanted::Kept,
                _ => Wanted::NotSender,
            }
        })
    }

    fn compare<'a>(&'a self, _: &'a TrialId, earlier: &'a TrialId, _: Language) -> Asked<'a, Comparison> {
        let is_known = *earlier == self::earlier();
        let line = |what: &str, before: &str| Difference {
            what: what.to_owned(),
            before: before.to_owned(),
            now: "Yes".to_owned(),
        };
        let lines = vec![line("", "No"), line("DANE", "No <b>"), line("SNI", "Yes")];
        Box::pin(async move {
            if is_known { Comparison::Both { times: [now(), now()], lines } } else { Comparison::Unknown }
        })
    }
}

impl Health for Known {
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)> {
        self.check.clone()
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.clone()
    }
}

fn trial() -> TrialId {
    TrialId::new(b"secret", LinkId(1), 0)
}

/// A trial of the same sender that nothing here leads to.
fn earlier() -> TrialId {
    TrialId::new(b"secret", LinkId(7), 0)
}

fn finished() -> Report {
    Report {
        title: "a verdict".to_owned(),
        html: "<p>a verdict</p>".to_owned(),
        language: Language::En,
        stage: Stage::Finished,
        about: "example.net".to_owned(),
        steps: Vec::new(),
        awaited: Vec::new(),
    }
}

fn step(number: usize, seq: i64, follows: &str) -> Step {
    Step {
        seq: Seq(seq),
        kind: StepKind::Link,
        number,
        at: now(),
        tone: Tone::Info,
        did: "We offered STARTTLS.".to_owned(),
        seen: "It came.".to_owned(),
        follows: follows.to_owned(),
    }
}

fn running() -> Report {
    let steps = vec![step(1, 10, "Nothing follows.")];
    let awaited = vec!["An attempt is awaited.".to_owned()];
    Report { html: String::new(), stage: Stage::Running, steps, awaited, ..finished() }
}

/// A site in service; it stops when the guard is dropped.
async fn site(check: Option<SelfChecked>, settings: Settings) -> (SocketAddr, DropGuard) {
    site_in(None, check, settings).await
}

/// A site of a service that is in trouble.
async fn site_in(
    trouble: Option<String>,
    check: Option<SelfChecked>,
    settings: Settings,
) -> (SocketAddr, DropGuard) {
    let known = known(finished(), trouble, check);
    serve(parts(&known, settings).await).await
}

fn known(report: Report, trouble: Option<String>, check: Option<SelfChecked>) -> Arc<Known> {
    let pages = Mutex::new([(trial(), (report, watch::Sender::new(Seq(0))))].into());
    Arc::new(Known { pages, asked: Mutex::new(0), check: check.map(|check| (now(), check)), trouble })
}

/// The first three entrances: those of sound hosts, and of faulty ones whose certificates verify or not.
fn three_entrances() -> Addresses {
    let entrances = ["192.0.2.10", "192.0.2.11", "192.0.2.12"].map(|text| text.parse().unwrap());
    Addresses::default().with_entrances(&entrances)
}

/// The parts of a site that knows what `known` does, and of which nobody is known beside.
pub(crate) async fn parts(known: &Arc<Known>, settings: Settings) -> Parts {
    let folder = tempfile::tempdir().unwrap();
    let nobodys = crate::domain_checks::nobodys().await;
    Parts {
        reports: None,
        catalogue: Arc::new(catalogue()),
        addresses: three_entrances(),
        results: known.clone(),
        health: known.clone(),
        providers: None,
        domains: Arc::clone(&nobodys.domains),
        api: crate::api::api_of(&nobodys, mailassay::program::api::Settings::default()),
        objections: crate::rights::objections(folder.path()).await,
        notices: crate::rights::notices(),
        own: Arc::default(),
        settings,
        url: "https://test.example.org".to_owned(),
        clock: Arc::new(now),
    }
}

async fn made(known: &Arc<Known>, settings: Settings) -> Arc<Site> {
    Arc::new(Site::new(parts(known, settings).await))
}

/// Serves a site until the guard is dropped.
pub(crate) async fn serve(parts: Parts) -> (SocketAddr, DropGuard) {
    let (site, stop) = (Arc::new(Site::new(parts)), CancellationToken::new());
    let (listener, address) = listener().await;
    tokio::spawn(site.serve(listener, stop.clone()));
    (address, stop.drop_guard())
}

/// A site with a report on one trial.
async fn site_with(report: Report, settings: Settings) -> (Arc<Known>, SocketAddr, DropGuard) {
    let known = known(report, None, None);
    let (address, guard) = serve(parts(&known, settings).await).await;
    (known, address, guard)
}

pub(crate) async fn fetch(address: SocketAddr, path: &str) -> String {
    ask(TcpStream::connect(address).await.unwrap(), &get(path, "test.example.org")).await
}
