//! A sender's policy in one word: Postfix's level names and what they lack.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Certificates, Dane, Precedence, SenderModel, Sni, Starttls};

/// A term for a policy. Derived from models, never the reverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// It never uses TLS.
    None,
    /// TLS where it is offered, any certificate.
    May,
    /// The same, and names the MX host.
    #[serde(rename = "may+sni")]
    MaySni,
    /// TLS where it is offered, and then only with a certificate that verifies.
    #[serde(rename = "may+verify")]
    MayVerify,
    /// Always TLS, any certificate.
    Encrypt,
    /// The same, and names the MX host.
    #[serde(rename = "encrypt+sni")]
    EncryptSni,
    /// Always TLS with a certificate that verifies.
    Verify,
    /// The same, and names the MX host.
    #[serde(rename = "verify+sni")]
    VerifySni,
    /// DANE where TLSA records are.
    Dane,
    /// DANE everywhere.
    DaneOnly,
    /// MTA-STS where a policy is; also where it overrides DANE.
    MtaSts,
    /// It uses DANE and MTA-STS.
    #[serde(rename = "dane+mta-sts")]
    DaneMtaSts,
    /// No one policy: each destination has its own, such as by Postfix's `smtp_tls_policy_maps`. No model's term.
    PerDestination,
}

impl Term {
    /// All terms that a sender can be given.
    pub const ALL: [Self; 13] = [
        Self::None,
        Self::May,
        Self::MaySni,
        Self::MayVerify,
        Self::Encrypt,
        Self::EncryptSni,
        Self::Verify,
        Self::VerifySni,
        Self::Dane,
        Self::DaneOnly,
        Self::MtaSts,
        Self::DaneMtaSts,
        Self::PerDestination,
    ];

    /// The terms that a model can have: all but [`Self::PerDestination`].
    pub const OF_MODELS: [Self; 12] = [
        Self::None,
        Self::May,
        Self::MaySni,
        Self::MayVerify,
        Self::Encrypt,
        Self::EncryptSni,
        Self::Verify,
        Self::VerifySni,
        Self::Dane,
        Self::DaneOnly,
        Self::MtaSts,
        Self::DaneMtaSts,
    ];

    /// The term of a model: authentication first, then encryption. The one table of regions.
    pub fn of(model: &SenderModel) -> Self {
        let overridden = model.mta_sts && model.precedence == Precedence::MtaStsOverrides;
        let sni = model.sni == Sni::Always;
        match (model.dane, model.mta_sts) {
            (_, true) if overridden => Self::MtaSts,
            (Dane::Required, _) => Self::DaneOnly,
            // Where DANE alone decides, nothing here shows whether a policy would be obeyed: that is DANE.
            (Dane::WhereUsable, true) if model.precedence == Precedence::BothMustPass => Self::DaneMtaSts,
            (Dane::WhereUsable, _) => Self::Dane,
            (Dane::Off, true) => Self::MtaSts,
            (Dane::Off, false) => match (model.starttls, model.certificates) {
                (Starttls::Never, _) => Self::None,
                (Starttls::IfOffered, Certificates::Ignored) if sni => Self::MaySni,
                (Starttls::IfOffered, Certificates::Ignored) => Self::May,
                (Starttls::IfOffered, Certificates::Verified) => Self::MayVerify,
                (Starttls::Required, Certificates::Ignored) if sni => Self::EncryptSni,
                (Starttls::Required, Certificates::Ignored) => Self::Encrypt,
                (Starttls::Required, Certificates::Verified) if sni => Self::VerifySni,
                (Starttls::Required, Certificates::Verified) => Self::Verify,
            },
        }
    }

    /// The term as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::May => "may",
            Self::MaySni => "may+sni",
            Self::MayVerify => "may+verify",
            Self::Encrypt => "encrypt",
            Self::EncryptSni => "encrypt+sni",
            Self::Verify => "verify",
            Self::VerifySni => "verify+sni",
            Self::Dane => "dane",
            Self::DaneOnly => "dane-only",
            Self::MtaSts => "mta-sts",
            Self::DaneMtaSts => "dane+mta-sts",
            Self::PerDestination => "per-destination",
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that is no term.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no term for a policy")]
pub struct ParseTermError(String);

impl FromStr for Term {
    type Err = ParseTermError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|term| term.name() == text).ok_or_else(|| ParseTermError(text.to_owned()))
    }
}
