//! The file as the operator writes it, and each room's settings from it.
//!
//! `file` is what may be written, `check` what of it cannot be, `derive` and `scan` make settings of it, and `document`
//! knows on which line each key stands, and gathers all that is wrong. What a room can read itself is its own `Settings`.
//! `show` says what is in force and where it came from.

mod check;
mod derive;
mod document;
mod file;
mod own;
mod place;
mod scan;
mod settings;
mod show;

use std::path::Path;

use crate::shared::keyfile::{Want, told};

pub use document::{ConfigError, ConfigErrors};
pub use settings::{Dkim, Listen, Log, Node, OperatorMail, SealFile, SelfCheck, Settings, Zone};
pub use show::{Loaded, Written};

/// Reads the configuration at `path`. Relative paths in it are relative to its folder.
///
/// # Errors
/// Unknown keys, impossible values and files that are not there: all of them, each with file, line and key.
pub fn load(path: &Path) -> Result<Settings, ConfigErrors> {
    read(path).map(|loaded| loaded.settings)
}

/// As [`load`], and how it is written.
///
/// # Errors
/// As [`load`].
pub fn read(path: &Path) -> Result<Loaded, ConfigErrors> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "",
            _ => "; name a configuration such as config/local.toml",
        };
        let problem = format!("{}{advice}", told(path, Want::Read, error));
        ConfigErrors::from(ConfigError { file: path.to_owned(), line: None, key: None, problem })
    })?;
    parsed(path, &text)
}

/// Reads `text` as if it came from `path`.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Settings, ConfigErrors> {
    parsed(path, text).map(|loaded| loaded.settings)
}

fn parsed(path: &Path, text: &str) -> Result<Loaded, ConfigErrors> {
    let document = document::Document::parse(path, text)?;
    let Some(file) = document.values() else { return Err(document.faults()) };
    let settings = derive::settings(&document, file, path.parent().unwrap_or(Path::new("")))?;
    Ok(Loaded { settings, written: Written::of(&document, path, text) })
}
