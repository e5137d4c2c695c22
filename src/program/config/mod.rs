//! The file as the operator writes it, and each room's settings from it.
//!
//! `file` is what may be written, `check` what of it cannot be, `derive` and `scan` make settings of it, and `document`
//! knows on which line each key stands. What a room can read itself is its own `Settings`.

mod check;
mod derive;
mod document;
mod file;
mod place;
mod scan;
mod settings;

use std::path::Path;

use crate::shared::keyfile::{Want, told};

pub use document::ConfigError;
pub use settings::{Dkim, Listen, OperatorMail, SealFile, SelfCheck, Settings, Zone};

/// Reads the configuration at `path`. Relative paths in it are relative to its folder.
///
/// # Errors
/// Unknown keys, impossible values and files that are not there, each with file, line and key.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "",
            _ => "; name a configuration such as config/local.toml",
        };
        let problem = format!("{}{advice}", told(path, Want::Read, error));
        ConfigError { file: path.to_owned(), line: None, key: None, problem }
    })?;
    parse(path, &text)
}

/// Reads `text` as if it came from `path`.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Settings, ConfigError> {
    let document = document::Document::parse(path, text)?;
    let file = document.values()?;
    derive::settings(&document, file, path.parent().unwrap_or(Path::new("")))
}
