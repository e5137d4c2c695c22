//! Handshakes that are at fault by design, with OpenSSL and GnuTLS as senders that do and do not put up with it.

use mailassay::shared::evidence::HandshakeFailure;
use mailassay::shared::tls::{Fault, fail};
use rustls::pki_types::CertificateDer;

use super::*;

/// What a sender makes of a fault, which is given the port.
async fn let_down<F: Future>(
    fault: &Fault,
    sender: impl FnOnce(u16) -> F,
) -> (HandshakeFailure, Option<ClientHello>, F::Output) {
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = None;
        let failure = fail(&mut stream, TIMEOUT_S, fault, |hello| seen = Some(hello.clone())).await;
        (failure, seen)
    };
    let ((failure, seen), output) = tokio::join!(serve, sender(port));
    (failure, seen, output)
}

fn rsa_chain() -> Vec<CertificateDer<'static>> {
    let folder = tempfile::tempdir().unwrap();
    let addresses: Vec<IpAddr> = (1..=13).map(|n| Ipv4Addr::new(127, 0, 1, n).into()).collect();
    let addresses = Addresses::default().with_entrances(&addresses);
    let settings = Settings { folder: folder.path().to_owned(), ..Settings::default() };
    let identities = Identities::open(settings, catalogue(), addresses, now()).unwrap();
    let chain = identities.rsa_chain().unwrap();
    assert_eq!(identities.rsa_chain().unwrap(), chain, "made once");
    assert!(folder.path().join("cases-rsa.key.pem").exists());
    chain
}

fn arguments(program: &str, extra: &[&str], port: u16) -> Vec<String> {
    let fixed = match program {
        "openssl" => vec!["s_client".to_owned(), "-connect".to_owned(), format!("127.0.0.1:{port}")],
        _ => vec!["--insecure".to_owned(), format!("--port={port}"), "127.0.0.1".to_owned()],
    };
    fixed.into_iter().chain(extra.iter().map(|&text| text.to_owned())).collect()
}

/// What a server of yesteryear learns from each sender: whether it went on, and the alert that it sent, else ours.
#[tokio::test]
async fn who_puts_up_with_old_tls_goes_on_and_who_does_not_says_so() {
    let chain = rsa_chain();
    let (tls10, rsa) = (Fault::Tls10(chain.clone()), Fault::RsaKeyTransport(chain));
    let old = ["-tls1", "-cipher", "ALL:@SECLEVEL=0"];
    let wide = "--priority=NORMAL:+VERS-TLS1.0:+RSA:+AES-128-CBC:+SHA1";
    for (program, fault, extra, went_on, alert) in [
        ("openssl", &tls10, &old[..], true, None),
        ("openssl", &tls10, &["-no_tls1", "-no_tls1_1"], false, Some(70)),
        ("openssl", &rsa, &["-servername", "bad.none-weak.example.org"], true, None),
        ("openssl", &rsa, &["-tls1_2", "-cipher", "AES128-GCM-SHA256"], true, None),
        ("openssl", &rsa, &["-tls1_2", "-cipher", "ECDHE"], false, None),
        ("gnutls-cli", &tls10, &["--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2"], false, Some(70)),
        ("gnutls-cli", &rsa, &["--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2:+RSA"], true, None),
        ("gnutls-cli", &tls10, &[wide], true, None),
    ] {
        if !installed(program) {
            continue;
        }
        let (failure, hello, output) =
            let_down(fault, |port| async move { run(program, &arguments(program, extra, port)).await }).await;
        assert!(hello.is_some(), "{program} {extra:?}");
        assert!(!output.status.success(), "{program} {extra:?}: {output:?}");
        let seen = (failure.went_on, failure.alert.map(|alert| alert.0));
        assert_eq!(seen, (went_on, alert), "{program} {extra:?}: {failure:?} {output:?}");
        let is_offered = went_on || alert.is_some();
        assert_eq!(failure.certificate_sent, is_offered, "{program} {extra:?}: {failure:?}");
        assert_eq!(
            failure.by,
            if alert.is_some() { Party::Sender } else { Party::Us },
            "{program} {extra:?}"
        );
    }
}

/// rustls speaks neither, and is told so in the language of TLS.
#[tokio::test]
async fn a_sender_of_today_is_refused_with_an_alert() {
    let chain = rsa_chain();
    for fault in [Fault::Tls10(chain.clone()), Fault::RsaKeyTransport(chain)] {
        let (failure, hello, connected) =
            let_down(&fault, |port| async move { strict_client(port, rustls::ALL_VERSIONS).await }).await;
        assert_eq!((failure.by, failure.certificate_sent, failure.went_on), (Party::Us, false, false));
        assert_eq!(hello.unwrap().sni.as_deref(), Some("mx06.et.example.org"));
        let error = connected.unwrap_err().to_string();
        assert!(error.contains("HandshakeFailure") || error.contains("ProtocolVersion"), "{error}");
    }
}

#[tokio::test]
async fn garbage_and_silence_are_what_they_say() {
    let (failure, hello, connected) =
        let_down(&Fault::Garbage, |port| async move { strict_client(port, rustls::ALL_VERSIONS).await })
            .await;
    assert!(connected.is_err() && hello.is_some());
    assert_eq!((failure.by, failure.certificate_sent), (Party::Sender, false), "{failure:?}");
    let (failure, hello, ()) = let_down(&Fault::Silence, |port| async move {
        let mut stream = tcp(port).await;
        stream.write_all(&client_hello("mx06.et.example.org")).await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0, "not an octet comes");
    })
    .await;
    assert!(hello.is_some());
    assert_eq!((failure.by, failure.alert), (Party::Us, None));
    // One that goes before it said all.
    let (failure, hello, ()) = let_down(&Fault::Garbage, |port| async move {
        let mut stream = tcp(port).await;
        stream.write_all(&client_hello("mx06.et.example.org")[..50]).await.unwrap();
    })
    .await;
    assert_eq!((failure.by, hello), (Party::Sender, None));
}

#[tokio::test]
async fn whoever_talks_without_end_is_left() {
    for beginning in [client_hello("mx06.et.example.org"), vec![22, 3, 1, 0xff, 0xff]] {
        let (failure, ..) = let_down(&Fault::Garbage, |port| async move {
            let mut stream = tcp(port).await;
            stream.write_all(&beginning).await.unwrap();
            // Whoever has heard enough closes, and then it cannot be written any more.
            while stream.write_all(&[0; 4096]).await.is_ok() {}
        })
        .await;
        assert_eq!((failure.by, failure.went_on), (Party::Us, false), "{failure:?}");
    }
}
