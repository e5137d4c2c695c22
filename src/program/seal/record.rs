//! The public key as DNS has it: a TXT record at a name that follows from the key.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// The label under which the origin publishes keys of documents.
const LABEL: &str = "_mailassay";
/// How many octets of the key's digest make its name.
const NAME_OCTETS: usize = 8;
/// The octets of an Ed25519 public key (RFC 8032 §5.1.5).
const KEY_OCTETS: usize = 32;

/// The public key that documents are checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRecord([u8; KEY_OCTETS]);

/// A text that is no record of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key of signed documents; it looks like v=mailassay1; k=ed25519; p=…")]
pub struct NoKeyRecord;

impl KeyRecord {
    /// The record of a public key as it is on the wire.
    pub(super) fn new(public_key: &[u8]) -> Option<Self> {
        public_key.try_into().ok().map(Self)
    }

    /// The key as it is on the wire.
    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }

    /// The labels of its name below the origin: a digest of the key, so that each key has a name of its own and an old
    /// one can stay beside its successor.
    pub fn labels(&self) -> String {
        let digest = Sha256::digest(self.0);
        format!("{}.{LABEL}", HEXLOWER.encode(&digest[..NAME_OCTETS]))
    }

    /// Where `origin` publishes it.
    pub fn name(&self, origin: &str) -> String {
        format!("{}.{origin}", self.labels())
    }

    /// The origin that publishes it at `name`; none where that is no name of this key.
    pub fn origin_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_prefix(self.labels().as_str())?.strip_prefix('.').filter(|origin| !origin.is_empty())
    }
}

impl fmt::Display for KeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=mailassay1; k=ed25519; p={}", BASE64.encode(&self.0))
    }
}

impl FromStr for KeyRecord {
    type Err = NoKeyRecord;

    /// Reads the record as it is published, or as a zone file or `dig` writes it: in quotes, with a name before it.
    fn from_str(text: &str) -> Result<Self, NoKeyRecord> {
        let text: String = text.chars().filter(|c| *c != '"').collect();
        let record = text.find("v=").map(|at| &text[at..]).ok_or(NoKeyRecord)?;
        let mut key = None;
        let mut tags = record.split(';').map(str::trim).filter(|tag| !tag.is_empty());
        if tags.next() != Some("v=mailassay1") {
            return Err(NoKeyRecord);
        }
        for tag in tags {
            match tag.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                Some(("k", "ed25519")) => {}
                Some(("p", value)) if key.is_none() => key = Some(value),
                // Other tags may come with time; another algorithm or a second key is another record.
                Some((name, _)) if !["k", "p"].contains(&name) => {}
                _ => return Err(NoKeyRecord),
            }
        }
        // A record that `dig` cut into strings has blanks between them.
        let digits: String = key.unwrap_or_default().split_whitespace().collect();
        let octets = BASE64_NOPAD.decode(digits.trim_end_matches('=').as_bytes()).map_err(|_| NoKeyRecord)?;
        Self::new(&octets).ok_or(NoKeyRecord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_as_it_is_written_by_us_or_by_dig() {
        let key = KeyRecord([7; KEY_OCTETS]);
        let text = key.to_string();
        let name = key.name("test.example");
        assert_eq!(text.parse(), Ok(key));
        assert_eq!(format!("\"{text}\"\n").parse(), Ok(key));
        assert_eq!(
            format!("{name}.\t60\tIN\tTXT\t\"{}\" \"{}\"\n", &text[..30], &text[30..]).parse(),
            Ok(key)
        );
        assert_eq!(key.origin_of(&name), Some("test.example"));
        assert_eq!(KeyRecord([8; KEY_OCTETS]).origin_of(&name), None);
        assert!(name.ends_with("._mailassay.test.example") && name.len() == 16 + 11 + 13, "{name}");
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in [
            "",
            "v=DKIM1; k=ed25519; p=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
            "v=mailassay1; k=rsa; p=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
            "v=mailassay1; k=ed25519",
            "v=mailassay1; k=ed25519; p=BwcH",
            "v=mailassay1; p=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=; p=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        ] {
            assert_eq!(text.parse::<KeyRecord>(), Err(NoKeyRecord), "{text}");
        }
    }
}
