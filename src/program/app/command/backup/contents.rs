//! What of a service is on disk: what its configuration names, and what it makes where that names nothing.

use std::path::{Path, PathBuf};

use crate::operations::backup::{Contents, Kind};
use crate::program::app::command::ending::{CommandError, shown};
use crate::program::archive;
use crate::program::config::Settings;
use crate::sending::journal;

/// The databases of the service.
pub(super) const JOURNAL: Kind =
    Kind { name: "journal", schema: journal::SCHEMA, on_restore: Some(journal::ON_RESTORE) };
pub(super) const ARCHIVE: Kind = Kind { name: "archive", schema: archive::SCHEMA, on_restore: None };

/// What a backup of a service holds. Every text of the configuration that is the name of a file or of a folder counts as
/// one: so none is forgotten that a later version knows.
pub(super) fn contents(config: &Path, settings: &Settings) -> Result<Contents, CommandError> {
    let folder = config.parent().unwrap_or(Path::new(""));
    let unread = |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(config)));
    let text = std::fs::read_to_string(config).map_err(|error| unread(&error))?;
    let table: toml::Table = text.parse().map_err(|error| unread(&error))?;
    let mut named = Vec::new();
    table.values().for_each(|value| names(value, &mut named));
    let own = [&settings.tls.folder, &settings.zone.authority.keys, &settings.dkim.key, &settings.seal.key];
    let secret = settings.journal.secret.iter().filter(|path| path.exists());
    let present = std::fs::canonicalize(folder.join(".")).map_err(|error| unread(&error))?;
    // The folder of the configuration, and those above it, hold more than is the service's.
    let is_file_or_folder =
        |path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|path| !present.starts_with(&path));
    let named = named.into_iter().filter(|name| !name.is_empty()).map(|name| folder.join(name));
    Ok(Contents {
        config: config.to_owned(),
        // What is forgotten is told to the archive after the journal has done it: the other way round, a backup would
        // bring it back.
        databases: [(ARCHIVE, settings.archive.clone()), (JOURNAL, settings.journal.path.clone())]
            .into_iter()
            .filter(|(kind, _)| kind.name != JOURNAL.name || settings.journal.url.is_none())
            .collect(),
        own: own.into_iter().chain(secret).cloned().collect(),
        named: named.filter(is_file_or_folder).collect(),
        without: left_out(settings),
    })
}

/// Mail, which may be large and lies in files that any tool can copy, and tables that are fetched anew.
pub(super) fn left_out(settings: &Settings) -> Vec<PathBuf> {
    let mut paths = vec![settings.reply.maildir.clone(), settings.operator_mail.maildir.clone()];
    paths.extend(settings.scan.networks.routes.iter().cloned());
    paths
}

/// All texts of a value.
fn names(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => found.push(text.clone()),
        toml::Value::Array(list) => list.iter().for_each(|value| names(value, found)),
        toml::Value::Table(table) => table.values().for_each(|value| names(value, found)),
        _ => {}
    }
}
