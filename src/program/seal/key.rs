//! The private key: its file.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use rcgen::PKCS_ED25519;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use crate::shared::keyfile::{self, Keeping};

use super::record::KeyRecord;

/// Why there is no key for documents.
#[derive(Debug, thiserror::Error)]
pub enum SealKeyError {
    /// The file cannot be read or made.
    #[error("{path}: {source}; the service must be able to read its key for documents, or to make it")]
    File { path: PathBuf, source: io::Error },
    /// What is in the file is no Ed25519 key.
    #[error(
        "{path}: {reason}; put an Ed25519 key in PKCS#8 PEM there, or move the file away to have one made"
    )]
    Key { path: PathBuf, reason: String },
}

/// The key that signs documents (Ed25519), and the origin that publishes it.
pub struct SealKey {
    pair: Ed25519KeyPair,
    public: KeyRecord,
    origin: String,
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl SealKey {
    /// Reads the key at `path` (PKCS#8 PEM), or makes one where there is none; `keeping` says what becomes of it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or made, or holds no Ed25519 key. The error names it and says what to do.
    pub fn keeping(keeping: &Keeping, path: &Path, origin: &str) -> Result<Self, SealKeyError> {
        let no_file = |source| SealKeyError::File { path: path.to_owned(), source };
        let no_key = |reason: String| SealKeyError::Key { path: path.to_owned(), reason };
        let pem = match keyfile::read(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let made = rcgen::KeyPair::generate_for(&PKCS_ED25519);
                let pem = made.map_err(|error| no_key(error.to_string()))?.serialize_pem().into_bytes();
                keeping.keep(path, &pem).map_err(no_file)?;
                pem
            }
            Err(error) => return Err(no_file(error)),
        };
        let der = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| no_key(error.to_string()))?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_der());
        let pair = pair.map_err(|error| no_key(error.to_string()))?;
        let public = KeyRecord::new(pair.public_key().as_ref());
        let public = public.ok_or_else(|| no_key("its public key has not 32 octets".to_owned()))?;
        Ok(Self { pair, public, origin: origin.to_owned() })
    }

    /// The public key as it is published.
    pub fn public(&self) -> KeyRecord {
        self.public
    }

    /// Where it is published.
    pub(super) fn name(&self) -> String {
        self.public.name(&self.origin)
    }

    pub(super) fn sign(&self, octets: &[u8]) -> Vec<u8> {
        self.pair.sign(octets).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key.pem");
        let open = || SealKey::keeping(&Keeping::in_files(), &path, "test.example");
        let made = open().unwrap().public();
        assert_eq!(open().unwrap().public(), made);
        std::fs::remove_file(&path).unwrap();
        keyfile::write(&path, b"no key").unwrap();
        let error = open().unwrap_err().to_string();
        assert!(error.contains("move the file away to have one made"), "{error}");
    }

    /// `openssl genpkey -algorithm ed25519`, with `openssl pkey -pubout`: operators may bring a key of their own.
    #[test]
    fn a_key_of_openssl_fits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key.pem");
        // The key of RFC 8410 §10.3, whose public key is in §10.1.
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                   -----END PRIVATE KEY-----\n";
        keyfile::write(&path, pem.as_bytes()).unwrap();
        let key = SealKey::keeping(&Keeping::nothing(), &path, "test.example").unwrap();
        assert_eq!(
            key.public().to_string(),
            "v=mailassay1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
        );
    }
}
