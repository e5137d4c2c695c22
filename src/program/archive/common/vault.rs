//! Secrets sealed for a place where others may read: with one key, that all who may open them have in a file.

use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};

use crate::shared::keyfile;

/// How large a key is, in octets.
pub const SEALING_KEY_OCTETS: usize = 32;

/// Seals and opens secrets: AES-256-GCM with a nonce drawn for each, which stands before what is sealed. The name and the
/// version of a secret are bound to it, so that none goes for another, and no former one for a later one.
pub struct SealingKey {
    path: PathBuf,
    key: RandomizedNonceKey,
}

/// Why there is no key to seal with, or a secret does not open.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is none.
    #[error("{}: it is not there; copy it from a node that has it, or make the first with `mailassay node seal-key {}`", path.display(), path.display())]
    Missing { path: PathBuf },
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// It is no key.
    #[error("{}: it has {found} octets, and a key has {SEALING_KEY_OCTETS}; `mailassay node seal-key FILE` makes one", path.display())]
    Length { path: PathBuf, found: usize },
    /// The secret was sealed with another key, or is damaged.
    #[error(
        "{}: this key does not open {name} as other nodes sealed it; copy the key file of a node that runs, or, if that is \
         lost, have `mailassay node agree` seal what this node has with this key",
        path.display()
    )]
    Unopened { path: PathBuf, name: String },
}

impl SealingKey {
    /// The key in a file, which its owner alone may read.
    ///
    /// # Errors
    ///
    /// If there is none that can be read. The error names the file and says what to do.
    pub fn read(path: &Path) -> Result<Self, SealError> {
        let path = path.to_owned();
        let octets = match keyfile::read(&path) {
            Ok(octets) => octets,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SealError::Missing { path }),
            Err(source) => return Err(SealError::File { path, source }),
        };
        match RandomizedNonceKey::new(&AES_256_GCM, &octets) {
            Ok(key) => Ok(Self { path, key }),
            Err(_) => Err(SealError::Length { path, found: octets.len() }),
        }
    }

    /// Seals a secret of this name and version.
    pub(super) fn seal(&self, name: &str, version: i64, secret: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = secret.to_vec();
        let nonce = self.key.seal_in_place_append_tag(bound(name, version), &mut sealed).ok()?;
        Some([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// What was sealed under this name as this version.
    pub(super) fn open(&self, name: &str, version: i64, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let open = || {
            let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut opened = sealed.to_vec();
            let secret = self.key.open_in_place(nonce, bound(name, version), &mut opened).ok()?.len();
            opened.truncate(secret);
            Some(opened)
        };
        open().ok_or_else(|| SealError::Unopened { path: self.path.clone(), name: name.to_owned() })
    }
}

fn bound(name: &str, version: i64) -> Aad<String> {
    Aad::from(format!("mailassay secret {name} version {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(folder: &Path, octets: &[u8]) -> Result<SealingKey, SealError> {
        let path = folder.join("nodes.key");
        keyfile::write(&path, octets).unwrap();
        SealingKey::read(&path)
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_and_under_its_name_alone() {
        let folder = tempfile::tempdir().unwrap();
        let one = key(folder.path(), &[7; 32]).unwrap();
        let sealed = one.seal("dkim.key", 4, b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_ne!(one.seal("dkim.key", 4, b"secret").unwrap(), sealed, "each has a nonce of its own");
        assert_eq!(one.open("dkim.key", 4, &sealed).unwrap(), b"secret");
        let other = key(folder.path(), &[8; 32]).unwrap();
        let error = other.open("dkim.key", 4, &sealed).unwrap_err().to_string();
        assert!(
            error.contains("nodes.key: this key does not open dkim.key")
                && error.contains("copy the key file"),
            "{error}"
        );
        assert!(one.open("seal.key", 4, &sealed).is_err());
        assert!(one.open("dkim.key", 5, &sealed).is_err(), "a former version goes for no later one");
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(one.open("dkim.key", 4, &damaged).is_err(), "octet {at}");
            assert!(one.open("dkim.key", 4, &sealed[..at]).is_err(), "{at} octets");
        }
    }

    #[test]
    fn what_is_no_key_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = key(folder.path(), &[7; 31]).err().unwrap().to_string();
        assert!(
            error.contains("it has 31 octets") && error.contains("`mailassay node seal-key FILE`"),
            "{error}"
        );
        let error = SealingKey::read(&folder.path().join("none")).err().unwrap().to_string();
        assert!(error.contains("/none: it is not there; copy it from a node"), "{error}");
        let path = folder.path().join("nodes.key");
        keyfile::write_whole(&path, &[7; 32], 0o644).unwrap();
        let error = SealingKey::read(&path).err().unwrap().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
