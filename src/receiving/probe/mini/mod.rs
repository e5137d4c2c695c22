//! A small client of TLS 1.2 that can do what TLS libraries have given up: renegotiate because the client wishes to.
//!
//! It speaks ECDHE with X25519, P-256 and P-384, and AES-GCM or ChaCha20-Poly1305; extended_master_secret if the
//! server does; RFC 5746. It verifies neither certificate nor signature and has no session to resume.

mod connection;
mod handshake;
mod keys;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Answer, CodePoints, Hello, Refusal, Renegotiated};

use super::flight::FlightReader;
use super::hello::Particulars;
use super::injection;
use super::records::End;
use super::wire::Wire;
use super::{Limits, Randomness};
use connection::Connection;
use handshake::{Failure, Why, handshake};
use keys::{Suite, VERIFY_DATA_OCTETS};

/// The groups of the mini client.
const GROUPS: [u16; 3] = [0x001d, 0x0017, 0x0018];
/// Alerts in place of a ServerHello that say that nothing we offer is to the server's liking: handshake_failure,
/// protocol_version, insufficient_security.
const NOTHING_IN_COMMON: [u8; 3] = [40, 70, 71];

/// The hello with everything that the mini client speaks.
pub fn renegotiating_hello() -> Hello {
    Hello {
        version: TlsVersion::TLS12,
        suites: CodePoints(vec![0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8]),
        groups: GROUPS.into_iter().collect(),
        // Nothing is verified, so any will do.
        schemes: CodePoints(vec![
            0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0303,
            0x0301, 0x0203, 0x0201,
        ]),
        compression: false,
        share: None,
    }
}

/// What is to be found out on one connection.
#[derive(Clone, Copy, Debug)]
pub struct Renegotiation<'a> {
    /// The hello; of its suites and groups only those go out that the mini client speaks.
    pub hello: &'a Hello,
    /// How many renegotiations are tried.
    pub tries: u8,
    /// Whether `NOOP` went in the segment of STARTTLS, so that its answer is looked for.
    pub inject: bool,
    /// The name for EHLO.
    pub helo: &'a str,
}

/// Does a handshake with the server `sni`, looks for the answer to an injected `NOOP`, then renegotiates as often
/// as the server lets us. A server that has nothing that the mini client speaks gives [`Answer::OurLimit`].
pub async fn renegotiate<S>(
    stream: S,
    question: Renegotiation<'_>,
    sni: &str,
    randomness: &Randomness,
    limits: &Limits,
) -> (Answer, Vec<CertificateDer<'static>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let spoken = |codes: &CodePoints, speaks: fn(u16) -> bool| -> CodePoints {
        codes.0.iter().copied().filter(|code| speaks(*code)).collect()
    };
    let hello = Hello {
        version: TlsVersion::TLS12,
        suites: spoken(&question.hello.suites, |code| Suite::of(code).is_some()),
        groups: spoken(&question.hello.groups, |code| GROUPS.contains(&code)),
        compression: false,
        share: None,
        ..question.hello.clone()
    };
    if hello.suites.is_empty() || hello.groups.is_empty() {
        let reason = "no suite or no group of the hello is one that our mini client speaks".to_owned();
        return (Answer::OurLimit { reason }, Vec::new());
    }
    let mut connection = Connection::new(Wire::new(stream, limits), limits.octets_max);
    let first = match handshake(&mut connection, &hello, &particulars(sni, randomness, None)).await {
        Ok(finished) => finished,
        Err(failure) => {
            connection.leave().await;
            return unfinished(failure);
        }
    };
    let injected = match question.inject {
        true => injection::injected(&mut connection, question.helo).await,
        false => None,
    };
    let (mut accepted, mut refused) = (0, None);
    let mut verify_data: [u8; VERIFY_DATA_OCTETS] = first.verify_data;
    while accepted < question.tries && refused.is_none() {
        let further =
            handshake(&mut connection, &hello, &particulars(sni, randomness, Some(&verify_data))).await;
        match further {
            Ok(further) => (accepted, verify_data) = (accepted + 1, further.verify_data),
            Err(failure) => refused = Some(refusal(failure)),
        }
    }
    connection.leave().await;
    let renegotiated = Renegotiated { flight: first.flight, accepted, refused, injected };
    (Answer::Renegotiated(renegotiated), first.chain)
}

fn particulars<'p>(sni: &'p str, randomness: &Randomness, renegotiates: Option<&'p [u8]>) -> Particulars<'p> {
    Particulars {
        sni,
        random: randomness.draw(),
        session_id: randomness.draw(),
        renegotiates,
        share: None,
        tickets: false,
    }
}

/// What is known after a first handshake that was not finished.
fn unfinished(failure: Failure) -> (Answer, Vec<CertificateDer<'static>>) {
    let Failure { why, flight, chain } = failure;
    let reason = match (why, &flight) {
        (Why::OurLimit(reason), _) => reason,
        (Why::End(End::Alert(alert)), None) if NOTHING_IN_COMMON.contains(&alert.0) => {
            format!("the server refused all that our mini TLS 1.2 client speaks, by alert {}", alert.0)
        }
        (Why::End(End::Alert(alert)), Some(flight)) if flight.client_certificate => {
            format!("the server wants a client certificate, and said alert {}", alert.0)
        }
        // What does not read or fit after a ServerHello is no flight to build on.
        (Why::End(End::Unreadable(what)), Some(_)) => return (Answer::Garbage { reason: what.0 }, chain),
        (Why::End(end), _) => {
            return FlightReader { flight, chain, ..FlightReader::default() }.answer(Some(end));
        }
    };
    (Answer::OurLimit { reason }, chain)
}

fn refusal(failure: Failure) -> Refusal {
    match failure.why {
        Why::End(End::Alert(alert)) => Refusal::Alert { alert },
        Why::End(End::TimedOut) => Refusal::TimedOut,
        // What does not read ends the connection, too: from our side.
        Why::End(End::Dropped | End::Unreadable(_)) | Why::OurLimit(_) => Refusal::Dropped,
    }
}
