//! Tests of `web`: the site over plain HTTP, and the policy host with rustls as its visitor.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mailassay::program::rights::Objections;
use mailassay::program::site::{Health, Notices, Parts, Report, Results, Settings, Site};
use mailassay::sending::history::{
    Fact, FetchesLost, Lost, NotRecorded, PolicyFetched, Recorder, SelfCheck, SelfChecked, Seq,
};
use mailassay::sending::identities::Identities;
use mailassay::sending::persona::{Addresses, Catalogue, CatalogueFiles};
use mailassay::sending::trial::{LinkId, TrialId};
use mailassay::sending::web::PolicyHost;
use mailassay::shared::evidence::Alert;
use mailassay::shared::policy::Policy;
use mailassay::shared::text::Language;
use mailassay::shared::time::Timestamp;
use mailassay::shared::tls::client;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

const HOST: &str = "mta-sts.et.example.org";

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
pub(super) async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
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

pub(crate) struct Known {
    pages: BTreeMap<TrialId, Report>,
    check: Option<(Timestamp, SelfChecked)>,
    trouble: Option<String>,
}

impl Known {
    /// A service that knows of no trial.
    pub(crate) fn nothing() -> Self {
        Self { pages: BTreeMap::new(), check: None, trouble: None }
    }
}

impl Results for Known {
    fn report<'a>(
        &'a self,
        trial: &'a TrialId,
        _: Option<Language>,
    ) -> Pin<Box<dyn Future<Output = Option<Report>> + Send + 'a>> {
        Box::pin(async { self.pages.get(trial).cloned() })
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

/// A site in service; it stops when the guard is dropped.
async fn site(check: Option<SelfChecked>, settings: Settings) -> (SocketAddr, tokio_util::sync::DropGuard) {
    site_in(None, check, settings).await
}

/// A site of a service that is in trouble.
async fn site_in(
    trouble: Option<String>,
    check: Option<SelfChecked>,
    settings: Settings,
) -> (SocketAddr, tokio_util::sync::DropGuard) {
    let report =
        Report { title: "a verdict".to_owned(), html: "<p>a verdict</p>".to_owned(), language: Language::En };
    let pages = [(trial(), report)].into();
    let known = Arc::new(Known { pages, check: check.map(|check| (now(), check)), trouble });
    let folder = tempfile::tempdir().unwrap();
    let objections = super::rights::objections(folder.path()).await;
    serve(known, settings, objections, super::rights::notices()).await
}

/// A site of a service with nothing to show but what it says of itself.
pub(super) async fn site_of(
    objections: Arc<Objections>,
    notices: Notices,
) -> (SocketAddr, tokio_util::sync::DropGuard) {
    let known = Known { pages: BTreeMap::new(), check: None, trouble: None };
    serve(Arc::new(known), Settings::default(), objections, notices).await
}

async fn serve(
    known: Arc<Known>,
    settings: Settings,
    objections: Arc<Objections>,
    notices: Notices,
) -> (SocketAddr, tokio_util::sync::DropGuard) {
    let site = Arc::new(Site::new(Parts {
        catalogue: Arc::new(catalogue()),
        results: known.clone(),
        health: known,
        domains: crate::domain_checks::nobodys().await,
        url: String::new(),
        settings,
        objections,
        notices,
        clock: Arc::new(now),
    }));
    let (listener, address) = listener().await;
    let stop = CancellationToken::new();
    tokio::spawn(site.serve(listener, stop.clone()));
    (address, stop.drop_guard())
}

pub(super) async fn fetch(address: SocketAddr, path: &str) -> String {
    ask(TcpStream::connect(address).await.unwrap(), &get(path, "test.example.org")).await
}

fn red() -> SelfChecked {
    let dns = SelfCheck::Red { reason: "no DS <at> the parent".to_owned() };
    SelfChecked { dns, certificates: SelfCheck::Green, policy_host: SelfCheck::Green }
}

#[tokio::test]
async fn a_result_is_shown_to_who_knows_its_address_and_to_no_crawler() {
    let (address, _guard) = site(None, Settings::default()).await;
    let page = fetch(address, &format!("/r/{}", trial())).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("<p>a verdict</p>"), "{page}");
    let head = page.to_lowercase();
    for header in [
        "x-robots-tag: noindex, nofollow",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
    ] {
        assert!(head.contains(header), "{header} in {page}");
    }
}

#[tokio::test]
async fn what_there_is_not_looks_alike() {
    let (address, _guard) = site(None, Settings::default()).await;
    let unknown = fetch(address, &format!("/r/{}", TrialId::new(b"other", LinkId(9), 0))).await;
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
    let date = |answer: &str| {
        let lines = answer.lines().filter(|line| !line.to_lowercase().starts_with("date:"));
        lines.collect::<Vec<_>>().join("\n")
    };
    for path in ["/r/nonsense", "/r/..%2f..%2fetc%2fpasswd", "/wp-login.php", "/r/"] {
        assert_eq!(date(&fetch(address, path).await), date(&unknown), "{path}");
    }
}

#[tokio::test]
async fn the_status_page_derives_from_the_catalogue() {
    let (address, _guard) = site(Some(red()), Settings::default()).await;
    let page = fetch(address, "/").await;
    for text in [
        "en@et.example.org and en@ut.example.org",
        "de@et.example.org und de@ut.example.org",
        "mx03.et.example.org",
        "self-signed, then public CA",
        "not listed",
        "no DS &#60;at&#62; the parent",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    assert!(!page.contains("mx.example.org"), "no trial meets the service's own MX");
}

#[tokio::test]
async fn health_is_red_when_the_self_check_is() {
    let (address, _guard) = site(Some(red()), Settings::default()).await;
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(r#""status":"red""#), "{answer}");
    let (address, _guard) = site(None, Settings::default()).await;
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""status":"unchecked""#), "{answer}");
}

#[tokio::test]
async fn health_is_not_green_while_the_service_is_in_trouble() {
    let green = || SelfChecked {
        dns: SelfCheck::Green,
        certificates: SelfCheck::Green,
        policy_host: SelfCheck::Green,
    };
    let (address, _guard) = site(Some(green()), Settings::default()).await;
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""trouble":null"#), "{answer}");
    let trouble = "the journal cannot be written: the disk is full";
    let (address, _guard) = site_in(Some(trouble.to_owned()), Some(green()), Settings::default()).await;
    let answer = fetch(address, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains(r#""status":"trouble""#), "{answer}");
    assert!(answer.contains(trouble), "{answer}");
}

#[tokio::test]
async fn one_address_may_not_hold_all_connections() {
    let settings = Settings { connections_per_address_max: 2, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let held = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let mut third = TcpStream::connect(address).await.unwrap();
    let mut nothing = [0; 1];
    // The third is closed unread, by FIN or by RST.
    assert!(third.read(&mut nothing).await.map_or(true, |read| read == 0));
    drop(held);
}

/// Connects from an address of loopback, and says whether it was let in.
async fn is_let_in(from: [u8; 4], address: SocketAddr, held: &mut Vec<TcpStream>) -> bool {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    // Who is let in is answered, and may ask again; who is not is closed unread, by FIN or by RST.
    let _ = stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answered = stream.read(&mut [0; 1]).await.is_ok_and(|read| read > 0);
    held.push(stream);
    answered
}

#[tokio::test]
async fn a_network_may_not_hold_all_connections_and_another_is_served() {
    let settings = Settings { connections_per_network_max: 3, connections_max: 5, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let mut held = Vec::new();
    let mut let_in = Vec::new();
    for from in
        [[127, 0, 0, 1], [127, 0, 0, 2], [127, 0, 0, 3], [127, 0, 0, 4], [127, 1, 0, 1], [127, 2, 0, 1]]
    {
        let_in.push(is_let_in(from, address, &mut held).await);
    }
    assert_eq!(let_in, [true, true, true, false, true, true]);
    assert!(!is_let_in([127, 3, 0, 1], address, &mut held).await, "all are taken");
}

#[tokio::test]
async fn a_connection_brings_so_many_requests_and_a_new_one_goes_on() {
    let settings = Settings { requests_max: 3, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let one = get("/health", "x").replace("Connection: close\r\n", "");
    let answers = ask(TcpStream::connect(address).await.unwrap(), &one.repeat(10)).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 3, "{answers}");
    assert!(fetch(address, "/health").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_does_not_end_in_time_ends_the_connection() {
    let settings = Settings { head_timeout_s: 1, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_connection_that_lasts_too_long_is_cut() {
    let settings = Settings { head_timeout_s: 60, connection_timeout_s: 1, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let (address, _guard) = site(None, Settings::default()).await;
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(40_000));
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The service may close before all of it is written.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}

#[derive(Default)]
struct Book {
    facts: Mutex<Vec<Fact>>,
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

struct Host {
    address: SocketAddr,
    identities: Arc<Identities>,
    book: Arc<Book>,
    _folder: tempfile::TempDir,
    _guard: tokio_util::sync::DropGuard,
}

async fn policy_host() -> Host {
    policy_host_with(Settings::default()).await
}

async fn policy_host_with(limits: Settings) -> Host {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        mailassay::sending::identities::Settings { folder: folder.path().to_owned(), ..Default::default() };
    let identities = Identities::open(settings, catalogue(), Addresses::default(), Timestamp::now()).unwrap();
    let (identities, book) = (Arc::new(identities), Arc::new(Book::default()));
    let clock = Arc::new(now);
    let host = PolicyHost::new(&catalogue(), identities.clone(), book.clone(), clock, limits);
    let (listener, address) = listener().await;
    let stop = CancellationToken::new();
    tokio::spawn(Arc::new(host).serve(listener, stop.clone()));
    Host { address, identities, book, _folder: folder, _guard: stop.drop_guard() }
}

impl Host {
    async fn ask(&self, sni: &str, request: &str) -> String {
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
