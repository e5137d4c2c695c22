//! `status`: how the running service is, as it tells itself.

mod ask;
mod lines;

use std::path::Path;

use clap::Args;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say, shown};
use crate::program::app::{socket, system_clock};
use crate::sending::journal::{Holder, holder};
use crate::shared::text::{Tone, clean_to};

use ask::ask;
pub(super) use ask::{NotAsked, order};
use lines::{Line, lines};

/// How much is shown of what was answered in place of a status, in characters.
const ANSWER_CHARS_MAX: usize = 200;

#[derive(Debug, Args)]
pub(super) struct StatusCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// All that the service tells of itself, as JSON.
    #[arg(long)]
    json: bool,
}

impl StatusCommand {
    /// Asks, and says.
    pub(super) async fn run(&self) -> Result<Exit, CommandError> {
        let settings = self.config.settings()?;
        let journal = &settings.journal.path;
        let told = match ask(&socket(journal)).await {
            Ok(told) => told,
            Err(error) => {
                let (line, exit) = not_told(journal, &error);
                say(&line.shown())?;
                return Ok(exit);
            }
        };
        if self.json {
            say(&format!("{told}\n"))?;
            return Ok(Exit::Well);
        }
        let snapshot = serde_json::from_str(&told).map_err(|_| {
            let told = clean_to(&told, ANSWER_CHARS_MAX);
            CommandError::Unfit(format!(
                "the service answers in another form than this version reads: {told}"
            ))
        })?;
        let lines = lines(&snapshot, system_clock()());
        lines.iter().try_for_each(|line| say(&line.shown()))?;
        Ok(Exit::of(lines.iter().all(|line| line.tone != Tone::Bad)))
    }
}

/// What is said where nobody answers, and how that ends.
fn not_told(journal: &Path, error: &NotAsked) -> (Line, Exit) {
    match holder(journal) {
        Ok(Holder::Nobody) => {
            let text = "it does not run with this journal; start it: `systemctl start mailassay`; why it ended say the last \
                        lines of `journalctl -u mailassay`";
            (Line::new(Tone::Bad, "service", text), Exit::Failed)
        }
        Ok(Holder::Somebody(_)) => {
            let text = format!(
                "it runs, but cannot be asked: {}: {error}; ask as root or as the service's user; if it starts, wait; else \
                 look at `journalctl -u mailassay`",
                shown(&socket(journal))
            );
            (Line::new(Tone::Bad, "service", text), Exit::Open)
        }
        Err(error) => {
            let text = format!("whether it runs is not known: {}: {error}; ask as root", shown(journal));
            (Line::new(Tone::Inconclusive, "service", text), Exit::Open)
        }
    }
}
