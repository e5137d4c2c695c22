//! What a look-up may cost, as it is told where it would have cost more.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which of our limits an answer went beyond. It says nothing of the name: another resolver may do more work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsLimit {
    /// More aliases one after the other.
    Aliases,
    /// More records in one answer.
    Records,
    /// More sets of records in one answer.
    Sets,
    /// More signatures over one set of records.
    Signatures,
    /// More keys in one zone.
    Keys,
    /// More keys of one tag and algorithm in one zone (CVE-2023-50387, "KeyTrap").
    KeysOfATag,
    /// A longer RSA key, or one of less than 1024 bits.
    KeyBits,
    /// More DS records in one delegation.
    Delegations,
    /// More iterations of a hashed denial than validators answer for (RFC 9276 §3.2). In evidence of before: now the
    /// zone is insecure.
    Nsec3Iterations,
    /// More hashes for one hashed denial (CVE-2023-50868): the name has very many labels.
    Nsec3Hashes,
    /// More signatures to verify, in one answer or in the whole look-up.
    Verifications,
    /// More answers of servers in one look-up.
    Answers,
    /// More questions to servers for one question.
    Questions,
    /// More referrals, one after the other.
    Referrals,
    /// Name servers whose own servers' addresses have to be looked for, and so on, more often.
    Glueless,
    /// More time of computing in one look-up.
    Time,
    /// The validator gave up on the answer.
    Validator,
    /// A zone that is signed by Ed448 alone, algorithm 16 (RFC 8080), which we cannot verify and others can.
    Ed448,
}

impl fmt::Display for DnsLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aliases => "too many aliases one after the other",
            Self::Records => "too many records in one answer",
            Self::Sets => "too many sets of records in one answer",
            Self::Signatures => "too many signatures over one set of records",
            Self::Keys => "too many keys in one zone",
            Self::KeysOfATag => "too many keys of one tag",
            Self::KeyBits => "too long or too short an RSA key",
            Self::Delegations => "too many DS records in one delegation",
            Self::Nsec3Iterations => "too many NSEC3 iterations",
            Self::Nsec3Hashes => "too many NSEC3 hashes for one denial",
            Self::Verifications => "too many signatures to verify",
            Self::Answers => "too many answers to fetch",
            Self::Questions => "too many questions to name servers",
            Self::Referrals => "too many referrals one after the other",
            Self::Glueless => "name servers whose addresses are too deep to find",
            Self::Time => "too much time to validate",
            Self::Validator => "the validator gave up",
            Self::Ed448 => "algorithm 16 (Ed448)",
        })
    }
}
