//! Servers that mean harm, or mean nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mailassay::receiving::probe::{Limits, Renegotiation, ask, ask_ssl2, renegotiate, renegotiating_hello};
use mailassay::shared::evidence::scan::{Answer, Hello, RealHandshake};
use mailassay::shared::tls::client::record;
use proptest::prelude::*;
use rcgen::KeyPair;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsAcceptor;

use super::rustls_peer::acceptor;
use super::{SNI, codes, hello, limits, randomness};

/// Runs what a case of a property awaits; time passes as soon as nothing else happens.
fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

/// Says `octets` to whatever comes, and goes.
async fn say(mut stream: DuplexStream, octets: &[u8]) {
    let mut first = [0; 64];
    let _ = stream.read(&mut first).await;
    let _ = stream.write_all(octets).await;
}

/// Every question, to a server that says `octets`.
async fn ask_all(octets: &[u8], limits: &Limits) -> Vec<Answer> {
    let randomness = randomness();
    let mut answers = Vec::new();
    for offered in [hello(0x0303, "c02f"), Hello { share: Some(0x001d), ..hello(0x0304, "1301") }] {
        let (ours, theirs) = duplex(65_536);
        answers.push(tokio::join!(ask(ours, &offered, SNI, &randomness, limits), say(theirs, octets)).0.0);
    }
    let (ours, theirs) = duplex(65_536);
    answers.push(tokio::join!(ask_ssl2(ours, &randomness, limits), say(theirs, octets)).0.0);
    let (ours, theirs) = duplex(65_536);
    let hello = renegotiating_hello();
    let question = Renegotiation { hello: &hello, tries: 3, inject: true, helo: "probe.example" };
    answers
        .push(tokio::join!(renegotiate(ours, question, SNI, &randomness, limits), say(theirs, octets)).0.0);
    answers
}

/// Carries octets between two ends, changing some on the way to the first.
async fn carry(ours: DuplexStream, theirs: DuplexStream, changes: &[(usize, u8)]) {
    let (mut from_us, mut to_us) = tokio::io::split(ours);
    let (mut from_them, mut to_them) = tokio::io::split(theirs);
    let forth = async {
        let _ = tokio::io::copy(&mut from_us, &mut to_them).await;
        let _ = to_them.shutdown().await;
    };
    let back = async {
        let (mut at, mut buffer) = (0, [0; 1024]);
        while let Ok(length @ 1..) = from_them.read(&mut buffer).await {
            for (changed, octet) in changes {
                if (at..at + length).contains(changed) {
                    buffer[changed - at] ^= octet;
                }
            }
            at += length;
            if to_us.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
        let _ = to_us.shutdown().await;
    };
    tokio::join!(forth, back);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_octets_are_an_answer(octets in prop::collection::vec(any::<u8>(), 0..3000)) {
        for answer in run(ask_all(&octets, &limits())) {
            let bounded = serde_json::to_string(&answer).unwrap().len() < 4096;
            prop_assert!(bounded && !matches!(answer, Answer::Renegotiated(_)), "{answer:?}");
        }
    }

    /// A sound server whose octets are changed on the way, in clear and sealed.
    #[test]
    fn a_handshake_that_is_tampered_with_ends(
        changes in prop::collection::vec((0_usize..2500, 1_u8..), 1..4),
    ) {
        let limits = limits();
        run(async {
            let acceptor = acceptor();
            let randomness = randomness();
            let mini = renegotiating_hello();
            let shared = Hello { share: Some(0x001d), ..hello(0x0304, "1301-1303") };
            for with_keys in [true, false] {
                let (ours, there) = duplex(65_536);
                let (here, theirs) = duplex(65_536);
                let question = Renegotiation { hello: &mini, tries: 1, inject: false, helo: "probe.example" };
                let asked = async {
                    match with_keys {
                        true => renegotiate(ours, question, SNI, &randomness, &limits).await,
                        false => ask(ours, &shared, SNI, &randomness, &limits).await,
                    }
                };
                // The server goes when its handshake is over.
                let serve = async { drop(acceptor.accept(theirs).await) };
                let ((answer, chain), (), ()) = tokio::join!(asked, carry(there, here, &changes), serve);
                assert!(chain.len() <= 1, "{answer:?}");
            }
        });
    }
}

/// A stream without end, and how much of it was read.
async fn without_end(mut stream: DuplexStream, beginning: &[u8], again: &[u8], written: &AtomicUsize) {
    let mut said = beginning.to_vec();
    while stream.write_all(&said).await.is_ok() {
        written.fetch_add(said.len(), Ordering::Relaxed);
        said = again.to_vec();
    }
}

#[tokio::test]
async fn no_more_than_the_limit_is_read() {
    const BUFFER: usize = 4096;
    // Warnings, empty records, certificates that are promised, SSL 2.0.
    for again in [&[21, 3, 3, 0, 2, 1, 90][..], &[22, 3, 3, 0, 0], &[22, 3, 3, 0, 4, 0, 0, 0, 0]] {
        let limits = Limits { octets_max: 50_000, ..limits() };
        let (ours, theirs) = duplex(BUFFER);
        let written = AtomicUsize::new(0);
        let offered = hello(0x0303, "c02f");
        let randomness = randomness();
        let asked = ask(ours, &offered, SNI, &randomness, &limits);
        let ((answer, _), ()) = tokio::join!(asked, without_end(theirs, again, again, &written));
        assert_eq!(answer, Answer::Garbage { reason: "more octets than are read".to_owned() });
        assert!(written.load(Ordering::Relaxed) <= 50_000 + 2 * BUFFER);
    }
}

#[tokio::test]
async fn the_recorder_takes_garbage_for_no_limit_of_ours() {
    for octets in [&b""[..], b"421 no\r\n", &[21, 3, 3, 0, 2, 2, 80], &[22, 3, 3, 0, 4, 2, 0, 0, 0]] {
        let (ours, theirs) = duplex(65_536);
        let (recorded, ()) = tokio::join!(record(ours, SNI, 10), say(theirs, octets));
        match recorded.outcome {
            RealHandshake::Failed { our_limit, reason, .. } => assert!(!our_limit && !reason.is_empty()),
            other => panic!("{other:?}"),
        }
        assert!(recorded.stream.is_none() && recorded.chain.is_empty());
    }
    // Nothing at all, and no time.
    let (ours, _theirs) = duplex(65_536);
    let outcome = record(ours, SNI, 0).await.outcome;
    assert!(matches!(outcome, RealHandshake::Failed { our_limit: false, alert: None, .. }), "{outcome:?}");
}

/// Shows the same whatever is asked.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_read_is_recorded() {
    let key = KeyPair::generate().unwrap();
    let key = any_supported_type(&PrivateKeyDer::Pkcs8(key.serialize_der().into())).unwrap();
    let odd = CertificateDer::from(b"no certificate".to_vec());
    let shown = CertifiedKey::new(vec![odd.clone()], key);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = ServerConfig::builder_with_provider(default_provider().into())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(Arc::new(shown.clone()))));
        let (ours, theirs) = duplex(65_536);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        // A name that no SNI can carry is no hindrance either.
        let (recorded, accepted) = tokio::join!(record(ours, "-odd-.example", 10), acceptor.accept(theirs));
        accepted.unwrap();
        assert_eq!(recorded.chain, std::slice::from_ref(&odd));
        let RealHandshake::Completed(completed) = recorded.outcome else { panic!("{:?}", recorded.outcome) };
        assert_eq!(completed.chain, [mailassay::shared::tls::fingerprint(&odd)]);
        let hybrid = completed.group == Some(0x11ec);
        assert_eq!(hybrid, version.version == rustls::ProtocolVersion::TLSv1_3, "{:?}", completed.group);
        assert_eq!(completed.scheme, Some(0x0403));
        assert!(!completed.ocsp);
        assert!(codes("c02b-c02c cca9 1301-1303").contains(completed.suite), "{:04x}", completed.suite);
    }
}
