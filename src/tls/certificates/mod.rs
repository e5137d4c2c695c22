//! Where keys and certificates come from.

mod files;
mod keys;
mod private_ca;

use std::path::PathBuf;

use data_encoding::HEXLOWER;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};

pub use files::CertificateFile;
pub(super) use files::Files;
pub(super) use keys::KeyFolder;
pub(super) use private_ca::{PrivateCa, self_signed};

/// Why keys or certificates cannot be had, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {reason}")]
    Content {
        /// Which one.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// No certificate file covers a host that needs one.
    #[error("no certificate of tls.files names {host} ({purpose}); {searched}: add one whose SAN has it")]
    Uncovered {
        /// The host.
        host: String,
        /// What it is needed for.
        purpose: String,
        /// The files that were looked into.
        searched: String,
    },
    /// A certificate cannot be made.
    #[error("the certificate for {name} cannot be made: {reason}")]
    Issue {
        /// For whom.
        name: String,
        /// Why not.
        reason: String,
    },
}

/// A certificate with its key, ready to be shown.
#[derive(Debug)]
pub(super) struct Certified {
    /// The leaf first, then what leads to the root, without it.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// The private key, PKCS#8.
    pub(super) key: rustls::pki_types::PrivateKeyDer<'static>,
    /// The DER of the leaf's SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
}

/// SHA-256 in lower-case hexadecimal, as evidence names certificates.
pub fn fingerprint(der: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(der))
}

/// The DER of a certificate's SubjectPublicKeyInfo (what TLSA selector 1 selects).
pub fn spki_of(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(parsed.tbs_certificate.subject_pki.raw.to_vec())
}
