//! rustls as the server, in process; and what a server of mail says within TLS.

use std::sync::Arc;

use mailassay::receiving::probe::{Renegotiation, ask, inject, renegotiate, renegotiating_hello};
use mailassay::shared::evidence::scan::{Answer, Hello, Refusal};
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio_rustls::TlsAcceptor;

use super::{SNI, codes, flight, hello, limits, randomness};

pub(super) fn acceptor() -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([SNI.to_owned()]).unwrap().self_signed(&key).unwrap();
    let config = ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn a_post_quantum_group_is_found_and_taken() {
    let mut offered = Hello { groups: codes("11ec 001d"), ..hello(0x0304, "1301-1303") };
    for share in [None, Some(0x11ec)] {
        offered.share = share;
        let (ours, theirs) = duplex(65_536);
        let (randomness, limits) = (randomness(), limits());
        let (answer, _) =
            tokio::join!(ask(ours, &offered, SNI, &randomness, &limits), acceptor().accept(theirs));
        let seen = flight(answer.0);
        assert_eq!((seen.version.0, seen.retry, seen.group), (0x0304, share.is_none(), Some(0x11ec)));
    }
}

/// A mail server within TLS: says `unasked` at once, then `ehlo` to every line.
async fn serve(stream: DuplexStream, unasked: &str, ehlo: &str) -> Vec<String> {
    let mut stream = BufReader::new(acceptor().accept(stream).await.unwrap());
    stream.write_all(unasked.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let mut line = String::new();
    while matches!(stream.read_line(&mut line).await, Ok(1..)) {
        heard.push(std::mem::take(&mut line));
        if stream.write_all(ehlo.as_bytes()).await.is_err() {
            break;
        }
    }
    heard
}

#[tokio::test]
async fn an_answer_to_what_was_said_in_clear_is_found() {
    const ESMTP: &str = "250-mx.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n";
    const BARE: &str = "250 mx.example\r\n";
    const NOOP: &str = "250 2.0.0 Ok\r\n";
    // What the server says unasked and to each EHLO; whether we look, what we find, and how often we say EHLO.
    for (unasked, ehlo, looks, found, commands) in [
        ("", ESMTP, true, Some(false), 1),
        ("", BARE, true, Some(false), 2),
        (NOOP, ESMTP, true, Some(true), 2),
        (NOOP, BARE, true, Some(true), 2),
        ("220 once more\r\n", ESMTP, true, Some(false), 1),
        ("", ESMTP, false, None, 0),
    ] {
        let (ours, theirs) = duplex(65_536);
        let hello = renegotiating_hello();
        let question = Renegotiation { hello: &hello, tries: 0, inject: looks, helo: "probe.example" };
        let (randomness, limits) = (randomness(), limits());
        let asked = renegotiate(ours, question, SNI, &randomness, &limits);
        let ((answer, chain), heard) = tokio::join!(asked, serve(theirs, unasked, ehlo));
        let Answer::Renegotiated(seen) = answer else { panic!("{answer:?}") };
        assert_eq!(seen.injected, found, "{unasked} {ehlo}");
        assert_eq!((seen.accepted, seen.refused), (0, None));
        assert_eq!(chain.len(), 1);
        let expected =
            [vec!["EHLO probe.example\r\n".to_owned(); commands], vec!["QUIT\r\n".to_owned()]].concat();
        assert_eq!(heard, expected);
        if looks {
            // The same with the handshake of a library, which here is of TLS 1.3.
            let (mut ours, theirs) = duplex(65_536);
            let asked = inject(&mut ours, SNI, "probe.example", &limits);
            let (answer, heard) = tokio::join!(asked, serve(theirs, unasked, ehlo));
            assert_eq!(answer, Answer::Injected { executed: found }, "{unasked} {ehlo}");
            assert_eq!(heard, expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_within_tls_or_no_tls_at_all_has_not_executed_anything() {
    let limits = limits();
    let (ours, theirs) = duplex(65_536);
    let asked = inject(ours, SNI, "probe.example", &limits);
    let (answer, _silent) = tokio::join!(asked, async { acceptor().accept(theirs).await.unwrap() });
    assert_eq!(answer, Answer::Injected { executed: None });
    let (ours, mut theirs) = duplex(65_536);
    theirs.write_all(b"250 2.0.0 Ok\r\n").await.unwrap();
    let answer = inject(ours, SNI, "probe.example", &limits).await;
    assert!(matches!(answer, Answer::Garbage { .. }), "{answer:?}");
    let (ours, _theirs) = duplex(65_536);
    assert_eq!(inject(ours, SNI, "probe.example", &limits).await, Answer::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_away_has_refused_and_a_silent_one_has_not_answered() {
    for (goes, refused) in [(true, Refusal::Dropped), (false, Refusal::TimedOut)] {
        let (ours, theirs) = duplex(65_536);
        let hello = renegotiating_hello();
        let question = Renegotiation { hello: &hello, tries: 3, inject: false, helo: "probe.example" };
        let (randomness, limits) = (randomness(), limits());
        let asked = renegotiate(ours, question, SNI, &randomness, &limits);
        let serve = async {
            let stream = acceptor().accept(theirs).await.unwrap();
            (!goes).then_some(stream)
        };
        let ((answer, _), _stream) = tokio::join!(asked, serve);
        let Answer::Renegotiated(seen) = answer else { panic!("{answer:?}") };
        assert_eq!((seen.accepted, seen.refused), (0, Some(refused)));
    }
}
