//! Private keys as files: made once, kept for ever, so that TLSA records stay true.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize, SignatureAlgorithm};

use super::CertificatesError;
use crate::shared::keyfile::{self, Keeping, Want, told};

/// A kind of key.
struct Kind {
    algorithm: &'static SignatureAlgorithm,
    /// In words.
    name: &'static str,
}

/// The folder that holds the keys.
#[derive(Clone, Debug)]
pub(in crate::sending::identities) struct KeyFolder {
    folder: PathBuf,
    keeping: Keeping,
}

impl KeyFolder {
    /// The folder at `path`, made with mode 0700 where it is not there and what is made is kept.
    pub(in crate::sending::identities) fn open(
        path: &Path,
        keeping: Keeping,
    ) -> Result<Self, CertificatesError> {
        if keeping.writes() {
            let made = keyfile::make_folder(path).map_err(|error| told(path, Want::Write, error));
            made.map_err(|source| CertificatesError::File { path: path.to_owned(), source })?;
        }
        Ok(Self { folder: path.to_owned(), keeping })
    }

    /// Whether what is made is kept.
    pub(in crate::sending::identities) fn writes(&self) -> bool {
        self.keeping.writes()
    }

    /// Where the file `name` lies.
    pub(in crate::sending::identities) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The ECDSA P-256 key `name`, from its file, or made and written to it.
    pub(in crate::sending::identities) fn key(&self, name: &str) -> Result<KeyPair, CertificatesError> {
        let kind = Kind { algorithm: &PKCS_ECDSA_P256_SHA256, name: "an ECDSA P-256 key" };
        self.of_kind(name, &kind, || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256))
    }

    /// The RSA key `name` of 2048 bits, from its file, or made and written to it.
    pub(in crate::sending::identities) fn rsa_key(&self, name: &str) -> Result<KeyPair, CertificatesError> {
        let kind = Kind { algorithm: &PKCS_RSA_SHA256, name: "an RSA key" };
        self.of_kind(name, &kind, || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048))
    }

    fn of_kind(
        &self,
        name: &str,
        kind: &Kind,
        make: impl FnOnce() -> Result<KeyPair, rcgen::Error>,
    ) -> Result<KeyPair, CertificatesError> {
        let path = self.path(&format!("{name}.key.pem"));
        let unfit = |reason: String| CertificatesError::Content { path: path.clone(), reason };
        let no_file = |source| CertificatesError::File { path: path.clone(), source };
        let held = match keyfile::read(&path) {
            Ok(text) => Some(String::from_utf8_lossy(&text).into_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(no_file(error)),
        };
        if let Some(text) = held {
            return KeyPair::from_pkcs8_pem_and_sign_algo(&text, kind.algorithm).map_err(|error| {
                let name = kind.name;
                unfit(format!(
                    "not {name} in PKCS#8 PEM ({error}); restore it from a backup, or delete it to have another \
                     made, which changes the TLSA record"
                ))
            });
        }
        let key = make().map_err(|error| unfit(error.to_string()))?;
        self.keeping.keep(&path, key.serialize_pem().as_bytes()).map_err(no_file)?;
        Ok(key)
    }

    /// The text of a file, if it is there.
    pub(in crate::sending::identities) fn read(
        &self,
        path: &Path,
    ) -> Result<Option<String>, CertificatesError> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let source = told(path, Want::Read, error);
                Err(CertificatesError::File { path: path.to_owned(), source })
            }
        }
    }

    /// Writes a file so that it is there in whole or not at all, also after a crash, if what is made is kept.
    pub(in crate::sending::identities) fn write(
        &self,
        path: &Path,
        text: &str,
        mode: u32,
    ) -> Result<(), CertificatesError> {
        let written = if self.keeping.writes() {
            keyfile::write_whole(path, text.as_bytes(), mode)
        } else {
            self.keeping.keep(path, text.as_bytes())
        };
        written.map_err(|source| CertificatesError::File { path: path.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::open(&folder.path().join("certs"), Keeping::in_files()).unwrap();
        let made = keys.key("persona-mx03.et").unwrap().serialize_pem();
        assert_eq!(keys.key("persona-mx03.et").unwrap().serialize_pem(), made);
        assert_ne!(keys.key("persona-mx04.et").unwrap().serialize_pem(), made);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&keys.path("persona-mx03.et.key.pem")), 0o600);
        assert_eq!(mode(&folder.path().join("certs")), 0o700);
    }

    #[test]
    fn a_broken_key_file_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::open(folder.path(), Keeping::in_files()).unwrap();
        let path = keys.path("persona-mx03.et.key.pem");
        keyfile::write(&path, b"no key").unwrap();
        let error = keys.key("persona-mx03.et").unwrap_err().to_string();
        assert!(error.contains("persona-mx03.et.key.pem") && error.contains("delete it"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "no key");
    }
}
