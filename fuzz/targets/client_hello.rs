//! What a sender says behind our 220 to STARTTLS (`tls::accept`).
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use mailassay::shared::evidence::ClientHello;
use mailassay::shared::tls;
use mailassay_fuzz::{Stranger, run};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;

/// How long a name may be when its 255 octets are escaped.
const NAME_CHARS_MAX: usize = 4 * 255;

static SERVER: LazyLock<Arc<ServerConfig>> = LazyLock::new(|| {
    let key = rcgen::KeyPair::generate().expect("a key");
    let parameters = rcgen::CertificateParams::new(["mx.fuzz.example".to_owned()]).expect("a name");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key);
    Arc::new(config.expect("a key that fits"))
});

// The first octet says how large the pieces are in which the rest comes.
fuzz_target!(|input: &[u8]| {
    let Some((size, octets)) = input.split_first() else { return };
    let mut seen = None;
    let accepted = run(tls::accept(Stranger::new(octets, usize::from(*size)), 10, |hello| {
        seen = Some(hello.clone());
        Arc::clone(&SERVER)
    }));
    assert_eq!(accepted.hello, seen);
    if let Some(hello) = &seen {
        let lists = [hello.cipher_suites.len(), hello.groups.len(), hello.signature_schemes.len()];
        let others = [hello.versions.len(), hello.alpn.len()];
        assert!(lists.iter().chain(&others).all(|length| *length <= ClientHello::LIST_LENGTH_MAX));
        let names = || hello.sni.iter().chain(&hello.alpn);
        assert!(names().all(|name| name.len() <= NAME_CHARS_MAX && !name.chars().any(char::is_control)));
    }
    // Nobody finishes a handshake who did not hear what we said.
    let failure = accepted.outcome.err().expect("a handshake that cannot be");
    // What rustls can read, so can we: a sender would else be turned away for our sake.
    assert!(!failure.reason.contains("a ClientHello that we cannot read"), "{}", failure.reason);
});
