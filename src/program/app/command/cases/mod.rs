//! `cases`: the recipient domains that are faulty on purpose, as this service has them.

use clap::Args;

use super::arguments::ConfigFile;
use super::ending::CommandError;
use crate::program::app::parts::{self, PartError};
use crate::program::report::cases::{cases_json, cases_text};
use crate::program::report::json_text;

#[derive(Debug, Args)]
pub(super) struct CasesCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
}

impl CasesCommand {
    /// The list.
    pub(super) fn list(&self) -> Result<String, CommandError> {
        let settings = self.config.settings()?;
        let catalogue = parts::catalogue(&settings).map_err(PartError::from)?;
        Ok(match self.json {
            true => json_text(&cases_json(&catalogue, &settings.addresses)),
            false => cases_text(&catalogue, &settings.addresses),
        })
    }
}
