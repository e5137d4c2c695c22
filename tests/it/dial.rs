//! Tests of `dial`: a policy host on loopback that answers, misbehaves, or is not there.

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use mailassay::sending::identities::Identities;
use mailassay::sending::persona::{Addresses, CatalogueFiles};
use mailassay::shared::dial::{FetchLimits, Settings, https_get};
use mailassay::shared::evidence::{Fetch, FetchOutcome};
use mailassay::shared::tls::accept;
use mailassay::shared::tls::client::Roots;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const HOST: &str = "mta-sts.et.example.org";
const PATH: &str = "/.well-known/mta-sts.txt";

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// Fetches from a server that answers one request with `response`, or with nothing. The request, too.
async fn fetched(
    response: Option<Vec<u8>>,
    trusted: bool,
    host: &str,
    limits: FetchLimits,
) -> (Fetch, String) {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        mailassay::sending::identities::Settings { folder: folder.path().to_owned(), ..Default::default() };
    let catalogue = CatalogueFiles::embedded().catalogue("example.org").unwrap();
    let identities = Identities::open(settings, catalogue, Addresses::default(), now()).unwrap();
    let roots = match trusted {
        true => Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap(),
        false => Roots::mozilla(),
    };
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let mut dial = Settings { https_port: listener.local_addr().unwrap().port(), ..Settings::default() };
    dial.rules.allowed = vec!["127.0.0.0/8".parse().unwrap()];
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let choose = |_: &_| identities.policy_host_config(HOST).unwrap();
        let Ok((_, mut stream)) = accept(stream, 10, choose).await.outcome else { return String::new() };
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap_or(0);
        if let Some(response) = response.filter(|_| length > 0) {
            stream.write_all(&response).await.ok();
            stream.shutdown().await.ok();
        } else {
            stream.read_u8().await.ok();
        }
        String::from_utf8(request[..length].to_vec()).unwrap()
    };
    let fetching = https_get(&dial, host, PATH, &[LOCAL], &roots, limits, now());
    tokio::join!(fetching, serve)
}

fn http(status: &str, headers: &str, body: &str) -> Option<Vec<u8>> {
    let length = body.len();
    Some(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes())
}

#[tokio::test]
async fn what_is_answered_is_kept() {
    let policy = "version: STSv1\r\nmode: none\r\nmax_age: 1\r\n";
    let answer = http("200 OK", "Content-Type: text/plain\r\n", policy);
    let (fetch, request) = fetched(answer, true, HOST, FetchLimits::default()).await;
    assert_eq!(fetch.url, format!("https://{HOST}{PATH}"));
    let FetchOutcome::Answered { status, content_type, body, cut, .. } = fetch.outcome else {
        panic!("{:?}", fetch.outcome)
    };
    assert_eq!((status, content_type.as_deref(), &body[..], cut), (200, Some("text/plain"), policy, false));
    assert!(request.starts_with(&format!("GET {PATH} HTTP/1.1\r\n")), "{request}");
    assert!(request.contains(&format!("host: {HOST}\r\n")), "{request}");
    assert!(request.contains("user-agent: mailassay/"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_others_and_a_long_body_is_cut() {
    let moved = http("301 Moved Permanently", "Location: https://elsewhere.example/\r\n", "");
    let (fetch, _) = fetched(moved, true, HOST, FetchLimits::default()).await;
    let FetchOutcome::Answered { status: 301, location, .. } = fetch.outcome else {
        panic!("{:?}", fetch.outcome)
    };
    assert_eq!(location.as_deref(), Some("https://elsewhere.example/"));

    let long = http("200 OK", "", &"x".repeat(70_000));
    let (fetch, _) = fetched(long, true, HOST, FetchLimits::default()).await;
    let FetchOutcome::Answered { body, cut, .. } = fetch.outcome else { panic!("{:?}", fetch.outcome) };
    assert_eq!((body.len(), cut), (65_536, true));
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let ok = || http("200 OK", "", "");
    let tls_failed = |fetch: Fetch| match fetch.outcome {
        FetchOutcome::TlsFailed { reason } => reason,
        other => panic!("{other:?}"),
    };
    let (fetch, request) = fetched(ok(), false, HOST, FetchLimits::default()).await;
    assert_eq!(request, "", "nothing is asked of a host that is not trusted");
    assert_eq!(tls_failed(fetch), "no path to a trusted root");
    let (fetch, _) = fetched(ok(), true, "mta-sts.ut.example.org", FetchLimits::default()).await;
    assert_eq!(tls_failed(fetch), "it does not name mta-sts.ut.example.org");

    let (fetch, _) = fetched(Some(b"220 SMTP\r\n".to_vec()), true, HOST, FetchLimits::default()).await;
    assert!(matches!(fetch.outcome, FetchOutcome::Unreachable { .. }), "{:?}", fetch.outcome);
    let short = FetchLimits { total_s: 1, ..FetchLimits::default() };
    let (fetch, _) = fetched(None, true, HOST, short).await;
    assert_eq!(fetch.outcome, FetchOutcome::TimedOut);

    let forbidden = Settings::default();
    let fetch =
        https_get(&forbidden, HOST, PATH, &[LOCAL], &Roots::mozilla(), FetchLimits::default(), now()).await;
    let FetchOutcome::Unreachable { reason } = fetch.outcome else { panic!("{:?}", fetch.outcome) };
    assert!(reason.contains("127.0.0.1 is not called: it is loopback"), "{reason}");
}
