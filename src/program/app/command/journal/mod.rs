//! `journal check`: whether both databases are whole.

use std::path::Path;

use clap::Subcommand;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say, shown};
use crate::program::archive;
use crate::program::config::Settings;
use crate::sending::journal::{Inspection, Reader};
use crate::shared::database::sqlite;
use crate::shared::text::clean_to;
use crate::shared::time::Timestamp;

/// How many faults of the archive are told.
const FAULTS_MAX: usize = 20;
/// How much of a fault is shown, in characters: it may quote what a stranger wrote.
const FAULT_CHARS_MAX: usize = 300;
const MIB: u64 = 1 << 20;

/// The journal of all that was observed.
#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Read all of the journal and of the site's archive, and say whether they are whole. Nothing is written, and the
    /// service may run.
    Check(ConfigFile),
}

impl JournalCommand {
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        let Self::Check(config) = self;
        let settings = config.settings()?;
        let journal = check_journal(&settings).await?;
        let archive = check_archive(&settings.archive).await?;
        Ok(Exit::of(journal && archive))
    }
}

async fn check_journal(settings: &Settings) -> Result<bool, CommandError> {
    let path = &settings.journal.place();
    if settings.journal.url.is_none() {
        there(path)?;
    }
    let inspection = Reader::of(&settings.journal).await?.inspect().await;
    let inspection = inspection.map_err(|error| CommandError::Unfit(format!("{}: {error}", shown(path))))?;
    say(&format!("journal {}\n{}", shown(path), in_words(&inspection, settings.journal.size_mib)))?;
    say(&faults_in_words(&inspection.faults, inspection.more_faults))?;
    if settings.journal.url.is_some() {
        say("  PostgreSQL looks after its own files: `pg_amcheck` reads them, `pg_dump` saves them.\n")?;
    }
    Ok(inspection.is_whole())
}

async fn check_archive(path: &Path) -> Result<bool, CommandError> {
    there(path)?;
    let unfit = |error: &dyn std::fmt::Display| CommandError::Unfit(format!("{}: {error}", shown(path)));
    let mut connection = sqlite::open_to_read(path).await.map_err(|error| unfit(&error))?;
    sqlite::check(&mut connection, &archive::SCHEMA).await.map_err(|error| unfit(&error))?;
    let faults = sqlite::faults(&mut connection, FAULTS_MAX).await.map_err(|error| unfit(&error))?;
    say(&format!("archive {}\n", shown(path)))?;
    say(&format!("  schema:        version {}\n", archive::SCHEMA.version()))?;
    say(&faults_in_words(&faults, 0))?;
    Ok(faults.is_empty())
}

fn there(path: &Path) -> Result<(), CommandError> {
    match path.exists() {
        true => Ok(()),
        false => {
            let why = format!("{}: there is no such file yet; `mailassay serve` makes it", shown(path));
            Err(CommandError::Unfit(why))
        }
    }
}

fn in_words(found: &Inspection, size_mib: u32) -> String {
    let version = crate::sending::journal::SCHEMA.version();
    let mut text = format!("  schema:        version {version}\n");
    text += &format!(
        "  size:          {} MiB used, {} MiB on disk, {size_mib} MiB at most\n",
        found.used_octets.div_ceil(MIB),
        found.file_octets.div_ceil(MIB)
    );
    let all: u64 = found.kinds.values().sum();
    text += &format!("  observations:  {all}\n");
    if let Some((first, last)) = found.span {
        text += &format!("  from, to:      {}, {}\n", minute(first), minute(last));
    }
    for (kind, count) in &found.kinds {
        text += &format!("    {:<18} {count:>10}\n", clean_to(kind, 18));
    }
    text += &format!("  told trials:   {}\n", found.told_trials);
    let verdicts: Vec<String> =
        found.outbox.iter().map(|(state, count)| format!("{count} {}", clean_to(state, 12))).collect();
    let verdicts = if verdicts.is_empty() { "none".to_owned() } else { verdicts.join(", ") };
    text + &format!("  verdicts:      {verdicts}\n")
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn faults_in_words(faults: &[String], more: u64) -> String {
    if faults.is_empty() {
        return "  whole:         yes, every row was read\n".to_owned();
    }
    let mut text = "  whole:         no\n".to_owned();
    for fault in faults {
        text += &format!("    - {}\n", clean_to(fault, FAULT_CHARS_MAX));
    }
    if more > 0 {
        text += &format!("    - and {more} more\n");
    }
    text + "  Stop the service, keep a copy of the file with its -wal, and restore a backup\n  \
            (`mailassay restore`); `sqlite3 FILE .recover` reads what is left.\n"
}
