//! Handshakes as either side sees them, and what certificates are named by.
//!
//! [`accept`] is the server's side of a handshake, whose outcome is evidence, and [`fail`] that of one at fault by design; [`client::connect`] is the client's,
//! which takes any certificate and judges it afterwards.

mod accept;
pub mod client;
mod ending;
mod faulty;
pub mod hello;
mod tee;
pub mod words;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

pub use accept::{Accepted, ServerStream, accept};
pub use ending::{End, alert_of, end_of};
pub use faulty::{Fault, fail};
pub use tee::Tee;

/// SHA-256 in lower-case hexadecimal, as evidence names certificates.
pub fn fingerprint(der: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(der))
}

/// The DER of a certificate's SubjectPublicKeyInfo (what TLSA selector 1 selects).
pub fn spki_of(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(parsed.tbs_certificate.subject_pki.raw.to_vec())
}
