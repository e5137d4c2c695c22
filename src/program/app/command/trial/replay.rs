//! `trial replay FILE`: a redacted history, judged anew by this version's rules.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::program::app::command::arguments::{CONFIG_VARIABLE, document_file, language};
use crate::program::app::command::ending::{CommandError, Exit, say, shown};
use crate::program::app::parts::{self, PartError};
use crate::program::config;
use crate::program::report::redact::{RedactedHistory, replay};
use crate::sending::persona::{Catalogue, CatalogueFiles};
use crate::shared::text::{Language, Tone};
use crate::shared::time::Timestamp;

#[derive(Debug, Args)]
pub(in crate::program::app::command) struct ReplayCommand {
    /// The file. A signature is not checked: `mailassay verify` does that.
    file: PathBuf,
    /// The language: en or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,
    /// A configuration whose personas and cases the trial met, where these are not those of the program.
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE)]
    config: Option<PathBuf>,
}

impl ReplayCommand {
    /// Judges the history, and says whether that is what the document says.
    pub(in crate::program::app::command) fn run(&self, now: Timestamp) -> Result<Exit, CommandError> {
        let unfit =
            |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(&self.file)));
        let read: Value =
            serde_json::from_slice(&document_file(&self.file)?).map_err(|error| unfit(&error))?;
        let (history, document) = parts_of(&read);
        let history: RedactedHistory = serde_json::from_value(history.clone())
            .map_err(|error| unfit(&format!("it holds no redacted history: {error}")))?;
        let replayed = replay(&self.catalogue(&history.origin)?, &history, self.language, now);
        say(&format!("{}\n\n{}", replayed.page.headline(), replayed.page.text()))?;
        let Some(told) = document.and_then(|document| document["sending"]["candidates"].as_array()) else {
            return Ok(Exit::Well);
        };
        let told: Vec<&str> = told.iter().filter_map(Value::as_str).collect();
        let (same, sentence) = replayed.compared(&told);
        say(&format!("\n{} {sentence}\n", if same { Tone::Good } else { Tone::Bad }.symbol()))?;
        Ok(Exit::of(same))
    }

    /// The personas that the trial met.
    fn catalogue(&self, origin: &str) -> Result<Catalogue, CommandError> {
        match &self.config {
            Some(file) => Ok(parts::catalogue(&config::load(file)?).map_err(PartError::from)?),
            None => Ok(CatalogueFiles::embedded().catalogue(origin).map_err(PartError::from)?),
        }
    }
}

/// The history in a file, and the document around it.
fn parts_of(read: &Value) -> (&Value, Option<&Value>) {
    let document = if read["document"].is_object() { &read["document"] } else { read };
    if document["history"].is_object() { (&document["history"], Some(document)) } else { (document, None) }
}
