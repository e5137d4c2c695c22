//! What a server says to the hand-made hellos of a scan (`tls::probe`), and to our client (`tls::client`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::receiving::probe::{self, Limits, Randomness, Renegotiation, renegotiating_hello};
use mailassay::shared::evidence::TlsVersion;
use mailassay::shared::evidence::scan::{Answer, Hello};
use mailassay::shared::tls::{client, fingerprint};
use mailassay_fuzz::{Stranger, run};

const X25519: u16 = 0x001d;
/// As `tls::probe` keeps them.
const CERTIFICATES_MAX: usize = 32;

// The first octet says what was asked, the second how large the pieces are in which the rest comes.
fuzz_target!(|input: &[u8]| {
    let [question, size, octets @ ..] = input else { return };
    let server = Stranger::new(octets, usize::from(*size));
    let randomness = Randomness::new(|| [7; 32]);
    let limits = Limits { octets_max: 1 << 14, ..Limits::default() };
    let hello = |version, share| {
        let suites = renegotiating_hello().suites.0.into_iter().chain([0x1301, 0x1302, 0x1303, 0x009e]);
        Hello { version, share, suites: suites.collect(), ..renegotiating_hello() }
    };
    let ask = |server, hello| run(probe::ask(server, &hello, "mx.fuzz.example", &randomness, &limits));
    let (answer, chain) = match question % 5 {
        0 => ask(server, hello(TlsVersion::TLS12, None)),
        1 => ask(server, hello(TlsVersion::TLS13, Some(X25519))),
        2 => run(probe::ask_ssl2(server, &randomness, &limits)),
        3 => {
            let hello = renegotiating_hello();
            let question = Renegotiation { hello: &hello, tries: 1, inject: true, helo: "fuzz.example" };
            run(probe::renegotiate(server, question, "mx.fuzz.example", &randomness, &limits))
        }
        _ => {
            let recorded = run(client::record(server, "mx.fuzz.example", 10));
            assert!(recorded.stream.is_none(), "a handshake that cannot be");
            return;
        }
    };
    assert!(chain.len() <= CERTIFICATES_MAX);
    match answer {
        Answer::Flight(flight) => {
            let chain: Vec<String> = chain.iter().map(|der| fingerprint(der)).collect();
            assert_eq!(flight.chain, chain);
        }
        Answer::Ssl2 { ciphers, certificate } => {
            assert!(ciphers.iter().all(|cipher| cipher.len() == 6));
            assert_eq!(certificate, chain.first().map(|der| fingerprint(der)));
        }
        Answer::Garbage { reason } => assert!(!reason.is_empty() && reason.len() < 200, "{reason}"),
        Answer::Alert { .. } | Answer::Dropped | Answer::TimedOut | Answer::OurLimit { .. } => {}
        other => panic!("nobody has the keys for {other:?}"),
    }
});
