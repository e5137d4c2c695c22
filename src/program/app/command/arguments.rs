//! What several commands are told alike.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::ending::{CommandError, shown};
use crate::program::config::{self, Loaded, Settings};
use crate::program::seal::FILE_OCTETS_MAX;
use crate::shared::text::Language;

/// Names the configuration where the command line does not.
pub(super) const CONFIG_VARIABLE: &str = "MAILASSAY_CONFIG";
/// The configuration where neither does: in the folder of the service that the package makes.
pub(super) const DEFAULT_CONFIG: &str = "/var/lib/mailassay/config.toml";

/// Says what is logged, before the configuration does.
const LOG_VARIABLE: &str = "RUST_LOG";

#[derive(Debug, Args)]
pub(super) struct ConfigFile {
    /// The configuration; config/example.toml explains every key.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE, default_value = DEFAULT_CONFIG)]
    pub(super) config: PathBuf,
}

impl ConfigFile {
    /// What the configuration says.
    pub(super) fn settings(&self) -> Result<Settings, CommandError> {
        Ok(self.read()?.settings)
    }

    /// What the configuration says, and how it is written.
    pub(super) fn read(&self) -> Result<Loaded, CommandError> {
        let loaded = config::read(&self.config)?;
        loaded.settings.profiles.put_in_force();
        Ok(loaded)
    }

    /// All that is in force, and where it came from.
    pub(super) fn show(&self) -> Result<String, CommandError> {
        let filter = std::env::var(LOG_VARIABLE).ok().filter(|filter| !filter.is_empty());
        let filter = filter.map(|filter| ("log.filter", LOG_VARIABLE, filter));
        Ok(self.read()?.show(filter.as_slice()))
    }
}

/// What is shown of a trial to others than its sender.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ForOthers {
    /// With --json: as a document that may be handed on. It names networks instead of addresses, and nobody's mail; the
    /// history that it rests on is part of it.
    #[arg(long, requires = "json")]
    pub(super) redacted: bool,
    /// With --json: the same, signed with the key that the origin's zone publishes; `mailassay verify` checks it.
    #[arg(long, requires = "json")]
    pub(super) signed: bool,
    /// The redacted history alone, which `mailassay trial replay` judges.
    #[arg(long, conflicts_with_all = ["json", "text", "html"])]
    pub(super) history: bool,
}

/// How a verdict is shown.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub(super) struct OutputForm {
    /// As JSON, for other tools.
    #[arg(long)]
    pub(super) json: bool,
    /// As text, which is the default.
    #[arg(long)]
    pub(super) text: bool,
    /// As HTML.
    #[arg(long)]
    pub(super) html: bool,
}

/// The language that a tag names.
pub(super) fn language(tag: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.tag() == tag);
    known.ok_or_else(|| "there are en and de".to_owned())
}

/// What is in a file that somebody handed on.
pub(super) fn document_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let unfit = |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(path)));
    let file = File::open(path).map_err(|error| unfit(&error))?;
    let mut read = Vec::new();
    file.take(FILE_OCTETS_MAX + 1).read_to_end(&mut read).map_err(|error| unfit(&error))?;
    if read.len() as u64 > FILE_OCTETS_MAX {
        return Err(unfit(&format!("it has more than {} MiB", FILE_OCTETS_MAX >> 20)));
    }
    Ok(read)
}
