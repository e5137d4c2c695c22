//! What is noted of a TLS report that came (RFC 8460 §5).

mod reading;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::shared::domain_name::registrable_domain;
use crate::shared::policy::tls_report::TlsReport;

pub use reading::{Enclosed, read_file_name};

/// A TLS report about names of ours. It starts no trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReceived {
    pub came: ReportCame,
    pub reading: ReportReading,
}

/// How a report came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "way")]
pub enum ReportCame {
    /// By mail to the address that `_smtp._tls` names.
    Mail {
        source: IpAddr,
        /// The domain of From, in lower case.
        from_domain: Option<String>,
        /// The domains whose DKIM signatures of the whole mail pass (RFC 8460 §3), each once.
        signed_by: Vec<String>,
    },
    /// By POST. Nobody vouches for it but its address.
    Https { source: IpAddr },
}

impl ReportCame {
    /// The domain that vouches for a report that came so: that of the organisation that sent it, by From, whose DKIM
    /// signature passes (RFC 8460 §3). Another's signature says only who handed it on.
    pub fn vouched_by(&self) -> Option<&str> {
        let Self::Mail { from_domain, signed_by, .. } = self else { return None };
        let organisation = |domain: &str| registrable_domain(domain).unwrap_or_else(|| domain.to_owned());
        let from = from_domain.as_deref().map(organisation)?;
        signed_by.iter().find(|domain| organisation(domain) == from).map(String::as_str)
    }
}

/// What could be read of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ReportReading {
    /// It was read; of its policies those of names of ours are kept.
    Read {
        report: Box<TlsReport>,
        /// How many of its policies are about other domains.
        foreign: usize,
    },
    /// It was not.
    Unread {
        /// Why, in words of ours.
        why: String,
    },
}

impl ReportReading {
    /// Whether it is about a name of ours, as far as that is known: what could not be read may be.
    pub fn is_about_us(&self) -> bool {
        match self {
            Self::Read { report, .. } => !report.policies.is_empty(),
            Self::Unread { .. } => true,
        }
    }
}

impl ReportReceived {
    /// The report, if it could be read.
    pub fn report(&self) -> Option<&TlsReport> {
        match &self.reading {
            ReportReading::Read { report, .. } => Some(report),
            ReportReading::Unread { .. } => None,
        }
    }

    /// The domain that vouches for it.
    pub fn vouched_by(&self) -> Option<&str> {
        self.came.vouched_by()
    }

    /// Where it came from.
    pub fn source(&self) -> IpAddr {
        match &self.came {
            ReportCame::Mail { source, .. } | ReportCame::Https { source } => *source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_of_froms_organisation_vouches_and_no_other() {
        let vouched = |from: Option<&str>, signed: &[&str]| {
            let came = ReportCame::Mail {
                source: [192, 0, 2, 1].into(),
                from_domain: from.map(str::to_owned),
                signed_by: signed.iter().map(|domain| (*domain).to_owned()).collect(),
            };
            let reading = ReportReading::Unread { why: String::new() };
            ReportReceived { came, reading }.vouched_by().map(str::to_owned)
        };
        let signed = ["mail.example.net", "reports.example.org"];
        assert_eq!(vouched(Some("example.org"), &signed).as_deref(), Some("reports.example.org"));
        assert_eq!(vouched(Some("example.com"), &signed), None);
        assert_eq!(vouched(None, &signed), None);
        assert_eq!(vouched(Some("example.org"), &[]), None);
    }
}
