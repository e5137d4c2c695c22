//! What a chain of trust is made of, and what breaks it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What breaks a chain of trust.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Broken {
    /// The signature's time is over.
    #[error("the signature ended at {at}")]
    Expired {
        /// When it expired.
        at: Timestamp,
    },
    /// The signature's time has not begun.
    #[error("the signature begins at {at}")]
    NotYetValid {
        /// When it begins to be valid.
        at: Timestamp,
    },
    /// A signature within its time does not verify.
    #[error("the signature by key {key_tag} does not verify")]
    DoesNotVerify {
        /// The key that it names.
        key_tag: u16,
    },
    /// There is no signature.
    #[error("there is no signature")]
    NoSignature,
    /// All signatures are by a zone that the records do not lie in (RFC 4035 §5.3.1).
    #[error("the signature is by `{signer}.`, another zone")]
    WrongSigner {
        /// The zone that signed in its place.
        signer: String,
    },
    /// The zone has no key that the signature names.
    #[error("the zone has no key {key_tag}")]
    NoKey {
        /// The key that it names.
        key_tag: u16,
    },
    /// No DS of the parent matches a key of the zone.
    #[error("no key of `{zone}.` is the one that its parent names")]
    NoMatchingDs { zone: String },
    /// The denial of the name or type is missing or proves nothing.
    #[error("the denial is missing or proves nothing")]
    NoProof,
    /// Something else, in the validator's words.
    #[error("{reason}")]
    Other { reason: String },
}

/// An extended DNS error (RFC 8914).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedError {
    pub code: u16,
    /// Its text, cut at 128 characters.
    pub text: String,
}

/// A signature as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureSeen {
    /// The algorithm's number (RFC 8624).
    pub algorithm: u8,
    pub key_tag: u16,
    pub signer: String,
    /// From when it is valid.
    pub inception: Timestamp,
    pub expiration: Timestamp,
    /// What it signs; none: evidence from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Signed>,
}

/// A set of records that a signature is over. Of a denial these are not the records that were asked for, but those
/// that prove that there are none (RFC 4035 §3.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The owner's name.
    pub owner: String,
    /// The type, such as `NSEC3`.
    pub rtype: String,
}

impl Signed {
    /// Whether records of this type prove what does not exist (RFC 4034 §4, RFC 5155 §3).
    pub fn denies(&self) -> bool {
        matches!(self.rtype.as_str(), "NSEC" | "NSEC3")
    }
}

/// One DS record (RFC 4034 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DsRecord {
    pub key_tag: u16,
    /// The key's algorithm.
    pub algorithm: u8,
    /// The digest's type.
    pub digest_type: u8,
}

/// One DNSKEY record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    pub key_tag: u16,
    pub algorithm: u8,
    /// Its flags: 257 signs keys, 256 signs the zone.
    pub flags: u16,
    /// The key's length, where the algorithm leaves it open (RSA).
    pub bits: Option<u16>,
}

/// One NSEC3PARAM record (RFC 5155 §4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nsec3Parameters {
    pub algorithm: u8,
    /// How many times it is computed once more.
    pub iterations: u16,
    /// How long the salt is, in octets.
    pub salt_octets: u8,
}
