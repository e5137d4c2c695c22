//! What stands in the link of a verdict mail: by it somebody may object who can read mail to an address.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD_NOCASE;
use hmac::Mac;

use super::digest::{DIGEST_OCTETS, Digest, mac, of_address};

/// How much of its own digest a token has, in octets.
const SEAL_OCTETS: usize = 14;
/// What a token's digest is for.
const PURPOSE: &str = "token of an objection";

/// A link's token: the keyed digest of an address, and one that only we can make of that. It says nothing of the address,
/// and goes for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    digest: Digest,
    seal: [u8; SEAL_OCTETS],
}

/// A text that has not the form of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no link of ours")]
pub struct NoToken;

impl Token {
    /// The token of an address.
    pub(super) fn new(secret: &[u8], address: &str) -> Self {
        let digest = of_address(secret, address);
        let whole = mac(secret, PURPOSE, &digest).finalize().into_bytes();
        let mut seal = [0; SEAL_OCTETS];
        seal.copy_from_slice(&whole[..SEAL_OCTETS]);
        Self { digest, seal }
    }

    /// The digest of the address that it was made for; none for a token that we did not make. The comparison takes the
    /// same time wherever the two differ.
    pub(super) fn digest(&self, secret: &[u8]) -> Option<Digest> {
        mac(secret, PURPOSE, &self.digest).verify_truncated_left(&self.seal).ok().map(|()| self.digest)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets: Vec<u8> = self.digest.iter().chain(&self.seal).copied().collect();
        f.write_str(&BASE32_NOPAD_NOCASE.encode(&octets).to_ascii_lowercase())
    }
}

impl FromStr for Token {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, NoToken> {
        let octets = BASE32_NOPAD_NOCASE.decode(text.as_bytes()).map_err(|_| NoToken)?;
        let (digest, seal) = octets.split_at_checked(DIGEST_OCTETS).ok_or(NoToken)?;
        let (Ok(digest), Ok(seal)) = (digest.try_into(), seal.try_into()) else { return Err(NoToken) };
        Ok(Self { digest, seal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn a_token_reads_back_and_is_of_its_address_alone() {
        let token = Token::new(&SECRET, "jane@example.net");
        let text = token.to_string();
        assert!(text.len() == 48 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
        assert_eq!(text.parse(), Ok(token));
        assert_eq!(text.to_ascii_uppercase().parse(), Ok(token));
        assert_eq!(token.digest(&SECRET), Some(of_address(&SECRET, "Jane@example.NET")));
        assert_eq!(token.digest(&[8; 32]), None);
    }

    #[test]
    fn nobody_else_makes_one() {
        let (jane, jim) = (Token::new(&SECRET, "jane@example.net"), Token::new(&SECRET, "jim@example.net"));
        let crossed = Token { digest: jane.digest, seal: jim.seal };
        assert_eq!(crossed.digest(&SECRET), None);
        for octet in 0..SEAL_OCTETS {
            let mut forged = jane;
            forged.seal[octet] ^= 1;
            assert_eq!(forged.digest(&SECRET), None);
        }
        for text in ["", "a", "jane@example.net", &jane.to_string()[..47], &format!("{jane}aa"), "\u{e4}"] {
            assert_eq!(text.parse::<Token>(), Err(NoToken), "{text}");
        }
    }
}
