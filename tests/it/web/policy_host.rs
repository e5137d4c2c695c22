//! The policy host, with rustls as its visitor.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mailassay::sending::history::{Fact, FetchesLost, Lost, NotRecorded, PolicyFetched, Recorder, Seq};
use mailassay::sending::identities::Identities;
use mailassay::sending::persona::Addresses;
use mailassay::sending::trial::{CasePhases, NoTrials};
use mailassay::sending::web::{Neighbour, PolicyHost};
use mailassay::shared::evidence::Alert;
use mailassay::shared::policy::Policy;
use mailassay::shared::tls::client;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpSocket;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;

mod ruled;

use super::*;

pub(super) const HOST: &str = "mta-sts.et.example.org";

#[derive(Default)]
pub(super) struct Book {
    pub(super) facts: Mutex<Vec<Fact>>,
    written: Notify,
}

impl Recorder for Book {
    fn note(&self, _: Timestamp, fact: Fact) {
        self.facts.lock().unwrap().push(fact);
        self.written.notify_one();
    }

    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        self.note(at, fact);
        Box::pin(async { Ok(Seq(1)) })
    }
}

impl Book {
    /// The next visit that is noted.
    async fn visit(&self) -> PolicyFetched {
        loop {
            let fact = self.facts.lock().unwrap().pop();
            match fact {
                Some(Fact::PolicyFetched(visit)) => return visit,
                Some(other) => panic!("{other:?}"),
                None => self.written.notified().await,
            }
        }
    }
}

pub(super) struct Host {
    pub(super) address: SocketAddr,
    identities: Arc<Identities>,
    pub(super) book: Arc<Book>,
    _folder: tempfile::TempDir,
    _guard: tokio_util::sync::DropGuard,
}

async fn policy_host() -> Host {
    policy_host_with(Settings::default()).await
}

async fn policy_host_with(limits: Settings) -> Host {
    beside(limits, |_| None).await
}

/// What a neighbour shows in TLS.
pub(super) type Shown = Arc<dyn Fn() -> Option<Arc<rustls::ServerConfig>> + Send + Sync>;

/// A policy host with another host on its socket.
pub(super) async fn beside<N>(limits: Settings, neighbour: impl FnOnce(Shown) -> N) -> Host
where
    N: Into<Option<Neighbour>>,
{
    beside_with(limits, Addresses::default(), Arc::new(NoTrials), neighbour).await
}

/// The same, where ruled cases are offered at `addresses`, and their trials are as far as `phases` says.
async fn beside_with<N>(
    limits: Settings,
    addresses: Addresses,
    phases: Arc<dyn CasePhases>,
    neighbour: impl FnOnce(Shown) -> N,
) -> Host
where
    N: Into<Option<Neighbour>>,
{
    let folder = tempfile::tempdir().unwrap();
    let settings = mailassay::sending::identities::Settings {
        folder: folder.path().to_owned(),
        site: Some("test.example.org".to_owned()),
        pool_labels: 2,
        ..Default::default()
    };
    let identities = Identities::open(settings, catalogue(), addresses, Timestamp::now()).unwrap();
    let (identities, book) = (Arc::new(identities), Arc::new(Book::default()));
    let clock = Arc::new(now);
    let mut host = PolicyHost::new(&catalogue(), identities.clone(), book.clone(), clock, limits, phases);
    let shown = Arc::clone(&identities);
    if let Some(neighbour) = neighbour(Arc::new(move || shown.site_config())).into() {
        host = host.beside(neighbour);
    }
    let (listener, address) = listener().await;
    let stop = CancellationToken::new();
    tokio::spawn(Arc::new(host).serve(listener, stop.clone()));
    Host { address, identities, book, _folder: folder, _guard: stop.drop_guard() }
}

impl Host {
    pub(super) async fn ask(&self, sni: &str, request: &str) -> String {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let connected = client::connect(stream, sni, true, 10).await.unwrap();
        ask(connected.stream, request).await
    }
}

#[tokio::test]
async fn the_policy_is_served_as_the_standard_wants_it() {
    let host = policy_host().await;
    let mut roots = RootCertStore::empty();
    let root =
        rustls::pki_types::pem::PemObject::from_pem_slice(host.identities.ca_root_pem().unwrap().as_bytes());
    roots.add(root.unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(host.address).await.unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(ServerName::try_from(HOST).unwrap(), stream).await.unwrap();
    let answer = ask(stream, &get("/.well-known/mta-sts.txt", HOST)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/plain; charset=utf-8"), "{head}");
    let catalogue = catalogue();
    let expected = catalogue.policy(catalogue.case(&"et".into()).unwrap()).unwrap();
    assert_eq!(Policy::parse(body), Ok(expected));
    assert!(body.lines().count() == body.matches("\r\n").count(), "{body:?}");
    let visit = host.book.visit().await;
    assert_eq!(visit.path.as_deref(), Some("/.well-known/mta-sts.txt"));
    assert_eq!((visit.status, visit.sni.as_deref()), (Some(200), Some(HOST)));
    assert_eq!((visit.user_agent.as_deref(), visit.alert), (Some("test/1"), None));
}

#[tokio::test]
async fn nothing_else_is_served() {
    let host = policy_host().await;
    let path = "/.well-known/mta-sts.txt";
    for (sni, request, status) in [
        (HOST, get("/", HOST), 404),
        (HOST, get("/.well-known/../../etc/passwd", HOST), 404),
        (HOST, get(path, "mta-sts.ut.example.org"), 404),
        (HOST, get(path, "mta-sts.et.example.org.evil.example"), 404),
        ("mta-sts.ut.example.org", get(path, HOST), 421),
        (HOST, get(path, HOST).replace("GET", "POST"), 405),
        (HOST, get(path, HOST).replace("Host:", "X-Host:"), 400),
        (HOST, get(path, "MTA-STS.et.example.org.:443"), 200),
    ] {
        let answer = host.ask(sni, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request} {answer}");
        assert_eq!(host.book.visit().await.status, Some(status), "{request}");
    }
}

#[tokio::test]
async fn who_refuses_the_certificate_is_noted_with_the_alert() {
    let host = policy_host().await;
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty());
    let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
    let stream = TcpStream::connect(host.address).await.unwrap();
    let refused = connector.connect(ServerName::try_from(HOST).unwrap(), stream).await;
    assert!(refused.is_err());
    let visit = host.book.visit().await;
    assert_eq!((visit.sni.as_deref(), visit.path, visit.alert), (Some(HOST), None, Some(Alert(48))));
}

#[tokio::test]
async fn who_leaves_without_a_request_is_noted() {
    let host = policy_host().await;
    let stream = TcpStream::connect(host.address).await.unwrap();
    let mut connected = client::connect(stream, HOST, true, 10).await.unwrap();
    connected.stream.shutdown().await.unwrap();
    let visit = host.book.visit().await;
    assert_eq!((visit.sni.as_deref(), visit.path, visit.alert), (Some(HOST), None, None));
}

/// 30,000 fetches took 57 GB a day and the subscriber's time (F5, F6): what one network does beyond its share is answered,
/// and only said to be missing, so that nobody takes what is not there for proof.
#[tokio::test]
async fn a_flood_of_visits_is_answered_and_noted_up_to_the_share_of_its_network() {
    let host = policy_host_with(Settings { requests_max: 1_000, ..Settings::default() }).await;
    let one = get("/.well-known/mta-sts.txt", HOST).replace("Connection: close\r\n", "");
    let flood = format!("{}{}", one.repeat(199), get("/.well-known/mta-sts.txt", HOST));
    let answers = host.ask(HOST, &flood).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 200, "all are answered");
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.1.0.1:0".parse().unwrap()).unwrap();
    let connected =
        client::connect(socket.connect(host.address).await.unwrap(), HOST, true, 10).await.unwrap();
    assert!(ask(connected.stream, &get("/.well-known/mta-sts.txt", HOST)).await.starts_with("HTTP/1.1 200"));
    let facts = std::mem::take(&mut *host.book.facts.lock().unwrap());
    let of = |network: &str| {
        let visits = facts.iter().filter(|fact| {
            matches!(fact, Fact::PolicyFetched(visit) if visit.source.ip().to_string().starts_with(network))
        });
        visits.count()
    };
    assert_eq!((of("127.0.0."), of("127.1.0.")), (60, 1));
    let (network, until) = (Some("127.0.0.0/24".parse().unwrap()), now() + Duration::from_secs(60));
    let lost = Fact::FetchesLost(FetchesLost { network, until, why: Lost::Dropped });
    let said: Vec<_> = facts.iter().filter(|fact| !matches!(fact, Fact::PolicyFetched(_))).collect();
    assert_eq!(said, [&lost], "said once");
}

/// A scan of port 443 takes nothing from the fetches that are noted, and what is not noted of it is missed by nobody.
#[tokio::test]
async fn visits_that_are_no_fetch_of_a_policy_take_nothing_from_those_that_are() {
    let host = policy_host_with(Settings { requests_max: 1_000, ..Settings::default() }).await;
    let flood = |path: &str, times: usize| {
        let last = get(path, HOST);
        last.replace("Connection: close\r\n", "").repeat(times - 1) + &last
    };
    let policy = "/.well-known/mta-sts.txt";
    for (sni, path) in [(HOST, "/"), ("test.example.org", policy)] {
        host.ask(sni, &flood(path, 100)).await;
    }
    // Fetches of the policy: 59, and one that ends before its request.
    host.ask(HOST, &flood(policy, 59)).await;
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty());
    let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
    let stream = TcpStream::connect(host.address).await.unwrap();
    assert!(connector.connect(ServerName::try_from(HOST).unwrap(), stream).await.is_err());
    let refused = |fact: &Fact| matches!(fact, Fact::PolicyFetched(visit) if visit.alert == Some(Alert(48)));
    while !host.book.facts.lock().unwrap().iter().any(refused) {
        tokio::task::yield_now().await;
    }
    let said = |fact: &&Fact| !matches!(fact, Fact::PolicyFetched(_));
    let facts = std::mem::take(&mut *host.book.facts.lock().unwrap());
    assert_eq!((facts.len(), facts.iter().filter(said).count()), (10 + 60, 0));

    host.ask(HOST, &flood(policy, 1)).await;
    let facts = host.book.facts.lock().unwrap();
    assert!(matches!(facts[..], [Fact::FetchesLost(_)]), "the one that was refused counted, too: {facts:?}");
}
