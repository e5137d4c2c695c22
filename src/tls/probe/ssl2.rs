//! SSL 2.0 (draft-hickman-netscape-ssl-00; RFC 6176 forbids it): one hello and its answer.

use rustls::pki_types::CertificateDer;

use crate::evidence::Alert;
use crate::evidence::scan::Answer;

use super::super::fingerprint;
use super::flight::End;
use super::hello::prefixed;
use super::records::{Fields, Unreadable, content};

/// Every kind of cipher that SSL 2.0 has, of three octets each.
const CIPHERS: [[u8; 3]; 8] = [
    [0x01, 0x00, 0x80],
    [0x02, 0x00, 0x80],
    [0x03, 0x00, 0x80],
    [0x04, 0x00, 0x80],
    [0x05, 0x00, 0x80],
    [0x06, 0x00, 0x40],
    [0x07, 0x00, 0xc0],
    // RC4 with 64 bits of MD5, of the oldest OpenSSL.
    [0x08, 0x00, 0x80],
];
const VERSION: [u8; 2] = [0x00, 0x02];
const ERROR: u8 = 0;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 4;
/// How many cipher kinds of an answer are kept.
const CIPHERS_MAX: usize = 32;
/// How long the challenge is, in octets: 16 to 32 are allowed, and servers exist that take 16 only.
const CHALLENGE_OCTETS: usize = 16;

/// CLIENT-HELLO, with its header.
pub(super) fn client_hello(challenge: &[u8; 32]) -> Vec<u8> {
    let mut hello = Vec::new();
    prefixed(&mut hello, 2, |hello| {
        hello.push(CLIENT_HELLO);
        hello.extend(VERSION);
        for length in [CIPHERS.as_flattened().len(), 0, CHALLENGE_OCTETS] {
            hello.extend(&length.to_be_bytes()[size_of::<usize>() - 2..]);
        }
        hello.extend(CIPHERS.as_flattened());
        hello.extend(&challenge[..CHALLENGE_OCTETS]);
    });
    // The high bit: a header of two octets, without padding.
    hello[0] |= 0x80;
    hello
}

/// How much of a record is held; a SERVER-HELLO has one certificate.
const RECORD_OCTETS_MAX: usize = 16 * 1024;

/// Listens to a server until its first record is whole.
#[derive(Debug, Default)]
pub(super) struct Listener {
    held: Vec<u8>,
}

impl Listener {
    /// Takes what came; true: nothing more is wanted.
    pub(super) fn push(&mut self, octets: &[u8]) -> bool {
        for octet in octets {
            if self.is_whole() {
                return true;
            }
            self.held.push(*octet);
        }
        self.is_whole()
    }

    fn is_whole(&self) -> bool {
        match self.held[..] {
            // An alert of a server that took it for TLS: a record of seven octets.
            [content::ALERT, 3, ..] => self.held.len() >= 7,
            [a, b, ..] if a & 0x80 != 0 => self.held.len() >= 2 + length(a & 0x7f, b).min(RECORD_OCTETS_MAX),
            [a, b, ..] => self.held.len() >= 3 + length(a & 0x3f, b).min(RECORD_OCTETS_MAX),
            _ => false,
        }
    }

    /// What came of it. `end`: how the connection ended before the record was whole.
    pub(super) fn finish(self, end: Option<End>) -> (Answer, Vec<CertificateDer<'static>>) {
        let garbage = |reason: &str| {
            let Unreadable(reason) = Unreadable::new(reason, &self.held);
            (Answer::Garbage { reason }, Vec::new())
        };
        match (&self.held[..], end) {
            ([content::ALERT, 3, _, 0, 2, _, code], _) => {
                return (Answer::Alert { alert: Alert(*code) }, Vec::new());
            }
            ([], Some(End::TimedOut)) => return (Answer::TimedOut, Vec::new()),
            ([], _) => return (Answer::Dropped, Vec::new()),
            (_, Some(_)) => return garbage("an answer that breaks off"),
            (_, None) => {}
        }
        let header = if self.held[0] & 0x80 != 0 { 2 } else { 3 };
        let body = &self.held[header..];
        match body.first() {
            // It speaks SSL 2.0, and has no cipher: an ERROR is of that protocol alone.
            Some(&ERROR) if body.len() == 3 => {
                (Answer::Ssl2 { ciphers: Vec::new(), certificate: None }, Vec::new())
            }
            Some(&SERVER_HELLO) => {
                server_hello(&body[1..]).unwrap_or_else(|| garbage("a SERVER-HELLO that does not read"))
            }
            _ => garbage("no SSL 2.0"),
        }
    }
}

fn server_hello(body: &[u8]) -> Option<(Answer, Vec<CertificateDer<'static>>)> {
    let mut fields = Fields(body);
    let _session_id_hit = fields.u8()?;
    let _certificate_type = fields.u8()?;
    if fields.take(2)? != VERSION {
        return None;
    }
    let (certificate, ciphers, _connection) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let certificate = fields.take(certificate.into())?;
    let ciphers = fields.take(ciphers.into())?;
    let chain: Vec<_> = Some(certificate)
        .filter(|der| !der.is_empty())
        .map(|der| CertificateDer::from(der.to_vec()))
        .into_iter()
        .collect();
    let answer = Answer::Ssl2 {
        ciphers: ciphers
            .chunks_exact(3)
            .take(CIPHERS_MAX)
            .map(|kind| kind.iter().map(|octet| format!("{octet:02x}")).collect())
            .collect(),
        certificate: chain.first().map(|der| fingerprint(der)),
    };
    Some((answer, chain))
}

fn length(high: u8, low: u8) -> usize {
    usize::from(u16::from_be_bytes([high, low]))
}
