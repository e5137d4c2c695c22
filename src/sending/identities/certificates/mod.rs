//! Where keys and certificates come from.

mod files;
mod keys;
mod private_ca;

use std::path::PathBuf;

use rustls::pki_types::CertificateDer;

pub use files::CertificateFile;
pub(super) use files::Files;
pub(super) use keys::KeyFolder;
pub(super) use private_ca::{LAB, NOBODYS, PrivateCa, self_signed};

/// Why keys or certificates cannot be had, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// A file does not hold what it should.
    #[error("{path}: {reason}")]
    Content {
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// No certificate file covers a host that needs one.
    #[error("no certificate of tls.files names {host} ({purpose}); {searched}: add one whose SAN has it")]
    Uncovered {
        host: String,
        /// What it is needed for.
        purpose: String,
        /// The files that were looked into.
        searched: String,
    },
    /// No certificate of the pool has a name that needs one.
    #[error("no certificate of the pool names {host} ({purpose}); write it into tls.acme.further_names")]
    NotInPool {
        host: String,
        /// What it is needed for.
        purpose: String,
    },
    /// A certificate cannot be made.
    #[error("the certificate for {name} cannot be made: {reason}")]
    Issue { name: String, reason: String },
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
