//! RDAP servers on loopback.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use mailassay::receiving::networks::{BootstrapSource, Settings};
use mailassay::shared::dial;
use mailassay::shared::tls::client::Roots;
use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Dns, LOCAL, World};

const NETWORK: &str = r#"{"objectClassName": "ip network", "startAddress": "192.88.0.0", "endAddress": "192.88.0.255",
    "name": "EXAMPLE-NET", "country": "NL", "entities": [{"handle": "ORG", "roles": ["registrant"],
    "vcardArray": ["vcard", [["fn", {}, "text", "Example B.V."], ["kind", {}, "text", "org"]]]}]}"#;
const DOMAIN: &str = r#"{"objectClassName": "domain", "entities": [{"handle": "1", "roles": ["registrar"],
    "vcardArray": ["vcard", [["fn", {}, "text", "Example Registrar"]]]}]}"#;

/// What servers were asked: `host path`.
type Asked = Arc<Mutex<Vec<String>>>;

/// A server for every host name, which answers by path.
async fn serve(folder: &Path) -> (World, Asked) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = ca.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let names = ["one.rdap.example", "two.rdap.example", "registry.example"].map(str::to_owned);
    let leaf = CertificateParams::new(names.to_vec()).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let https = listener.local_addr().unwrap().port();
    let (asked, acceptor) = (Asked::default(), TlsAcceptor::from(Arc::new(config)));
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
            tokio::spawn(async move { answer(acceptor.accept(stream).await.ok()?, &noted).await });
        }
    });
    let file = |services: &str| {
        format!(r#"{{"version": "1.0", "publication": "2026-01-01", "services": [{services}]}}"#)
    };
    let write = |name: &str, services: &str| std::fs::write(folder.join(name), file(services)).unwrap();
    write("dns.json", r#"[["com"], ["https://registry.example/rdap"]]"#);
    write(
        "ipv4.json",
        r#"[["192.0.0.0/8"], ["http://one.rdap.example/", "https://one.rdap.example/registry/"]], [["193.0.0.0/8"], ["https://two.rdap.example/"]]"#,
    );
    write("ipv6.json", "");
    let dns = Dns {
        addresses: names.map(|name| (name, LOCAL)).into_iter().collect::<HashMap<_, _>>(),
        ..Dns::default()
    };
    let mut dial = dial::Settings { https_port: https, ..dial::Settings::default() };
    dial.rules.allowed = vec!["127.0.0.0/8".parse().unwrap()];
    let rdap_bootstrap = BootstrapSource::Folder(folder.to_owned());
    let settings = Settings { rdap: true, rdap_bootstrap, timeout_s: 1, ..Settings::default() };
    let roots = Roots::from_pem(root.pem().as_bytes()).unwrap();
    (World::with(settings, dns, dial, roots), asked)
}

async fn answer<S: AsyncReadExt + AsyncWriteExt + Unpin>(mut stream: S, asked: &Asked) -> Option<()> {
    let mut request = vec![0; 4096];
    let length = stream.read(&mut request).await.ok()?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    assert!(request.contains("accept: application/rdap+json"), "{request}");
    let path = request.split(' ').nth(1)?.to_owned();
    let host = request.lines().find_map(|line| line.strip_prefix("host: "))?.to_owned();
    asked.lock().push(format!("{host} {path}"));
    let (status, field, body) = match path.rsplit('/').next()? {
        "192.88.0.1" => ("302 Found", "Location: https://two.rdap.example/ip/192.88.0.1\r\n", ""),
        "192.89.0.1" => ("302 Found", "Location: https://stranger.example/ip/192.89.0.1\r\n", ""),
        "192.90.0.1" => ("429 Too Many Requests", "", ""),
        "192.91.0.1" => ("200 OK", "", "<html>"),
        "193.0.0.1" => std::future::pending().await,
        "193.1.0.1" => ("302 Found", "Location: https://two.rdap.example/ip/193.1.0.1\r\n", ""),
        "example.com" => ("200 OK", "", DOMAIN),
        _ => ("404 Not Found", "", ""),
    };
    let (status, body) = if host.starts_with("two") && path == "/ip/192.88.0.1" {
        ("200 OK", NETWORK)
    } else {
        (status, body)
    };
    let answer = format!("HTTP/1.1 {status}\r\n{field}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

fn questions(asked: &Asked) -> Vec<String> {
    std::mem::take(&mut *asked.lock())
}

#[tokio::test]
async fn names_come_by_a_redirect_and_are_kept_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let (world, asked) = serve(folder.path()).await;
    let network = world.of(&["192.88.0.1"]).await.remove(0);
    let words = [network.name.as_deref(), network.organisation.as_deref(), network.country.as_deref()];
    assert_eq!(words, [Some("EXAMPLE-NET"), Some("Example B.V."), Some("NL")], "{:?}", network.missing);
    let expected = ["one.rdap.example /registry/ip/192.88.0.1", "two.rdap.example /ip/192.88.0.1"];
    assert_eq!(questions(&asked), expected);
    // Others of the same range, too.
    assert_eq!(world.of(&["192.88.0.77"]).await[0].name.as_deref(), Some("EXAMPLE-NET"));
    assert!(questions(&asked).is_empty());
    world.pass(86_401);
    world.of(&["192.88.0.1"]).await;
    assert_eq!(questions(&asked), expected);
}

#[tokio::test]
async fn the_registrar_is_that_of_the_registered_domain() {
    let folder = tempfile::tempdir().unwrap();
    let (world, asked) = serve(folder.path()).await;
    let registrar = (Ok(Some("Example Registrar".to_owned())), 1);
    assert_eq!(world.networks.registrar("mail.example.com").await, registrar);
    assert_eq!(questions(&asked), ["registry.example /rdap/domain/example.com"]);
    assert_eq!(world.networks.registrar("example.com").await.1, 0, "it is kept");
    let (unknown, cost) = world.networks.registrar("example.org").await;
    assert_eq!((unknown, cost), (Err("RDAP: no server is known for example.org".to_owned()), 0));
}

#[tokio::test]
async fn what_a_server_does_instead_of_answering_is_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (world, asked) = serve(folder.path()).await;
    let reason = async |address: &str| world.of(&[address]).await.remove(0).missing.remove(0);
    assert_eq!(reason("192.89.0.1").await, "one.rdap.example: it redirects to a server that is not known");
    assert_eq!(reason("192.91.0.1").await, "one.rdap.example: it answered with no network");
    assert_eq!(reason("8.8.8.8").await, "RDAP: no server is known for 8.8.8.8");
    assert_eq!(reason("193.1.0.1").await, "two.rdap.example: it redirects without end");
    assert_eq!(reason("192.90.0.1").await, "one.rdap.example: status 429, too many questions");
    questions(&asked);
    // A server that wants to be left alone is, for a minute.
    assert_eq!(
        reason("192.91.0.1").await,
        "one.rdap.example: left alone for a minute after it did not answer"
    );
    assert!(questions(&asked).is_empty());
    world.pass(61);
    assert_eq!(reason("192.91.0.1").await, "one.rdap.example: it answered with no network");
    assert_eq!(reason("193.0.0.1").await, "two.rdap.example: no answer within 1 s");
}
