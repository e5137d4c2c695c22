//! A cell of the attack view, without wording.

use serde::{Deserialize, Serialize};

use crate::sending::history::Seq;

use super::super::finding::{Mechanism, Reason};

/// What somebody on the way of a mail may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attack {
    /// He removes the offer of STARTTLS.
    RemovesEncryption,
    /// He poses as the MX host, with a certificate that he made himself.
    ForgesCertificate,
    /// He forges DNS answers, so that mail goes to a host of his own that has a valid certificate for its own name.
    ForgesDns,
    /// He blocks TLSA records or the MTA-STS policy, and then removes the encryption or forges the certificate.
    BlocksPolicy,
}

impl Attack {
    /// All, in the order of rows.
    pub const ALL: [Self; 4] =
        [Self::RemovesEncryption, Self::ForgesCertificate, Self::ForgesDns, Self::BlocksPolicy];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::RemovesEncryption => "removes-encryption",
            Self::ForgesCertificate => "forges-certificate",
            Self::ForgesDns => "forges-dns",
            Self::BlocksPolicy => "blocks-policy",
        }
    }
}

/// What the domain that the mail goes to publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// TLSA records in a signed zone, and no MTA-STS policy.
    Dane,
    /// An MTA-STS policy in mode enforce, in a zone that is not signed.
    MtaSts,
    /// Neither, in a zone that is not signed.
    Nothing,
}

impl Target {
    /// All, in the order of columns.
    pub const ALL: [Self; 3] = [Self::Dane, Self::MtaSts, Self::Nothing];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dane => "dane",
            Self::MtaSts => "mta-sts",
            Self::Nothing => "nothing",
        }
    }
}

/// What becomes of a mail under an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// The attacker reads it.
    Read,
    /// He reads it as long as the sender does not know the policy from an earlier mail (RFC 8461 §10.2).
    ReadUntilKnown,
    /// He does not; the mail waits.
    NotRead,
    /// This was not seen.
    NotSeen,
    /// There is nothing that he could block.
    NothingToBlock,
}

impl Exposure {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadUntilKnown => "read-until-known",
            Self::NotRead => "not-read",
            Self::NotSeen => "not-seen",
            Self::NothingToBlock => "nothing-to-block",
        }
    }
}

/// Why a cell is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The observations that are cited show it.
    Shown,
    /// They do, together with what was not seen where it would have been.
    Silence(Mechanism),
    /// What was seen beside all policy: clear text after a failure, or a delivery on a retry.
    Undone(Mechanism),
    /// The finding on it is open.
    Open(Reason),
    /// No host of the suite shows it.
    Beyond(Beyond),
    /// There is nothing to block.
    Nothing,
}

/// What no host of the suite shows, and what is in no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beyond {
    /// Whether the sender's resolver validates DNSSEC.
    Dnssec,
    /// What the sender makes of a host that only a forged answer names.
    ForgedHost,
    /// Whether mail waits while the look-up of TLSA records fails (RFC 7672 §2.1.2).
    FailedLookup,
    /// What a destination gets that has a policy of its own.
    Destination,
}

/// What becomes of a mail under one attack, to one kind of domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttackCell {
    pub attack: Attack,
    pub target: Target,
    pub exposure: Exposure,
    pub why: Why,
    /// The observations that prove it; empty where nothing is claimed.
    pub evidence: Vec<Seq>,
}

impl AttackCell {
    /// Of which nothing can be said, for that reason.
    pub(super) fn open(attack: Attack, target: Target, reason: Reason) -> Self {
        let (exposure, why) = (Exposure::NotSeen, Why::Open(reason));
        Self { attack, target, exposure, why, evidence: Vec::new() }
    }
}
