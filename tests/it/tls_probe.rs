//! Tests of `tls::probe`, `tls::client::record` and `tls::examine`: scripted servers, rustls and OpenSSL as peers.

mod examined;
mod hostile;
mod openssl;
mod renegotiated;
mod rustls_peer;
mod scripted;

use mailassay::receiving::probe::{Limits, Randomness};
use mailassay::shared::evidence::TlsVersion;
use mailassay::shared::evidence::scan::{Answer, CodePoints, Flight, Hello};

/// The name that servers are asked for.
const SNI: &str = "mx.example";

/// Octets that are as good as random to a server, and always the same.
fn randomness() -> Randomness {
    let drawn = std::sync::atomic::AtomicU8::new(1);
    Randomness::new(move || [drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed); 32])
}

fn limits() -> Limits {
    Limits::default()
}

fn codes(text: &str) -> CodePoints {
    text.parse().unwrap()
}

/// Every scheme that a server may have a key for.
const SCHEMES: &str = "0403 0503 0603 0804-0806 0401 0501 0601 0402 0303 0301 0203 0201 0202";

fn hello(version: u16, suites: &str) -> Hello {
    Hello {
        version: TlsVersion(version),
        suites: codes(suites),
        groups: codes("001d 0017 0018 0019 001e"),
        schemes: if version >= 0x0303 { codes(SCHEMES) } else { CodePoints::default() },
        compression: false,
        share: None,
    }
}

#[track_caller]
fn flight(answer: Answer) -> Flight {
    match answer {
        Answer::Flight(flight) => flight,
        other => panic!("no flight: {other:?}"),
    }
}
