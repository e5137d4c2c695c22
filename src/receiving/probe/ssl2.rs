//! SSL 2.0 (draft-hickman-netscape-ssl-00; RFC 6176 forbids it): one hello and its answer.

use data_encoding::HEXLOWER;
use rustls::pki_types::CertificateDer;

use crate::shared::evidence::Alert;
use crate::shared::evidence::scan::Answer;

use super::hello::prefixed;
use super::records::{End, Fields, Unreadable, content};
use crate::shared::tls::fingerprint;

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

/// An alert of TLS with its record's header, in octets.
const ALERT_OCTETS: usize = 7;

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
            [content::ALERT, 3, ..] => self.held.len() >= ALERT_OCTETS,
            _ => self.body().is_some(),
        }
    }

    /// What is in the record, once it is whole: behind a header of two octets, or of three with padding.
    fn body(&self) -> Option<&[u8]> {
        let mut fields = Fields(&self.held);
        let [high, low] = [fields.u8()?, fields.u8()?];
        let length = match high & 0x80 {
            0 => {
                fields.take(1)?;
                u16::from_be_bytes([high & 0x3f, low])
            }
            _ => u16::from_be_bytes([high & 0x7f, low]),
        };
        fields.take(usize::from(length).min(RECORD_OCTETS_MAX))
    }

    /// What came of it. `end`: how the connection ended, if it did.
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
            ([content::ALERT, 3, ..], _) if self.is_whole() => return garbage("no SSL 2.0"),
            _ => {}
        }
        match self.body() {
            // Whoever asks: a record that is not whole is not read.
            None => garbage("an answer that breaks off"),
            // It speaks SSL 2.0, and has no cipher: an ERROR is of that protocol alone.
            Some([ERROR, _, _]) => (Answer::Ssl2 { ciphers: Vec::new(), certificate: None }, Vec::new()),
            Some([SERVER_HELLO, hello @ ..]) => {
                server_hello(hello).unwrap_or_else(|| garbage("a SERVER-HELLO that does not read"))
            }
            Some(_) => garbage("no SSL 2.0"),
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
        ciphers: ciphers.chunks_exact(3).take(CIPHERS_MAX).map(|kind| HEXLOWER.encode(kind)).collect(),
        certificate: chain.first().map(|der| fingerprint(der)),
    };
    Some((answer, chain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes of octets that arrive in pieces of this length, and whether the record was whole.
    fn listen(octets: &[u8], piece: usize, end: Option<End>) -> (Answer, Vec<CertificateDer<'static>>) {
        let mut listener = Listener::default();
        let whole = octets.chunks(piece).any(|piece| listener.push(piece));
        listener.finish(if whole { None } else { end })
    }

    #[test]
    fn a_record_that_is_not_whole_is_not_read_whoever_asks() {
        for octets in [&[0x11][..], &[0x11, 0x00], &[0x80], &[0x80, 0x03, 0x00], &[0x00, 0x00], &[21, 3, 0]] {
            let (answer, _) = listen(octets, 1, None);
            assert!(matches!(answer, Answer::Garbage { .. }), "{octets:02x?}: {answer:?}");
        }
        assert_eq!(listen(&[], 1, None).0, Answer::Dropped);
    }

    /// Octets that may begin like a record of SSL 2.0.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        let any = || prop::collection::vec(any::<u8>(), 0..80);
        prop_oneof![
            any(),
            (any(), 0_u8..2).prop_map(|(mut body, extra)| {
                let length = u8::try_from(body.len()).unwrap_or_default().saturating_add(extra);
                body.splice(0..0, [0x80, length]);
                body
            }),
            (any(), any()).prop_map(|(certificate, ciphers)| {
                let mut body = vec![SERVER_HELLO, 0, 1, 0, 2, 0];
                body.extend([u8::try_from(certificate.len()).unwrap_or_default(), 0]);
                body.extend([u8::try_from(ciphers.len()).unwrap_or_default(), 0, 0]);
                body.extend(certificate);
                body.extend(ciphers);
                body.splice(0..0, [0x80, u8::try_from(body.len()).unwrap_or_default()]);
                body
            }),
        ]
    }

    proptest! {
        #[test]
        fn how_octets_are_cut_changes_nothing(octets in octets(), piece in 1_usize..90, ended: bool) {
            let end = || ended.then_some(End::Dropped);
            let (answer, chain) = listen(&octets, usize::MAX, end());
            prop_assert_eq!(&(answer.clone(), chain), &listen(&octets, piece, end()));
            if let Answer::Ssl2 { ciphers, .. } = answer {
                prop_assert!(ciphers.len() <= CIPHERS_MAX);
            }
        }
    }
}
