//! Identities of trials and links.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::name::Label;

/// One TCP connection to a listener of ours, unique in the journal.
///
/// Printed and read as hexadecimal digits. The roof hands out the first one from the clock, so that a
/// restart does not repeat them. It begins with the number of the node that it came to, 0 where there is only one, so that
/// those of several nodes never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub u64);

/// Where the number of the node begins, in bits; below it are more than a thousand identities for each millisecond since
/// 1970 for a century.
const NODE_FROM_BITS: u32 = 52;

impl LinkId {
    /// The one of a node with this place among its own.
    pub fn of_node(node: u16, place: u64) -> Self {
        Self(u64::from(node) << NODE_FROM_BITS | place & ((1 << NODE_FROM_BITS) - 1))
    }

    /// The number of the node that it came to.
    pub fn node(self) -> u16 {
        u16::try_from(self.0 >> NODE_FROM_BITS).unwrap_or(u16::MAX)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// A trial's identity: 26 characters (130 bits) that cannot be guessed, since it is also the address of
/// the trial's result page.
///
/// It is a keyed digest of the transaction that opened the trial, so that it can be computed anew from
/// the journal after a restart and no randomness is needed below the roof.
///
/// It is never logged, since logs are read by more people than results are: [`Self::log_name`] is, and stands in for
/// it in `Debug`, too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrialId(Arc<str>);

/// Lower-case base 32 without `i`, `l`, `o` and `u`, which are easily misread.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH_CHARS: usize = 26;
const LOG_NAME_CHARS: usize = 8;
/// 80 bits: nobody guesses the label of another's trial.
const LABEL_CHARS: usize = 16;

impl TrialId {
    /// The identity of the trial that the transaction `number` on `link` opened.
    pub fn new(secret: &[u8], link: LinkId, number: u16) -> Self {
        let transaction: Vec<u8> = link.0.to_be_bytes().into_iter().chain(number.to_be_bytes()).collect();
        Self(text(&keyed(secret, b"trial", &transaction), LENGTH_CHARS).into())
    }

    /// The identity of the trial whose names carry `label`.
    pub fn of_label(secret: &[u8], label: &Label) -> Self {
        Self(text(&keyed(secret, b"label", label.as_str().as_bytes()), LENGTH_CHARS).into())
    }

    /// The label of the second part of this trial: nobody finds the one from the other without the secret.
    pub fn second_part(&self, secret: &[u8]) -> Label {
        let digest = keyed(secret, b"second part", self.0.as_bytes());
        text(&digest, LABEL_CHARS).parse().unwrap_or_else(|_| unreachable!("letters and digits"))
    }

    /// A label from chance, for a trial that is to begin.
    pub fn new_label(random: &[u8; 20]) -> Label {
        text(random, LABEL_CHARS).parse().unwrap_or_else(|_| unreachable!("letters and digits"))
    }

    /// What a log calls the trial: a short digest (SHA-256) of the identity, from which nobody finds the page.
    pub fn log_name(&self) -> String {
        text(&Sha256::digest(self.0.as_bytes()), LOG_NAME_CHARS)
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn keyed(secret: &[u8], purpose: &[u8], what: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(purpose);
    mac.update(what);
    mac.finalize().into_bytes().into()
}

/// The first `chars` groups of five bits.
fn text(digest: &[u8], chars: usize) -> String {
    (0..chars).map(|n| char::from(ALPHABET[five_bits(digest, n)])).collect()
}

/// The `n`th group of five bits.
fn five_bits(bytes: &[u8], n: usize) -> usize {
    (0..5).fold(0, |value, k| {
        let bit = n * 5 + k;
        value << 1 | usize::from(bytes[bit / 8] >> (7 - bit % 8) & 1)
    })
}

impl fmt::Display for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TrialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrialId({})", self.log_name())
    }
}

/// A text that is no trial's identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no trial: an ID has 26 lower-case letters and digits; `mailassay trial list` shows those there are"
)]
pub struct ParseTrialIdError(String);

impl FromStr for TrialId {
    type Err = ParseTrialIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == LENGTH_CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte)) {
            Ok(Self(text.into()))
        } else {
            Err(ParseTrialIdError(text.chars().take(64).collect()))
        }
    }
}

impl TryFrom<String> for TrialId {
    type Error = ParseTrialIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TrialId> for String {
    fn from(id: TrialId) -> Self {
        id.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_opening_same_identity_and_it_reads_back() {
        let id = TrialId::new(b"secret", LinkId(7), 0);
        assert_eq!(id, TrialId::new(b"secret", LinkId(7), 0));
        assert_ne!(id, TrialId::new(b"secret", LinkId(7), 1));
        assert_ne!(id, TrialId::new(b"other", LinkId(7), 0));
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn links_of_nodes_never_meet_and_those_of_one_alone_are_as_ever() {
        assert_eq!(LinkId::of_node(0, 0x0006_7b00_0000_0001), LinkId(0x0006_7b00_0000_0001));
        let of = |node| [LinkId::of_node(node, 0), LinkId::of_node(node, u64::MAX)];
        for node in [0, 1, 2, 2_046] {
            assert!(of(node).iter().all(|link| link.node() == node), "{node}");
            assert!(of(node)[1] < of(node + 1)[0]);
            assert!(of(node)[1].0.cast_signed() > 0, "databases have signed integers");
        }
    }

    #[test]
    fn a_log_name_tells_trials_apart_and_not_where_their_pages_are() {
        let id: TrialId = "0123456789abcdefghjkmnpqrs".parse().expect("an identity");
        // printf %s ID | openssl dgst -sha256 -binary | head -c5 | basenc --base32hex | tr 0-9A-V 0-9a-hjkmnp-tv-z
        assert_eq!(id.log_name(), "danjk73r");
        assert_eq!(format!("{id:?}"), "TrialId(danjk73r)");
        assert_ne!(TrialId::new(b"a", LinkId(1), 0).log_name(), TrialId::new(b"a", LinkId(1), 1).log_name());
    }

    #[test]
    fn refuses_what_is_no_identity() {
        for text in ["", "../etc/passwd", "ABCDEFGHJKMNPQRSTVWXYZ0123", "0123456789"] {
            assert!(text.parse::<TrialId>().is_err(), "{text}");
        }
    }
}
