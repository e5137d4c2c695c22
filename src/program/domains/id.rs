//! The identity of a check, which is the address of its result.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;

/// How many octets an identity has: nobody guesses 128 bits.
const OCTETS: usize = 16;
/// How many characters that are in base 32 (RFC 4648 §6) without padding.
const CHARS: usize = 26;
/// How many of them a log shows.
const LOGGED_CHARS: usize = 6;

/// The identity of a check: a secret of whoever asked for it. The roof draws it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId([u8; OCTETS]);

impl CheckId {
    /// The identity that was drawn.
    pub fn new(drawn: [u8; OCTETS]) -> Self {
        Self(drawn)
    }

    /// So much of it that an operator can tell it from others, and nobody can open its page.
    pub fn log_name(&self) -> String {
        format!("{:.LOGGED_CHARS$}", self.to_string())
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE32_NOPAD.encode(&self.0).to_ascii_lowercase())
    }
}

impl fmt::Debug for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckId({}…)", self.log_name())
    }
}

/// A text that is the identity of no check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is the identity of no check")]
pub struct NoCheckId;

impl FromStr for CheckId {
    type Err = NoCheckId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // One way to write it alone: an address with other letters is another.
        if text.len() != CHARS || text.bytes().any(|octet| octet.is_ascii_uppercase()) {
            return Err(NoCheckId);
        }
        let octets = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).map_err(|_| NoCheckId)?;
        octets.try_into().map(Self).map_err(|_| NoCheckId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_written_in_one_way() {
        let id = CheckId::new(*b"sixteen octets!!");
        let text = id.to_string();
        assert_eq!((text.len(), text.parse()), (CHARS, Ok(id)));
        for other in
            [text.to_uppercase(), format!("{text}a"), text[1..].to_owned(), format!("{}1", &text[1..])]
        {
            assert_eq!(other.parse::<CheckId>(), Err(NoCheckId), "{other}");
        }
        assert!(!format!("{id:?}").contains(&text));
    }
}
