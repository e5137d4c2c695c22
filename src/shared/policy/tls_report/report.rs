//! A report as it was read.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::shared::time::Timestamp;

use super::Defect;

/// A TLS report (RFC 8460 §4.4). Texts are the reporter's, cut, and to be cleaned before they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TlsReport {
    pub organization_name: String,
    pub report_id: String,
    pub start: Option<Timestamp>,
    /// The last moment that it is about.
    pub end: Option<Timestamp>,
    pub policies: Vec<ReportedPolicy>,
    /// How many policies were too many to be kept.
    pub policies_beyond: usize,
    /// What is wrong with it, each once.
    pub defects: Vec<Defect>,
}

/// What a report says of one policy of one domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReportedPolicy {
    pub policy_type: PolicyType,
    pub policy_string: Vec<String>,
    /// The policy domain in lower case, without a final dot.
    pub policy_domain: Option<String>,
    pub mx_host: Vec<String>,
    pub successful_sessions: Option<u64>,
    pub failed_sessions: Option<u64>,
    pub failures: Vec<FailureDetails>,
    /// How many failures were too many to be kept.
    pub failures_beyond: usize,
}

/// Sessions that failed alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailureDetails {
    pub result_type: ResultType,
    pub sending_mta_ip: Option<IpAddr>,
    /// The host in lower case, without a final dot.
    pub receiving_mx_hostname: Option<String>,
    pub receiving_ip: Option<IpAddr>,
    pub failed_sessions: Option<u64>,
}

/// The kind of a policy that was applied (RFC 8460 §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyType {
    Tlsa,
    Sts,
    NoPolicyFound,
    /// None of these.
    Other,
}

impl PolicyType {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tlsa => "tlsa",
            Self::Sts => "sts",
            Self::NoPolicyFound => "no-policy-found",
            Self::Other => "other",
        }
    }
}

/// Why sessions failed (RFC 8460 §4.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultType {
    StarttlsNotSupported,
    CertificateHostMismatch,
    CertificateExpired,
    CertificateNotTrusted,
    ValidationFailure,
    TlsaInvalid,
    DnssecInvalid,
    DaneRequired,
    StsPolicyFetchError,
    StsPolicyInvalid,
    StsWebpkiInvalid,
    /// A word that is not registered, as it was written.
    #[serde(untagged)]
    Other(String),
}

impl ResultType {
    /// The registered ones (RFC 8460 §6.6).
    pub const REGISTERED: [Self; 11] = [
        Self::StarttlsNotSupported,
        Self::CertificateHostMismatch,
        Self::CertificateExpired,
        Self::CertificateNotTrusted,
        Self::ValidationFailure,
        Self::TlsaInvalid,
        Self::DnssecInvalid,
        Self::DaneRequired,
        Self::StsPolicyFetchError,
        Self::StsPolicyInvalid,
        Self::StsWebpkiInvalid,
    ];

    /// The word for it in reports.
    pub fn name(&self) -> &str {
        match self {
            Self::StarttlsNotSupported => "starttls-not-supported",
            Self::CertificateHostMismatch => "certificate-host-mismatch",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateNotTrusted => "certificate-not-trusted",
            Self::ValidationFailure => "validation-failure",
            Self::TlsaInvalid => "tlsa-invalid",
            Self::DnssecInvalid => "dnssec-invalid",
            Self::DaneRequired => "dane-required",
            Self::StsPolicyFetchError => "sts-policy-fetch-error",
            Self::StsPolicyInvalid => "sts-policy-invalid",
            Self::StsWebpkiInvalid => "sts-webpki-invalid",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for ResultType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
