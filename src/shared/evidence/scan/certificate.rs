//! Certificates as facts: what they say, and which path and record they fit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::shared::policy::Tlsa;

/// A certificate, once by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its DER in Base64; none: it was cut (`cuts` says so).
    pub der: Option<String>,
    /// The subject, as RFC 4514 writes it.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// The DNS names of the subjectAltName, at most 20; the number of all is `names_count`.
    pub names: Vec<String>,
    /// How many names there are.
    pub names_count: u32,
    /// From when it is valid.
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key: Key,
    /// The signature algorithm's OID, in dots.
    pub signature_oid: String,
    /// The hash of the signature, as in `SHA-256`; for RSASSA-PSS from its parameters.
    pub signature_hash: Option<String>,
    /// Whether subject and issuer are the same.
    pub self_issued: bool,
    /// Whether it may issue.
    pub ca: bool,
    /// How many signed certificate timestamps it carries (RFC 6962).
    pub scts: u8,
    /// What it may be used for (RFC 5280 §4.2.1.12), by OIDs in dots, at most 8; none: it does not say, or it is
    /// evidence from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<Vec<String>>,
    /// What a parser complained about, if it did.
    pub unreadable: Option<String>,
}

impl Certificate {
    /// Any purpose (RFC 5280 §4.2.1.12).
    pub const ANY_PURPOSE: &str = "2.5.29.37.0";
    /// The purpose of a TLS server (RFC 5280 §4.2.1.12).
    pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
    /// The purpose of a TLS client (RFC 5280 §4.2.1.12).
    pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
}

/// The public key of a certificate, by its kind and length.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Key {
    Rsa {
        /// The modulus' length.
        bits: u16,
    },
    /// On an elliptic curve.
    Ec {
        /// The curve, by its OID in dots.
        oid: String,
    },
    Ed25519,
    Ed448,
    Other {
        /// The algorithm's OID in dots.
        oid: String,
    },
}

/// A chain as a server sent it, examined for the name that the MX record has. Made once per chain and host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    pub host: String,
    /// The chain, by SHA-256.
    pub chain: Vec<String>,
    /// The path to a root of those that `roots` of the evidence says, the name apart.
    pub path: Path,
    /// Whether the first certificate is for the host, by its subjectAltName (RFC 6125).
    pub name_matches: bool,
    /// Whether each certificate is signed by the next one.
    pub ordered: bool,
    /// What of the chain a verifier goes over, by SHA-256, the server's own first: what lies on the path to the root
    /// that was found; where none was, one after the other as far as their signatures lead. None: evidence from before
    /// this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relied: Option<Vec<String>>,
    /// By TLSA record, which is written in master-file format: which certificates of the chain it matches, by SHA-256.
    /// Of usage 2 only if the path to the matched one holds and the name fits (RFC 7672 §3.1.2).
    #[serde(with = "by_text")]
    pub tlsa: BTreeMap<Tlsa, Vec<String>>,
}

/// What is kept by TLSA record, in the order of their texts.
mod by_text {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::shared::policy::Tlsa;

    pub(super) fn serialize<S: Serializer>(
        matched: &BTreeMap<Tlsa, Vec<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let texts: BTreeMap<String, _> = matched.iter().map(|(tlsa, of)| (tlsa.to_string(), of)).collect();
        texts.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Tlsa, Vec<String>>, D::Error> {
        let texts: BTreeMap<String, Vec<String>> = BTreeMap::deserialize(deserializer)?;
        let read = |text: &str| match text.strip_suffix(' ') {
            // Nobody may publish a record without data (RFC 6698 §2.1), and servers send what they like.
            Some(numbers) => format!("{numbers} 00").parse().map(|tlsa| Tlsa { data: Vec::new(), ..tlsa }),
            None => text.parse(),
        };
        let records = texts.into_iter().map(|(text, of)| Ok((read(&text).map_err(D::Error::custom)?, of)));
        records.collect()
    }
}

/// A path to a root of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Path {
    /// A path leads to a root that is trusted.
    Trusted {
        /// The root's name.
        root: String,
    },
    /// No path leads to a root that is trusted.
    Untrusted {
        fault: PathFault,
        /// In the verifier's words.
        reason: String,
    },
}

/// Why there is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathFault {
    /// The certificate is its own issuer.
    SelfSigned,
    /// No root of the store, or a certificate between is missing.
    UnknownIssuer,
    /// A certificate's time is over.
    Expired,
    /// A certificate's time has not begun.
    NotYetValid,
    /// A certificate is not meant for servers (RFC 5280 §4.2.1.12).
    Purpose,
    Other,
}

#[cfg(test)]
mod tests {
    use super::by_text::{deserialize, serialize};

    #[test]
    fn records_are_read_as_they_were_written() {
        let text = r#"{"10 0 0 00":["c"],"3 1 1 ":[],"3 1 1 0aff":["a","b"]}"#;
        let read = deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
        assert_eq!(read.len(), 3);
        let mut written = Vec::new();
        serialize(&read, &mut serde_json::Serializer::new(&mut written)).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), text);
    }
}
