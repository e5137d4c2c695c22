//! Keys of users: a name that the operator gives, and a secret that is shown once.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// How many octets a secret has: nobody guesses 160 bits, and base 32 needs no padding.
const SECRET_OCTETS: usize = 20;
/// What a key begins with, so that whoever finds one knows what it is.
const PREFIX: &str = "ma_";
/// How long a name may be, in characters.
const NAME_CHARS_MAX: usize = 64;

/// A key as its user has it. Its secret has so much chance in it that a plain digest is enough to keep.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key that was drawn.
    pub fn new(drawn: [u8; SECRET_OCTETS]) -> Self {
        Self(format!("{PREFIX}{}", BASE32_NOPAD.encode(&drawn).to_ascii_lowercase()))
    }

    /// The key in words that a client sent, whether there is such a key or not.
    pub(in crate::program::api) fn sent(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// To be shown once.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// The name of a user: what HTTP Basic calls the user-id (RFC 7617 §2), which has no colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String);

/// A text that is the name of no user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user's name has at most 64 letters, digits, dots, hyphens and underscores")]
pub struct NoUserName;

impl UserName {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = NoUserName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_');
        match (1..=NAME_CHARS_MAX).contains(&text.len()) && text.bytes().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(NoUserName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown_by_chance() {
        let key = ApiKey::new([7; SECRET_OCTETS]);
        assert_eq!(key.secret().len(), PREFIX.len() + 32);
        assert!(!format!("{key:?}").contains(key.secret()));
        assert_eq!(ApiKey::sent(key.secret()).digest(), key.digest());
        assert_ne!(ApiKey::sent("").digest(), key.digest());
    }

    #[test]
    fn a_name_is_a_user_id() {
        assert_eq!("isp-1.example".parse::<UserName>().map(|name| name.0), Ok("isp-1.example".to_owned()));
        for none in ["", "a:b", "a b", "ü", &"a".repeat(65)] {
            assert_eq!(none.parse::<UserName>(), Err(NoUserName), "{none}");
        }
    }
}
