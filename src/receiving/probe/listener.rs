//! Listens to what a server says to a hello. No I/O: octets in, an [`Answer`] out.

use rustls::crypto::ActiveKeyExchange;
use rustls::pki_types::CertificateDer;

use crate::shared::evidence::scan::Answer;
use crate::shared::evidence::{Alert, TlsVersion};

use super::flight::FlightReader;
use super::records::{End, Messages, Record, Records, Unreadable, content, ending};
use super::schedule::ServerKeys;

/// A key share that was sent, and the hello that it was sent in.
pub(super) struct Share {
    pub(super) key: Box<dyn ActiveKeyExchange>,
    pub(super) hello: Vec<u8>,
}

/// Listens to a server until its flight is at its end.
pub(super) struct Listener {
    records: Records,
    messages: Messages,
    reader: FlightReader,
    /// A warning that came before the ServerHello: if the connection ends then, it was the reason.
    warning: Option<Alert>,
    share: Option<Share>,
    keys: Option<ServerKeys>,
    octets_left: usize,
    end: Option<End>,
    done: bool,
}

impl Listener {
    /// `octets_max`: how much is read.
    pub(super) fn new(octets_max: usize, share: Option<Share>) -> Self {
        Self {
            share,
            keys: None,
            records: Records::default(),
            messages: Messages::default(),
            reader: FlightReader::default(),
            warning: None,
            octets_left: octets_max,
            end: None,
            done: false,
        }
    }

    /// Takes what came; true: nothing more is wanted.
    pub(super) fn push(&mut self, octets: &[u8]) -> bool {
        let mut octets = octets;
        while !self.done && !octets.is_empty() {
            let (mut within, rest) = octets.split_at(octets.len().min(self.octets_left));
            let before = within.len();
            match self.next(&mut within) {
                Ok(done) => self.done = done,
                Err(end) => (self.done, self.end) = (true, Some(end)),
            }
            let taken = before - within.len();
            self.octets_left -= taken;
            octets = &octets[taken..];
            if !self.done && within.is_empty() && !rest.is_empty() {
                let reason = "more octets than are read".to_owned();
                (self.done, self.end) = (true, Some(End::Unreadable(Unreadable(reason))));
            }
        }
        self.done
    }

    /// Takes one record at most; true: the flight is at its end.
    fn next(&mut self, octets: &mut &[u8]) -> Result<bool, End> {
        let Some((mut content, mut payload)) = self.records.take(octets).map_err(End::Unreadable)? else {
            return Ok(false);
        };
        if let (content::APPLICATION_DATA, Some(keys)) = (content, &mut self.keys) {
            let unopened = || End::Unreadable(Unreadable("a record that does not decrypt".to_owned()));
            content = keys.open(&mut payload).ok_or_else(unopened)?;
        }
        match content {
            content::HANDSHAKE => self.messages(&payload),
            content::ALERT => {
                self.warning = Some(ending(Record { content, payload: &payload })?);
                Ok(false)
            }
            // RFC 8446 §D.4: of TLS 1.3 a word to old boxes in between.
            content::CHANGE_CIPHER_SPEC if self.keys.is_some() => Ok(false),
            _ => {
                let reason = format!("a record of type {content} where a ServerHello is due");
                Err(End::Unreadable(Unreadable::new(&reason, &payload)))
            }
        }
    }

    fn messages(&mut self, mut payload: &[u8]) -> Result<bool, End> {
        while let Some(message) = self.messages.next(&mut payload).map_err(End::Unreadable)? {
            let done = match self.keys {
                Some(_) => self.reader.take_encrypted(message),
                None => self.reader.take(message),
            };
            if done.map_err(End::Unreadable)? {
                let Some(keys) = self.share.take().and_then(|share| keys(share, &self.reader, message.whole))
                else {
                    return Ok(true);
                };
                self.keys = Some(keys);
            }
        }
        Ok(false)
    }

    /// What came of it. `end`: how the connection ended, if the listener did not want more.
    pub(super) fn finish(self, end: Option<End>) -> (Answer, Vec<CertificateDer<'static>>) {
        let end = match (self.end, end, self.warning) {
            (Some(end), _, _) => Some(end),
            (None, Some(End::Dropped), Some(alert)) => Some(End::Alert(alert)),
            (None, end, _) => end,
        };
        self.reader.answer(end)
    }

    /// The version that was agreed on, for the record that says goodbye.
    pub(super) fn version(&self) -> TlsVersion {
        self.reader.flight.as_ref().map_or(TlsVersion(0x0301), |flight| flight.version.min(TlsVersion::TLS12))
    }
}

/// The keys that a ServerHello of TLS 1.3 gives, if it took our share.
fn keys(share: Share, reader: &FlightReader, server_hello: &[u8]) -> Option<ServerKeys> {
    let flight = reader.flight.as_ref()?;
    if flight.version != TlsVersion::TLS13 || flight.retry || flight.group != Some(share.key.group().into()) {
        return None;
    }
    let shared = share.key.complete(&reader.public).ok()?;
    let hellos = [&share.hello[..], server_hello].concat();
    ServerKeys::new(flight.suite, shared.secret_bytes(), &hellos)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::receiving::probe::flight::{CERTIFICATES_MAX, EXTENSIONS_MAX};
    use crate::receiving::probe::hello::prefixed;
    use crate::receiving::probe::records::MESSAGE_OCTETS_MAX;

    const OCTETS_MAX: usize = 60_000;

    /// What comes of octets that arrive in pieces of these lengths, over and over.
    fn listen(octets: &[u8], pieces: &[usize]) -> (Answer, Vec<CertificateDer<'static>>) {
        let mut listener = Listener::new(OCTETS_MAX, None);
        let mut rest = octets;
        for length in pieces.iter().cycle() {
            let (piece, tail) = rest.split_at((*length).min(rest.len()));
            rest = tail;
            if listener.push(piece) {
                return listener.finish(None);
            }
            if rest.is_empty() {
                break;
            }
        }
        listener.finish(Some(End::Dropped))
    }

    /// Octets that look like TLS for long: messages of a flight, some of them odd, in records of some length.
    fn flights() -> impl Strategy<Value = Vec<u8>> {
        let body = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..600),
            // A ServerHello: version, random, no session, suite, compression.
            (0x0300_u16..0x0305, any::<u16>()).prop_map(|(version, suite)| {
                [&version.to_be_bytes()[..], &[9; 32], &[0], &suite.to_be_bytes(), &[0]].concat()
            }),
            // A chain.
            prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..12).prop_map(|chain| {
                let mut body = Vec::new();
                prefixed(&mut body, 3, |body| {
                    for der in &chain {
                        prefixed(body, 3, |body| body.extend(der));
                    }
                });
                body
            }),
        ];
        let kind = prop_oneof![Just(2_u8), Just(11), Just(12), Just(13), Just(14), any::<u8>()];
        let messages = prop::collection::vec((kind, body), 0..8).prop_map(|messages| {
            let mut octets = Vec::new();
            for (kind, body) in messages {
                octets.push(kind);
                prefixed(&mut octets, 3, |octets| octets.extend(body));
            }
            octets
        });
        let content = prop_oneof![9 => Just(content::HANDSHAKE), 1 => 19_u8..26];
        (messages, 1_usize..5000, content, any::<u8>()).prop_map(|(messages, length, content, minor)| {
            let mut octets = Vec::new();
            for fragment in messages.chunks(length) {
                octets.extend([content, 3, minor]);
                prefixed(&mut octets, 2, |octets| octets.extend(fragment));
            }
            octets
        })
    }

    fn octets() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            flights(),
            prop::collection::vec(any::<u8>(), 0..200),
            (flights(), prop::collection::vec((any::<usize>(), any::<u8>()), 1..6)).prop_map(
                |(mut octets, changes)| {
                    for (at, octet) in changes {
                        let length = octets.len().max(1);
                        if let Some(changed) = octets.get_mut(at % length) {
                            *changed = octet;
                        }
                    }
                    octets
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn how_octets_are_cut_changes_nothing(
            octets in octets(),
            pieces in prop::collection::vec(1_usize..3000, 1..6),
        ) {
            let (answer, chain) = listen(&octets, &[usize::MAX]);
            prop_assert_eq!(&(answer.clone(), chain.clone()), &listen(&octets, &pieces));
            prop_assert_eq!(&(answer.clone(), chain.clone()), &listen(&octets, &[1]));
            prop_assert!(chain.len() <= CERTIFICATES_MAX);
            prop_assert!(chain.iter().map(|der| der.len()).sum::<usize>() < MESSAGE_OCTETS_MAX);
            match answer {
                Answer::Flight(flight) => {
                    prop_assert!(flight.extensions.0.len() <= EXTENSIONS_MAX);
                    prop_assert_eq!(flight.chain.len(), chain.len());
                }
                Answer::Garbage { reason } => prop_assert!(reason.len() < 160, "{}", reason),
                _ => {}
            }
        }

        #[test]
        fn nothing_is_read_beyond_the_limit(octets in flights(), octets_max in 0_usize..4000) {
            let mut listener = Listener::new(octets_max, None);
            let done = listener.push(&octets);
            prop_assert!(done || octets.len() <= octets_max);
            prop_assert!(octets_max - listener.octets_left <= octets.len());
        }
    }
}
