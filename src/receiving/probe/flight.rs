//! What a server says to a hello, as far as it can be read. No I/O: octets in, an [`Answer`] out.

use rustls::crypto::ActiveKeyExchange;
use rustls::pki_types::CertificateDer;

use crate::shared::evidence::scan::{Answer, Flight};
use crate::shared::evidence::{Alert, TlsVersion};

use super::hello::extension;
use super::key_exchange;
use super::records::{Fields, Message, Messages, Record, Records, Unreadable, content};
use super::schedule::ServerKeys;
use crate::shared::tls::fingerprint;

/// The random of a HelloRetryRequest: SHA-256 of that word (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
/// How many types of extensions are noted; more than are assigned to a ServerHello.
const EXTENSIONS_MAX: usize = 64;
/// How many certificates of a chain are kept; what comes after them leads to no root.
const CERTIFICATES_MAX: usize = 32;

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

/// How a server's octets ended, if not by what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The connection ended.
    Dropped,
    /// The time was over.
    TimedOut,
    /// It is no TLS, or more than is read.
    Unreadable(Unreadable),
    /// An alert that ends the connection.
    Alert(Alert),
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
    fn take_encrypted(&mut self, message: Message<'_>) -> Result<bool, Unreadable> {
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

/// The alert of a record: an error where it is fatal or close_notify, which end the connection (RFC 5246 §7.2).
pub(super) fn ending(record: Record<'_>) -> Result<Alert, End> {
    const FATAL: u8 = 2;
    const CLOSE_NOTIFY: u8 = 0;
    match record.payload {
        [FATAL, code] | [_, code @ CLOSE_NOTIFY] => Err(End::Alert(Alert(*code))),
        [_, code] => Ok(Alert(*code)),
        other => Err(End::Unreadable(Unreadable::new("an alert that does not read", other))),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
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
