//! The files that a configuration names.

use std::path::{Path, PathBuf};

use super::document::{ConfigError, Document};
use crate::shared::keyfile::{self, Want, told};

/// Where paths are relative to, and where their keys stand.
pub(super) struct ConfigFolder<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) folder: &'a Path,
}

impl ConfigFolder<'_> {
    /// The text of the file that `key` names.
    pub(super) fn text(&self, key: &str, path: &Path) -> Result<(PathBuf, String), ConfigError> {
        let path = self.folder.join(path);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    /// The text of a file with a secret that `key` names.
    pub(super) fn secret(&self, key: &str, path: &Path) -> Result<String, ConfigError> {
        let path = self.folder.join(path);
        match keyfile::read(&path) {
            Ok(secret) => Ok(String::from_utf8_lossy(&secret).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                Err(self.document.fault(key, format!("{}: {error}", path.display())))
            }
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    /// The path of a file that `key` names and that must be there.
    pub(super) fn existing(&self, key: &str, path: &Path) -> Result<PathBuf, ConfigError> {
        let path = self.folder.join(path);
        match std::fs::File::open(&path) {
            Ok(_) => Ok(path),
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    fn unreadable(&self, key: &str, path: &Path, error: std::io::Error) -> ConfigError {
        let is_obstructed = error.kind() == std::io::ErrorKind::PermissionDenied;
        let error = told(path, Want::Read, error);
        let advice = if is_obstructed { "" } else { "; name a file that is there and may be read" };
        self.document.fault(key, format!("{}: {error}{advice}", path.display()))
    }
}
