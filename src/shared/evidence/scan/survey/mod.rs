//! What a server's handshake and probes show, taken together: a pure fold, without an opinion.
//!
//! An answered hello shows one suite accepted; a refused one shows all of its suites refused, if nothing else in it
//! was narrow. Whether a refusal is about the version or about the suites, its alert and the rest of the evidence
//! say; where they do not, both stay unknown.

mod asked;
mod families;
mod fold;

use std::collections::{BTreeMap, BTreeSet};

use super::super::TlsVersion;
use super::probe::{DhParameters, Hello};
use super::server::Server;

pub use asked::Gap;
pub use families::{Authentication, hash_of_scheme, is_dhe, is_rsa_key_transport};

/// What is known of a question that has two answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Accepted, supported, or so.
    Yes,
    /// Refused, missing, or not so.
    No,
    /// Neither, and why.
    Unknown(Gap),
}

impl Known {
    /// Whether it is known to be so.
    pub fn yes(self) -> bool {
        self == Self::Yes
    }

    /// Whether it is known not to be so.
    pub fn no(self) -> bool {
        self == Self::No
    }

    /// Whether nothing is known.
    pub fn unknown(self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

/// Code points of one kind: which are accepted, which are refused, and why others are neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sorted {
    /// In the order in which they were seen.
    accepted: Vec<u16>,
    refused: BTreeSet<u16>,
    open: BTreeMap<u16, Gap>,
}

impl Sorted {
    fn accept(&mut self, code: u16) {
        if !self.accepted.contains(&code) {
            self.accepted.push(code);
        }
    }

    fn known(&self, code: u16, otherwise: Gap) -> Known {
        if self.accepted.contains(&code) {
            Known::Yes
        } else if self.refused.contains(&code) {
            Known::No
        } else {
            Known::Unknown(self.open.get(&code).copied().unwrap_or(otherwise))
        }
    }
}

/// A choice of the server among suites that it is known to accept, of TLS 1.2 and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub version: TlsVersion,
    /// The accepted suites of the offer, at least two, in the order offered.
    pub accepted: Vec<u16>,
    pub suite: u16,
}

/// What is known of a server's TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    speaks: bool,
    /// What is known of each version, SSL 2.0 among them.
    versions: BTreeMap<TlsVersion, Known>,
    suites: BTreeMap<TlsVersion, Sorted>,
    /// Of TLS 1.3, and of all below.
    groups_13: Sorted,
    groups_old: Sorted,
    hashes: BTreeMap<&'static str, Known>,
    certificates: BTreeMap<Authentication, Known>,
    /// Why what was not asked was not.
    rest: Gap,
    /// The choices among suites, in the order in which they were made.
    pub choices: Vec<Chosen>,
    /// Whether the server decides among suites: true if the reversed offer gave the same choice among at least two
    /// accepted ones. None: not asked, or there is nothing to choose.
    pub server_decides: Option<bool>,
    /// The group that TLS 1.3 chose from an offer of all.
    pub favourite_group: Option<u16>,
    /// The finite-field parameters that were seen, each once.
    pub primes: Vec<DhParameters>,
    /// The SSL 2.0 cipher kinds, in hexadecimal.
    pub ssl2: Vec<String>,
    /// Whether a DEFLATE offer was taken (RFC 3749).
    pub compression: Known,
    /// Secure renegotiation (RFC 5746), of TLS 1.2 and below.
    pub secure_renegotiation: Known,
    /// Extended master secret (RFC 7627), in TLS 1.2.
    pub extended_master_secret: Known,
    /// Whether a ticket allows early data (RFC 8446 §4.2.10).
    pub early_data: Known,
    /// Whether a command sent in clear behind STARTTLS was executed within TLS (CVE-2011-0411).
    pub injected: Known,
    /// How many renegotiations of the client's the server took on one connection.
    pub renegotiations: Result<u8, Gap>,
    /// The chains it sent, by SHA-256, each first certificate once: of the real handshake first.
    pub chains: Vec<Vec<String>>,
}

impl Survey {
    /// How many suites in an offer every server bears: a longer one that is dropped may have been too long.
    pub const SUITES_BORNE_MAX: usize = 64;

    /// What is known of `server`.
    pub fn of(server: &Server) -> Self {
        fold::fold(server)
    }

    /// Whether the server was heard to speak TLS at all.
    pub fn speaks_tls(&self) -> bool {
        self.speaks
    }

    /// Why what was not asked was not.
    pub fn rest(&self) -> Gap {
        self.rest
    }

    /// Whether it accepts a version; SSL 2.0 is 0x0002.
    pub fn version(&self, version: TlsVersion) -> Known {
        self.versions.get(&version).copied().unwrap_or(Known::Unknown(self.rest))
    }

    /// The versions it accepts, the highest first.
    pub fn versions(&self) -> impl Iterator<Item = TlsVersion> {
        self.versions.iter().rev().filter(|(_, known)| known.yes()).map(|(version, _)| *version)
    }

    /// The highest version below TLS 1.3 that it accepts, SSL 2.0 apart.
    pub fn old_version(&self) -> Option<TlsVersion> {
        self.versions().find(|version| (SSL3..=TlsVersion::TLS12).contains(version))
    }

    /// Whether it accepts a suite in a version.
    pub fn suite(&self, version: TlsVersion, suite: u16) -> Known {
        match (self.suites.get(&version), self.version(version)) {
            (_, Known::No) => Known::No,
            (Some(sorted), _) => sorted.known(suite, self.rest),
            (None, _) => Known::Unknown(self.rest),
        }
    }

    /// The suites it accepts in a version, in the order in which they were seen.
    pub fn suites(&self, version: TlsVersion) -> &[u16] {
        self.suites.get(&version).map_or(&[], |sorted| &sorted.accepted)
    }

    /// The suites it accepts in any version.
    pub fn all_suites(&self) -> BTreeSet<u16> {
        self.suites.values().flat_map(|sorted| &sorted.accepted).copied().collect()
    }

    /// Whether it accepts a group in TLS 1.3, or in a version below.
    pub fn group(&self, tls13: bool, group: u16) -> Known {
        self.groups_of(tls13).known(group, self.rest)
    }

    /// The groups it accepts in TLS 1.3, or in the versions below, in the order in which they were seen.
    pub fn groups(&self, tls13: bool) -> &[u16] {
        &self.groups_of(tls13).accepted
    }

    /// The groups it accepts in any version.
    pub fn all_groups(&self) -> BTreeSet<u16> {
        self.groups_13.accepted.iter().chain(&self.groups_old.accepted).copied().collect()
    }

    fn groups_of(&self, tls13: bool) -> &Sorted {
        if tls13 { &self.groups_13 } else { &self.groups_old }
    }

    /// Whether it knows a post-quantum hybrid group: no, only if those asked in TLS 1.3 were all refused.
    pub fn post_quantum(&self) -> Known {
        if self.all_groups().into_iter().any(families::is_post_quantum) {
            return Known::Yes;
        }
        if self.version(TlsVersion::TLS13).no() {
            return Known::No;
        }
        // X25519MLKEM768, SecP256r1MLKEM768 and SecP384r1MLKEM1024: those with a registered code point for TLS.
        let open = [0x11ec, 0x11eb, 0x11ed].map(|group| self.groups_13.known(group, self.rest));
        open.into_iter().find(|known| known.unknown()).unwrap_or(Known::No)
    }

    /// Whether it signs a key exchange of TLS 1.2 with a hash, such as `SHA-1`: yes, only if a ServerKeyExchange
    /// has it.
    pub fn hash(&self, name: &str) -> Known {
        self.hashes.get(name).copied().unwrap_or(Known::Unknown(self.rest))
    }

    /// The hashes it signs with, where known.
    pub fn hashes(&self) -> impl Iterator<Item = &'static str> {
        self.hashes.iter().filter(|(_, known)| known.yes()).map(|(name, _)| *name)
    }

    /// Whether it has a certificate with such a key.
    pub fn certificate(&self, authentication: Authentication) -> Known {
        self.certificates.get(&authentication).copied().unwrap_or(Known::Unknown(self.rest))
    }

    /// Suites of every family that servers use with a version; those of TLS 1.2 beside the older ones. Who refuses
    /// all of these refuses the version.
    pub fn common_suites(version: TlsVersion) -> &'static [u16] {
        match version {
            TlsVersion::TLS13 => families::COMMON_13,
            TlsVersion::TLS12 => families::COMMON_12,
            _ => families::COMMON_OLD,
        }
    }

    /// Whether a hello offers groups so widely that a refusal is not about them.
    pub fn any_group(hello: &Hello) -> bool {
        asked::any_group(hello)
    }

    /// Whether a hello offers signature schemes so widely that a refusal is not about them.
    pub fn any_scheme(hello: &Hello) -> bool {
        asked::any_scheme(hello)
    }

    /// Whether a group has a post-quantum part, alone or beside a curve.
    pub fn is_post_quantum(group: u16) -> bool {
        families::is_post_quantum(group)
    }

    /// Whether a suite's key exchange is ephemeral on a curve.
    pub fn is_ecdhe(suite: u16) -> bool {
        families::is_ecdhe(suite)
    }

    /// Whether the server signs the suite's key exchange (TLS 1.2 and below).
    pub fn is_signed(suite: u16) -> bool {
        families::is_signed(suite)
    }
}

const SSL3: TlsVersion = TlsVersion(0x0300);
