//! A handshake, as either side can see it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A protocol version, as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TlsVersion(pub u16);

impl TlsVersion {
    /// TLS 1.2 (RFC 5246).
    pub const TLS12: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS13: Self = Self(0x0304);
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0002 => f.write_str("SSL 2.0"),
            0x0300 => f.write_str("SSL 3.0"),
            0x0301 => f.write_str("TLS 1.0"),
            0x0302 => f.write_str("TLS 1.1"),
            0x0303 => f.write_str("TLS 1.2"),
            0x0304 => f.write_str("TLS 1.3"),
            other => write!(f, "version 0x{other:04x}"),
        }
    }
}

/// What a sender offered in its ClientHello. Lists are cut at [`ClientHello::LIST_LENGTH_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// The server name, in lower case, if one was sent (RFC 6066 §3).
    pub sni: Option<String>,
    /// The versions offered: the extension's list, or the single one of older hellos.
    pub versions: Vec<TlsVersion>,
    /// The cipher suites, in the sender's order.
    pub cipher_suites: Vec<u16>,
    /// The groups, in the sender's order.
    pub groups: Vec<u16>,
    /// The signature schemes, in the sender's order.
    pub signature_schemes: Vec<u16>,
    /// The application protocols.
    pub alpn: Vec<String>,
}

impl ClientHello {
    /// The longest list that is kept.
    pub const LIST_LENGTH_MAX: usize = 128;
}

/// What both sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Negotiated {
    pub version: TlsVersion,
    /// The cipher suite, by its IANA name.
    pub cipher_suite: String,
    /// The group, by its IANA name, where one was used.
    pub group: Option<String>,
    /// Whether an earlier session was resumed, so that no certificate was shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
}

/// A TLS alert's code (RFC 8446 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alert(pub u8);

impl Alert {
    /// The alerts that speak of the certificate: bad_certificate, unsupported_certificate,
    /// certificate_revoked, certificate_expired, certificate_unknown (42 to 46) and unknown_ca (48).
    pub fn is_about_the_certificate(self) -> bool {
        matches!(self.0, 42..=46 | 48)
    }
}

/// Who did something to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The sender that connected to us.
    Sender,
    Us,
    /// The clock: a limit of time was reached.
    Timeout,
}

/// How a handshake ended, from the server's side. A completed handshake is not yet an acceptance: in TLS 1.3
/// the server is done before the sender has judged the certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Handshake {
    /// Both sides finished, as far as the server can see.
    Completed(Negotiated),
    /// It ended before.
    Failed(HandshakeFailure),
}

/// A handshake that ended early.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandshakeFailure {
    /// Whether our certificate had been sent: before that nobody can have refused it.
    pub certificate_sent: bool,
    pub by: Party,
    /// The error alert that the sender sent, if any; close_notify is none (RFC 8446 §6).
    pub alert: Option<Alert>,
    /// Whether the sender offered only what rustls does not speak: our limit, not the sender's policy.
    pub our_limit: bool,
    /// Whether the sender went on to exchange keys in a handshake that is at fault by design.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub went_on: bool,
    /// In rustls' or the system's words, for the administrator.
    pub reason: String,
}
