//! The messages of a server's flight, as far as they can be read.

mod key_exchange;

use rustls::pki_types::CertificateDer;

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Answer, Flight};

use super::hello::extension;
use super::records::{End, Fields, Message, Unreadable};
use crate::shared::tls::fingerprint;

/// The random of a HelloRetryRequest: SHA-256 of that word (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
/// How many types of extensions are noted; more than are assigned to a ServerHello.
pub(super) const EXTENSIONS_MAX: usize = 64;
/// How many certificates of a chain are kept; what comes after them leads to no root.
pub(super) const CERTIFICATES_MAX: usize = 32;

/// Handshake types (RFC 8446 §4, RFC 5246 §7.4).
pub(super) mod kind {
    pub(in crate::receiving::probe) const HELLO_REQUEST: u8 = 0;
    pub(in crate::receiving::probe) const SERVER_HELLO: u8 = 2;
    pub(in crate::receiving::probe) const CERTIFICATE: u8 = 11;
    pub(in crate::receiving::probe) const SERVER_KEY_EXCHANGE: u8 = 12;
    pub(in crate::receiving::probe) const CERTIFICATE_REQUEST: u8 = 13;
    pub(in crate::receiving::probe) const SERVER_HELLO_DONE: u8 = 14;
    pub(in crate::receiving::probe) const CERTIFICATE_VERIFY: u8 = 15;
    pub(in crate::receiving::probe) const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub(in crate::receiving::probe) const FINISHED: u8 = 20;
    pub(in crate::receiving::probe) const CERTIFICATE_STATUS: u8 = 22;
}

/// The flight of messages that a server answers a hello with.
#[derive(Debug, Default)]
pub(super) struct FlightReader {
    pub(super) flight: Option<Flight>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// ServerHello.random.
    pub(super) random: [u8; 32],
    /// The public key of a ServerKeyExchange with a named curve, or of a key_share.
    pub(super) public: Vec<u8>,
    /// Whether the chain is left alone: of a renegotiation, which mostly shows the same once more.
    pub(super) without_chain: bool,
}

impl FlightReader {
    /// Takes the next message; true: the flight is at its end.
    pub(super) fn take(&mut self, message: Message<'_>) -> Result<bool, Unreadable> {
        let unreadable = |what: &str| Unreadable::new(what, message.whole);
        let Some(flight) = &mut self.flight else {
            return match message.kind {
                kind::SERVER_HELLO => {
                    let hello = server_hello(message.body, &mut self.random, &mut self.public);
                    let hello = hello.ok_or_else(|| unreadable("a ServerHello that does not read"))?;
                    let complete = hello.complete;
                    self.flight = Some(hello);
                    Ok(complete)
                }
                kind::HELLO_REQUEST => Ok(false),
                _ => Err(unreadable("another handshake message where ServerHello is due")),
            };
        };
        match message.kind {
            kind::CERTIFICATE if self.without_chain => {}
            kind::CERTIFICATE if self.chain.is_empty() => {
                self.chain = Fields(message.body)
                    .long()
                    .and_then(|list| certificates(list, |_| Some(())))
                    .ok_or_else(|| unreadable("a Certificate message that does not read"))?;
                flight.chain = self.chain.iter().map(|der| fingerprint(der)).collect();
            }
            kind::SERVER_KEY_EXCHANGE => {
                let exchange = key_exchange::read(flight.suite, flight.version, message.body)
                    .ok_or_else(|| unreadable("a ServerKeyExchange that does not read"))?;
                (flight.group, flight.dh, flight.scheme) = (exchange.group, exchange.dh, exchange.scheme);
                self.public = exchange.public;
            }
            kind::CERTIFICATE_REQUEST => flight.client_certificate = true,
            kind::SERVER_HELLO_DONE => {
                flight.complete = true;
                return Ok(true);
            }
            kind::HELLO_REQUEST | kind::CERTIFICATE_STATUS => {}
            _ => return Err(unreadable("a handshake message that does not belong there")),
        }
        Ok(false)
    }

    /// Takes the next message after a ServerHello of TLS 1.3; true: nothing more is wanted.
    pub(super) fn take_encrypted(&mut self, message: Message<'_>) -> Result<bool, Unreadable> {
        let Some(flight) = &mut self.flight else { return Ok(true) };
        match message.kind {
            kind::CERTIFICATE_REQUEST => flight.client_certificate = true,
            kind::CERTIFICATE => {
                // RFC 8446 §4.4.2: a context, and extensions with each certificate.
                let mut fields = Fields(message.body);
                let list = fields.short().and_then(|_| fields.long());
                let chain = list.and_then(|list| certificates(list, |list| list.medium().map(drop)));
                let unreadable =
                    || Unreadable::new("a Certificate message that does not read", message.whole);
                self.chain = chain.ok_or_else(unreadable)?;
                flight.chain = self.chain.iter().map(|der| fingerprint(der)).collect();
            }
            kind::CERTIFICATE_VERIFY => {
                flight.scheme = Fields(message.body).u16();
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    /// What is known: the flight as far as it came, or how it ended before a ServerHello.
    pub(super) fn answer(self, end: Option<End>) -> (Answer, Vec<CertificateDer<'static>>) {
        let answer = match (self.flight, end) {
            (Some(flight), _) => Answer::Flight(flight),
            (None, Some(End::Alert(alert))) => Answer::Alert { alert },
            (None, Some(End::TimedOut)) => Answer::TimedOut,
            (None, Some(End::Unreadable(Unreadable(reason)))) => Answer::Garbage { reason },
            (None, Some(End::Dropped) | None) => Answer::Dropped,
        };
        (answer, self.chain)
    }
}

/// ServerHello or HelloRetryRequest (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3).
fn server_hello(body: &[u8], server_random: &mut [u8; 32], public: &mut Vec<u8>) -> Option<Flight> {
    let mut fields = Fields(body);
    let legacy_version = fields.u16()?;
    let random: [u8; 32] = fields.take(32)?.try_into().ok()?;
    *server_random = random;
    let session_id = fields.short()?;
    if session_id.len() > 32 {
        return None;
    }
    let suite = fields.u16()?;
    let compression = fields.u8()?;
    let mut extensions = Vec::new();
    let (mut version, mut group) = (legacy_version, None);
    if !fields.is_empty() {
        let mut list = Fields(fields.medium()?);
        while !list.is_empty() {
            let kind = list.u16()?;
            let mut value = Fields(list.medium()?);
            match kind {
                extension::SUPPORTED_VERSIONS => version = value.u16()?,
                extension::KEY_SHARE => {
                    group = Some(value.u16()?);
                    // A HelloRetryRequest has the group alone.
                    *public = value.medium().unwrap_or_default().to_vec();
                }
                _ => {}
            }
            if extensions.len() < EXTENSIONS_MAX {
                extensions.push(kind);
            }
        }
    }
    let retry = random == RETRY;
    Some(Flight {
        version: TlsVersion(version),
        suite,
        retry,
        group,
        dh: None,
        scheme: None,
        compression,
        extensions: extensions.into_iter().collect(),
        chain: Vec::new(),
        client_certificate: false,
        // In TLS 1.3 all that follows is encrypted.
        complete: retry || version >= TlsVersion::TLS13.0,
    })
}

/// The chain of a Certificate message (RFC 5246 §7.4.2, RFC 8446 §4.4.2), as it came; `skip` what follows each.
fn certificates(
    list: &[u8],
    skip: impl Fn(&mut Fields<'_>) -> Option<()>,
) -> Option<Vec<CertificateDer<'static>>> {
    let mut list = Fields(list);
    let mut chain = Vec::new();
    while !list.is_empty() {
        let der = list.long()?;
        skip(&mut list)?;
        if chain.len() < CERTIFICATES_MAX {
            chain.push(CertificateDer::from(der.to_vec()));
        }
    }
    Some(chain)
}
