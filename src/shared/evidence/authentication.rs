//! What the authentication of a received mail gave, in the words of RFC 8601.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A result of RFC 8601 §2.7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Result8601 {
    /// Nothing to check.
    #[default]
    None,
    /// Checked and good.
    Pass,
    /// Checked and bad.
    Fail,
    /// The mail matched no term but `~all` of SPF.
    SoftFail,
    /// No statement; for DKIM a signature that cannot be judged.
    Neutral,
    /// A passing fault, mostly of DNS.
    TempError,
    /// A lasting fault in what is published.
    PermError,
}

impl fmt::Display for Result8601 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::Neutral => "neutral",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        })
    }
}

/// What SPF (RFC 7208) says of MAIL FROM, or of the HELO name for a null reverse-path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfOutcome {
    pub result: Result8601,
    /// The domain that was asked.
    pub domain: String,
}

/// What one DKIM signature (RFC 6376) gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DkimOutcome {
    pub result: Result8601,
    /// `d=`, the signing domain.
    pub domain: String,
    /// `s=`, the selector.
    pub selector: String,
    /// `a=`, such as `rsa-sha256`.
    pub algorithm: String,
    /// Why it did not pass, for the administrator.
    pub reason: Option<String>,
}

/// What DMARC (RFC 9989) gave for the From domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcOutcome {
    pub result: Result8601,
    /// The From domain.
    pub domain: String,
    /// `p=` as it applies: `none`, `quarantine`, `reject`.
    pub policy: Option<String>,
}

/// What ARC (RFC 8617) gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArcOutcome {
    /// The chain validation result.
    pub result: Result8601,
    /// How many sets there are.
    pub sets: u8,
}

/// The authentication of one mail, computed at the dot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// SPF of the envelope sender.
    pub spf: SpfOutcome,
    /// Each DKIM signature, at most ten.
    pub dkim: Vec<DkimOutcome>,
    /// DMARC of the From domain.
    pub dmarc: DmarcOutcome,
    pub arc: ArcOutcome,
    /// Whether SPF passes for the reverse-path's domain, or a DKIM signature passes whose domain has the same
    /// organisational domain as the reverse-path: then a verdict may go there.
    pub vouched: bool,
}
