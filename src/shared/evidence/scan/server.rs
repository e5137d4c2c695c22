//! What one address of an MX showed, over all connections to it.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{Alert, TlsVersion};
use super::names::LookupResult;
use super::probe::Probe;
use super::session::{SessionFault, SmtpReply, Stage};

/// One address of one MX host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The MX host's name, which is also the SNI.
    pub host: String,
    pub ip: IpAddr,
    /// The name by which it was called when its probes were seen, where that was another: what does not hang on a name
    /// was asked once for all names of the address. None: all of it was seen under [`Self::host`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed_as: Option<String>,
    /// When the last of it was gathered; older than the scan if it came from the cache.
    pub at: Timestamp,
    /// Whether it could be reached.
    pub reach: Reach,
    /// The SMTP session of the first connection; of a second where [`Self::earlier`] has the first.
    pub session: Session,
    /// The session of the first connection where it gave no STARTTLS: one look is no proof, since front ends differ.
    /// None: it gave STARTTLS or never came so far, or it is evidence from before there was a second look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Box<Session>>,
    /// The handshake of a real TLS client that takes any certificate; none: STARTTLS was not offered, or not tried.
    pub handshake: Option<RealHandshake>,
    /// The questions of the probe engine and their answers, in order.
    pub probes: Vec<Probe>,
    /// Why questions stayed unasked; none: the plan came to its end.
    pub stopped: Option<Stopped>,
    /// What was not asked because of that, by the names of the plan's steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unasked: Vec<String>,
    /// The intrusive probes, where the operator asked for them.
    pub intrusive: Option<Intrusive>,
    /// PTR of the address.
    pub ptr: LookupResult<String>,
    /// For each PTR name, its addresses of this family.
    pub ptr_addresses: Vec<LookupResult<IpAddr>>,
    /// How many connections were opened for it.
    pub connections: u32,
}

/// Whether an address could be reached on port 25.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Reach {
    /// A connection came up.
    Reached,
    /// It was refused.
    Refused,
    /// No answer in time.
    TimedOut,
    /// No route, or another fault that the system named.
    Unreachable { reason: String },
    /// It was not called.
    NotTried { why: NotTried },
}

/// Why an address was not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotTried {
    /// No mail of the domain was vouched for, so nobody proved to have asked for it.
    NotVouchedFor,
    /// A special-purpose address (IANA registries), or one of our own.
    SpecialAddress,
    /// The operator excluded it.
    Excluded,
    /// It was tried as often today as is allowed.
    TriedOften,
    /// More hosts or addresses than a scan takes.
    TooMany,
    /// The scan's time was over.
    OutOfTime,
    /// This host has no IPv6.
    NoIpv6Here,
    /// `--ip` named another.
    NotAsked,
}

/// The first SMTP session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub greeting: Option<SmtpReply>,
    /// How long the greeting took, in milliseconds.
    pub greeting_ms: Option<u32>,
    /// The answer to EHLO in clear.
    pub ehlo: Option<SmtpReply>,
    /// The answer to `MAIL FROM:<>` in clear.
    pub mail_in_clear: Option<SmtpReply>,
    /// The answer to STARTTLS.
    pub starttls: Option<SmtpReply>,
    /// The answer to EHLO in TLS.
    pub ehlo_in_tls: Option<SmtpReply>,
    /// How it ended before its time.
    pub fault: Option<SessionFault>,
}

impl Session {
    /// Whether EHLO in clear announced `keyword`; none: there was no answer to EHLO.
    pub fn announces(&self, keyword: &str) -> Option<bool> {
        let ehlo = self.ehlo.as_ref().filter(|reply| reply.code == 250)?;
        Some(ehlo.announces(keyword))
    }

    /// Whether STARTTLS was not to be had in it, for good: EHLO is unknown (RFC 5321 §4.2.4) or does not announce it, or
    /// it was refused with 5yz.
    pub fn gives_no_starttls(&self) -> bool {
        let refused = |reply: &SmtpReply| reply.code >= 500;
        let no_ehlo = |fault: &SessionFault| match fault {
            SessionFault::Reply { stage: Stage::Ehlo, reply } => matches!(reply.code, 500 | 502),
            SessionFault::Reply { stage: Stage::Starttls, reply } => refused(reply),
            _ => false,
        };
        match &self.starttls {
            Some(reply) => refused(reply),
            None => self.announces("STARTTLS") == Some(false) || self.fault.as_ref().is_some_and(no_ehlo),
        }
    }
}

/// What a real handshake (rustls) gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RealHandshake {
    /// It was completed.
    Completed(Completed),
    Failed {
        /// The alert that the server sent.
        alert: Option<Alert>,
        /// Whether rustls has nothing in common with what the server offers: a limit of our client, and no
        /// statement about the server.
        our_limit: bool,
        /// In rustls' or the system's words.
        reason: String,
    },
}

/// A completed handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    pub version: TlsVersion,
    pub suite: u16,
    /// The group, where one was used.
    pub group: Option<u16>,
    /// The scheme that the server signed with.
    pub scheme: Option<u16>,
    /// The certificates it sent, by their SHA-256 in lower-case hexadecimal, as they came.
    pub chain: Vec<String>,
    /// Whether an OCSP response was stapled.
    pub ocsp: bool,
    /// Whether the server asked for a certificate of ours, which it did not get; none: evidence from before this was
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<bool>,
    /// The largest early data that a ticket allows, in octets; none: no ticket came.
    pub early_data_octets: Option<u32>,
}

/// Why a plan ended early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Stopped {
    /// The server, or one beside it, limits connections, and the back-offs were used up.
    Limited {
        /// Its words: the reply's text, or how the connection ended.
        reason: String,
    },
    /// The scan's time was over.
    OutOfTime,
    /// The most connections that one address gets were used.
    OutOfConnections,
    /// The server stopped answering in the midst.
    Silent,
}

/// What only `--intrusive` asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intrusive {
    /// RCPT for `postmaster@` the domain.
    pub postmaster: Option<SmtpReply>,
    /// RCPT for a recipient of the domain that cannot exist.
    pub unknown_recipient: Option<SmtpReply>,
    /// RCPT for a recipient of a foreign domain (RFC 2606), from a foreign domain.
    pub relay: Option<SmtpReply>,
}
