//! The probe engine's questions, and what a server said to them in clear.

use serde::{Deserialize, Serialize};

use super::super::{Alert, TlsVersion};
use super::code_points::CodePoints;
use super::session::SessionFault;

/// One question and its answer; each had a connection of its own unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The plan's step, a stable name such as `tls12-sufficient`.
    pub step: String,
    /// What was asked.
    pub question: Question,
    pub answer: Answer,
}

/// What may be asked after STARTTLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Question {
    /// A hand-made ClientHello; the connection ends with the server's flight.
    Hello(Hello),
    /// An SSL 2.0 CLIENT-HELLO with every cipher kind.
    Ssl2,
    /// A whole TLS 1.2 handshake of the mini client: STARTTLS with `NOOP` in the same segment, to see whether
    /// the command is executed within TLS (CVE-2011-0411), then client-initiated renegotiations.
    Renegotiate {
        hello: Hello,
        /// How many renegotiations are tried on the connection.
        tries: u8,
        /// Whether `NOOP` went in the segment of STARTTLS.
        inject: bool,
    },
    /// The same `NOOP` before a real handshake of TLS 1.3: for servers with which the mini client shares nothing.
    Inject,
}

impl Question {
    /// Whether `NOOP` goes in the segment of STARTTLS.
    pub fn injects(&self) -> bool {
        matches!(self, Self::Renegotiate { inject: true, .. } | Self::Inject)
    }
}

/// What a ClientHello of ours offers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hello {
    /// The highest version offered. TLS 1.3 goes into supported_versions, with an empty key_share, so that the
    /// server's HelloRetryRequest names suite and group.
    pub version: TlsVersion,
    /// The suites, in order; the SCSV of RFC 5746 is not among them.
    pub suites: CodePoints,
    /// supported_groups, in order; none: no such extension.
    #[serde(default, skip_serializing_if = "CodePoints::is_empty")]
    pub groups: CodePoints,
    /// signature_algorithms, in order; none: no such extension.
    #[serde(default, skip_serializing_if = "CodePoints::is_empty")]
    pub schemes: CodePoints,
    /// Whether DEFLATE compression is offered beside none (RFC 3749).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compression: bool,
    /// The group a real TLS 1.3 key share is sent for, so that the server goes on to ServerHello; none: the
    /// share is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u16>,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Answer {
    /// The server chose.
    Flight(Flight),
    /// An SSL 2.0 SERVER-HELLO.
    Ssl2 {
        /// The cipher kinds, in hexadecimal of three octets.
        ciphers: Vec<String>,
        /// The certificate's SHA-256.
        certificate: Option<String>,
    },
    /// The mini client finished its handshake.
    Renegotiated(Renegotiated),
    /// The real handshake of [`Question::Inject`] was finished.
    Injected {
        /// Whether the command was answered within TLS; none: the session does not say.
        executed: Option<bool>,
    },
    /// The server refused with an alert.
    Alert { alert: Alert },
    /// The server closed or reset the connection without an alert.
    Dropped,
    /// No answer in time.
    TimedOut,
    /// No TLS, or more of it than is read.
    Garbage {
        /// The first octets in hexadecimal, at most 16, and what is wrong.
        reason: String,
    },
    /// The server has nothing that our client speaks, so the question stays open: a limit of ours, and
    /// no statement about the server.
    OurLimit {
        /// What is missing.
        reason: String,
    },
    /// The question was never put: the session before it failed. Says nothing about TLS.
    NotPut { fault: SessionFault },
}

/// ServerHello or HelloRetryRequest and what followed in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// The version chosen.
    pub version: TlsVersion,
    /// The suite chosen.
    pub suite: u16,
    /// Whether it is a HelloRetryRequest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// The group chosen: of key_share, or of a ServerKeyExchange with a named curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u16>,
    /// The finite-field parameters of a ServerKeyExchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dh: Option<DhParameters>,
    /// The scheme of the ServerKeyExchange's signature (TLS 1.2), or of CertificateVerify where a share gave the keys
    /// to read it (TLS 1.3); below, none: MD5 with SHA-1, or SHA-1 (RFC 4346).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<u16>,
    /// The compression method chosen; 0 is none.
    #[serde(default)]
    pub compression: u8,
    /// The types of the extensions, in order: 23 is extended_master_secret, 65281 renegotiation_info.
    pub extensions: CodePoints,
    /// The certificates, by their SHA-256, as they came; empty where they are anonymous, or encrypted and no share
    /// gave the keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// Whether the server asked for a certificate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub client_certificate: bool,
    /// Whether the flight came to its end (ServerHelloDone, or for TLS 1.3 the hello itself).
    pub complete: bool,
}

/// Finite-field Diffie-Hellman parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhParameters {
    /// The prime's length.
    pub bits: u16,
    /// SHA-256 of the prime, big endian without leading zeros, in lower-case hexadecimal.
    pub sha256: String,
    /// The generator, if it is below 256.
    pub generator: Option<u8>,
}

/// What the mini TLS 1.2 client saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renegotiated {
    /// The first handshake.
    pub flight: Flight,
    /// How many renegotiations the server accepted.
    pub accepted: u8,
    /// How the next was refused; none: all tries were accepted.
    pub refused: Option<Refusal>,
    /// Whether a command that was sent in clear behind STARTTLS was answered within TLS; none: not tried, or the
    /// session did not get so far.
    pub injected: Option<bool>,
}

/// How a renegotiation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Refusal {
    /// An alert; 100 is no_renegotiation.
    Alert { alert: Alert },
    /// The connection ended.
    Dropped,
    /// No answer in time.
    TimedOut,
}
