//! The files that a configuration names: beside it, anywhere, or as credentials that systemd hands to the service.

use std::path::{Path, PathBuf};

use super::document::{ConfigError, Document};
use crate::shared::keyfile::{self, Want, told};

/// How a path begins that is the name of a credential.
const CREDENTIAL: &str = "credential:";
/// Where systemd puts the credentials of a unit (systemd.exec(5)).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Where paths are relative to, and where their keys stand.
pub(super) struct ConfigFolder<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) folder: &'a Path,
}

impl ConfigFolder<'_> {
    /// Where the file is that `key` names, which may not be there: a path, or `credential:NAME`.
    pub(super) fn path(&self, key: &str, path: &Path) -> Result<PathBuf, ConfigError> {
        match path.to_str().and_then(|path| path.strip_prefix(CREDENTIAL)) {
            Some(name) => self.credential(name).map_err(|problem| self.document.fault(key, problem)),
            None => Ok(self.folder.join(path)),
        }
    }

    /// Where the credential `name` lies; else why there is none, and what to do.
    fn credential(&self, name: &str) -> Result<PathBuf, String> {
        // As systemd takes it: one part of a path.
        if name.is_empty() || name.contains(['/', '\0']) || [".", ".."].contains(&name) {
            return Err(format!("`{name}` is no credential's name; write \"{CREDENTIAL}NAME\""));
        }
        let advice = format!("write LoadCredential={name}:/path/of/the/file into the unit");
        let Some(folder) = std::env::var_os(CREDENTIALS).filter(|folder| !folder.is_empty()) else {
            return Err(format!(
                "credentials are handed over by systemd, and {CREDENTIALS} is not set here; {advice}, or name a file"
            ));
        };
        let path = Path::new(&folder).join(name);
        match path.exists() {
            true => Ok(path),
            false => Err(format!("systemd hands over no credential of this name; {advice}")),
        }
    }

    /// The text of the file that `key` names.
    pub(super) fn text(&self, key: &str, path: &Path) -> Result<(PathBuf, String), ConfigError> {
        let path = self.path(key, path)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(error) => Err(self.unreadable(key, &path, error)),
        }
    }

    /// The text of a file with a secret that `key` names.
    pub(super) fn secret(&self, key: &str, path: &Path) -> Result<String, ConfigError> {
        let path = self.path(key, path)?;
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
        let path = self.path(key, path)?;
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
