//! DKIM of our own mail.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use mail_auth::common::crypto::{RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, DkimSigner, Done};
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use crate::shared::keyfile::{self, Keeping};

/// The fields that are signed, where the mail has them (RFC 6376 §5.4.1).
/// RFC 8058 §4: those by which a mail program objects must be among them.
const SIGNED_FIELDS: [&str; 14] = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// Why there is no DKIM key.
#[derive(Debug, thiserror::Error)]
pub enum DkimKeyError {
    /// The file cannot be read or made.
    #[error("{path}: {source}; the service must be able to read its DKIM key, or to make it")]
    File { path: PathBuf, source: io::Error },
    /// What is in the file is no RSA key.
    #[error("{path}: {reason}; put an RSA key in PKCS#8 PEM there, or move the file away to have one made")]
    Key { path: PathBuf, reason: String },
}

/// The key that signs our mail: rsa-sha256 with 2048 bits, which every verifier knows (RFC 8301; many do not know
/// Ed25519 yet).
pub struct DkimKey {
    signer: DkimSigner<RsaKey<Sha256>, Done>,
    public_key: Vec<u8>,
}

impl std::fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DkimKey").finish_non_exhaustive()
    }
}

impl DkimKey {
    /// Reads the key at `path` (PKCS#8 PEM), or makes one (mode 0600) where there is none. Signatures are of
    /// `selector` in `domain`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or made, or holds no RSA key. The error names it and says what to do.
    pub fn open(path: &Path, domain: &str, selector: &str) -> Result<Self, DkimKeyError> {
        Self::keeping(&Keeping::in_files(), path, domain, selector)
    }

    /// As [`Self::open`]; `keeping` says what becomes of a key that is made.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn keeping(
        keeping: &Keeping,
        path: &Path,
        domain: &str,
        selector: &str,
    ) -> Result<Self, DkimKeyError> {
        let no_file = |source| DkimKeyError::File { path: path.to_owned(), source };
        let pem = match keyfile::read(path) {
            Ok(pem) => String::from_utf8_lossy(&pem).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => make(keeping, path)?,
            Err(error) => return Err(no_file(error)),
        };
        let no_key = |reason: String| DkimKeyError::Key { path: path.to_owned(), reason };
        let pair = KeyPair::from_pem(&pem).map_err(|error| no_key(error.to_string()))?;
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| no_key(error.to_string()))?;
        let key = RsaKey::<Sha256>::from_key_der(der).map_err(|error| no_key(error.to_string()))?;
        let signer = DkimSigner::from_key(key)
            .domain(domain)
            .selector(selector)
            .headers(SIGNED_FIELDS)
            .header_canonicalization(Canonicalization::Relaxed)
            .body_canonicalization(Canonicalization::Relaxed);
        Ok(Self { signer, public_key: pair.subject_public_key_info() })
    }

    /// The TXT record of `<selector>._domainkey.<domain>` (RFC 6376 §3.6.1), to be cut into strings of 255.
    pub fn dkim_txt(&self) -> String {
        format!("v=DKIM1; k=rsa; p={}", BASE64.encode(&self.public_key))
    }

    /// The DKIM-Signature field for `message` (CRLF line ends), to be put before it. The body must not end in
    /// lines of white space alone.
    ///
    /// # Errors
    ///
    /// If mail-auth does not take the message or the key.
    pub fn sign(&self, message: &[u8]) -> Result<String, mail_auth::Error> {
        Ok(self.signer.sign(message)?.to_header())
    }
}

fn make(keeping: &Keeping, path: &Path) -> Result<String, DkimKeyError> {
    let no_file = |source| DkimKeyError::File { path: path.to_owned(), source };
    let no_key = |error: rcgen::Error| DkimKeyError::Key { path: path.to_owned(), reason: error.to_string() };
    let pem = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(no_key)?.serialize_pem();
    keeping.keep(path, pem.as_bytes()).map_err(no_file)?;
    Ok(pem)
}
