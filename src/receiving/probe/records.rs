//! Records and handshake messages, put together from octets however they are cut. No I/O.

use data_encoding::HEXLOWER;

use crate::shared::evidence::Alert;

/// What precedes a record's payload: content type, version, length (RFC 8446 §5.1).
const RECORD_HEADER_OCTETS: usize = 5;
/// The longest payload: 2^14 octets and what the encryption of TLS 1.2 may add to them (RFC 5246 §6.2.3).
pub(super) const RECORD_OCTETS_MAX: usize = (1 << 14) + 2048;
/// What precedes a handshake message: type, length (RFC 8446 §4).
const MESSAGE_HEADER_OCTETS: usize = 4;
/// The longest handshake message that is held, with its header. A chain takes as much again, so that with a
/// record and a read all of a session stays below 64 KiB. A chain of eight RSA-4096 certificates has half of it.
pub(super) const MESSAGE_OCTETS_MAX: usize = 21 * 1024;
/// How much is read at once.
pub(super) const READ_OCTETS_MAX: usize = 2048;
/// How much a session holds at most.
const HELD_OCTETS_MAX: usize = 64 * 1024;

const _: () = assert!(
    RECORD_HEADER_OCTETS + RECORD_OCTETS_MAX + 2 * MESSAGE_OCTETS_MAX + READ_OCTETS_MAX <= HELD_OCTETS_MAX
);

/// Content types (RFC 8446 §5.1).
pub(super) mod content {
    pub(in crate::receiving::probe) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(in crate::receiving::probe) const ALERT: u8 = 21;
    pub(in crate::receiving::probe) const HANDSHAKE: u8 = 22;
    pub(in crate::receiving::probe) const APPLICATION_DATA: u8 = 23;
}

/// Octets that are no TLS, or more than is read: why, with the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) String);

impl Unreadable {
    /// How many octets are shown.
    const SHOWN_OCTETS_MAX: usize = 16;

    pub(super) fn new(reason: &str, octets: &[u8]) -> Self {
        let shown = &octets[..octets.len().min(Self::SHOWN_OCTETS_MAX)];
        let separator = if shown.is_empty() { "" } else { ": " };
        Self(format!("{reason}{separator}{}", HEXLOWER.encode(shown)))
    }
}

/// A record that is there in whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) content: u8,
    pub(super) payload: &'a [u8],
}

/// Puts records together. Holds one at most.
#[derive(Debug, Default)]
pub(super) struct Records {
    held: Vec<u8>,
    whole: bool,
}

impl Records {
    /// Takes from `octets` until a record is whole; none: they are used up.
    pub(super) fn next(&mut self, octets: &mut &[u8]) -> Result<Option<Record<'_>>, Unreadable> {
        if self.whole {
            self.held = Vec::new();
            self.whole = false;
        }
        fill(&mut self.held, octets, RECORD_HEADER_OCTETS);
        let [content, major, _, high, low, ..] = self.held[..] else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        // Content type 24 is heartbeat (RFC 6520), which nobody sends unasked.
        if !(content::CHANGE_CIPHER_SPEC..=24).contains(&content) || major != 3 || length > RECORD_OCTETS_MAX
        {
            return Err(Unreadable::new("no TLS record", &self.held));
        }
        fill(&mut self.held, octets, RECORD_HEADER_OCTETS + length);
        self.whole = self.held.len() == RECORD_HEADER_OCTETS + length;
        Ok(self.whole.then(|| Record { content, payload: &self.held[RECORD_HEADER_OCTETS..] }))
    }

    /// The same, with the record given away: its content type, and its payload to be decrypted in place.
    pub(super) fn take(&mut self, octets: &mut &[u8]) -> Result<Option<(u8, Vec<u8>)>, Unreadable> {
        let Some(content) = self.next(octets)?.map(|record| record.content) else { return Ok(None) };
        self.whole = false;
        let mut payload = std::mem::take(&mut self.held);
        payload.drain(..RECORD_HEADER_OCTETS);
        Ok(Some((content, payload)))
    }
}

/// A handshake message that is there in whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    pub(super) kind: u8,
    pub(super) body: &'a [u8],
    /// With its header, for the transcript.
    pub(super) whole: &'a [u8],
}

/// Puts handshake messages together from the payloads of records: one may span several, and one record may
/// hold several. Holds one at most.
#[derive(Debug, Default)]
pub(super) struct Messages {
    held: Vec<u8>,
    whole: bool,
}

impl Messages {
    /// Takes from `payload` until a message is whole; none: it is used up.
    pub(super) fn next(&mut self, payload: &mut &[u8]) -> Result<Option<Message<'_>>, Unreadable> {
        if self.whole {
            self.held = Vec::new();
            self.whole = false;
        }
        fill(&mut self.held, payload, MESSAGE_HEADER_OCTETS);
        let [kind, a, b, c, ..] = self.held[..] else { return Ok(None) };
        let length = MESSAGE_HEADER_OCTETS + u24(a, b, c);
        if length > MESSAGE_OCTETS_MAX {
            let reason = format!("a handshake message of more than {MESSAGE_OCTETS_MAX} octets");
            return Err(Unreadable::new(&reason, &self.held[..MESSAGE_HEADER_OCTETS]));
        }
        fill(&mut self.held, payload, length);
        self.whole = self.held.len() == length;
        Ok(self.whole.then(|| Message { kind, body: &self.held[MESSAGE_HEADER_OCTETS..], whole: &self.held }))
    }
}

/// Moves octets until `held` has `length` of them.
fn fill(held: &mut Vec<u8>, octets: &mut &[u8], length: usize) {
    let missing = length.saturating_sub(held.len());
    let (taken, rest) = octets.split_at(missing.min(octets.len()));
    held.reserve_exact(missing);
    held.extend_from_slice(taken);
    *octets = rest;
}

pub(super) fn u24(a: u8, b: u8, c: u8) -> usize {
    usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)
}

/// Reads what a peer sent, field by field; none wherever it is too short.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|octets| octets[0])
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
    }

    /// A field behind its length in one octet.
    pub(super) fn short(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(length.into())
    }

    /// A field behind its length in two octets.
    pub(super) fn medium(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// A field behind its length in three octets.
    pub(super) fn long(&mut self) -> Option<&'a [u8]> {
        let length = self.take(3)?;
        self.take(u24(length[0], length[1], length[2]))
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever lengths a peer claims, no more is held than one record and one message.
        #[test]
        fn what_is_held_is_bounded(
            headers in prop::collection::vec((20_u8..25, any::<u16>(), prop::collection::vec(any::<u8>(), 0..40)), 1..20),
        ) {
            let (mut records, mut messages) = (Records::default(), Messages::default());
            for (content, length, payload) in headers {
                let mut octets = vec![content, 3, 3];
                octets.extend(length.to_be_bytes());
                octets.extend(payload.iter().cycle().take(usize::from(length)));
                let mut rest = &octets[..];
                while let Ok(Some(record)) = records.next(&mut rest) {
                    let mut payload = record.payload;
                    while let Ok(Some(message)) = messages.next(&mut payload) {
                        prop_assert_eq!(message.whole.len(), message.body.len() + MESSAGE_HEADER_OCTETS);
                    }
                    prop_assert!(messages.held.capacity() <= MESSAGE_OCTETS_MAX);
                }
                prop_assert!(records.held.capacity() <= RECORD_HEADER_OCTETS + RECORD_OCTETS_MAX);
            }
        }
    }
}
