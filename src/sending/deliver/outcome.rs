//! What came of an attempt, host by host.

use std::net::IpAddr;

use crate::sending::verdict::model::{Intent, Published};
use crate::shared::evidence::{Fetch, Negotiated};

/// An attempt to deliver one mail to one recipient.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What is to become of the mail.
    pub delivery: Delivery,
    /// The hosts in the order in which they were considered, once for each address that was called.
    pub hosts: Vec<HostAttempt>,
    /// The fetch of an MTA-STS policy, if one was made.
    pub fetch: Option<Fetch>,
}

/// What is to become of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// A host acknowledged it.
    Delivered,
    /// To be tried again.
    Transient(String),
    /// Never to be tried again.
    Permanent(String),
}

/// One host, at one address or at none.
#[derive(Clone, Debug)]
pub struct HostAttempt {
    /// The MX host's name.
    pub host: String,
    /// The address that was called.
    pub address: Option<IpAddr>,
    /// What was known of the host.
    pub published: Published,
    /// What was intended.
    pub intent: Intent,
    /// What TLS agreed on, where it was begun and completed.
    pub tls: Option<Negotiated>,
    /// Whether TLS was begun and could not be had, for another reason than the certificate.
    pub tls_failed: bool,
    /// What came of it.
    pub outcome: HostOutcome,
}

/// What came of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostOutcome {
    /// It acknowledged the mail, with this reply.
    Delivered(String),
    /// It answered MAIL, RCPT, DATA or the dot with 4yz.
    Held { code: u16, text: String },
    /// It answered MAIL, RCPT, DATA or the dot with 5yz.
    Rejected { code: u16, text: String },
    /// Its certificate did not pass.
    CertificateRefused(String),
    /// It did not offer STARTTLS, or took it back, and TLS is a must.
    NoStarttls,
    /// It was not called, for what is published.
    Avoided(String),
    /// It could not be reached, or broke off.
    Failed(String),
}

impl HostOutcome {
    /// The outcome in a few words, for the last line of a mail that waits.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Delivered(text) | Self::Held { text, .. } | Self::Rejected { text, .. } => text.clone(),
            Self::CertificateRefused(reason) => format!("certificate refused: {reason}"),
            Self::NoStarttls => "TLS is required and STARTTLS is not offered".to_owned(),
            Self::Avoided(reason) | Self::Failed(reason) => reason.clone(),
        }
    }
}
