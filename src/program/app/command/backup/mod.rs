//! `backup` and `restore`.

mod contents;

use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::ConfigFile;
use super::ending::{CommandError, Exit, say, shown};
use crate::operations::backup::{self, Backup};
use crate::sending::journal::{Holder, holder};
use crate::shared::time::Timestamp;

use contents::{ARCHIVE, JOURNAL, contents, left_out};

/// Write all that the service has on disk into one file: both databases, keys, certificates, configuration, and what they
/// name. The service may run. Mail in maildirs is not in it.
#[derive(Debug, Args)]
pub(super) struct BackupCommand {
    #[command(flatten)]
    config: ConfigFile,
    /// The file to write, such as mailassay-2026-11-29.tar.gz; it must not be there yet.
    file: PathBuf,
}

impl BackupCommand {
    pub(super) async fn run(self, now: Timestamp) -> Result<Exit, CommandError> {
        let settings = self.config.settings()?;
        let contents = contents(&self.config.config, &settings)?;
        let version = env!("CARGO_PKG_VERSION");
        let made = backup::make(&self.file, &contents, version, now).await.map_err(unfit)?;
        say(&format!("{}: {}\n", shown(&self.file), in_words(&made)))?;
        for path in &made.left_out {
            say(&format!("not in it: {} (a link to another's file, or no file)\n", shown(path)))?;
        }
        for path in left_out(&settings).iter().filter(|path| path.exists()) {
            say(&format!("not in it: {}\n", shown(path)))?;
        }
        if let Some(url) = &settings.journal.url {
            say(&format!("not in it: the journal; save that with `pg_dump -Fc -f journal.dump {url}`\n"))?;
        }
        say("It holds private keys and addresses: keep it where nobody else can read it.\n")?;
        Ok(Exit::Well)
    }
}

/// Put back what is in a backup, everything or nothing, where it lay. Nothing is overwritten: stop the service, and move
/// away what is in the way.
#[derive(Debug, Args)]
pub(super) struct RestoreCommand {
    /// The backup.
    file: PathBuf,
    /// Restore below this folder in place of `/`: to look at it, or to carry it on to another host.
    #[arg(long, value_name = "DIR", default_value = "/", hide_default_value = true)]
    root: PathBuf,
    /// Only read all of the backup, and say what it is and whether it is whole.
    #[arg(long, conflicts_with = "root")]
    check: bool,
}

impl RestoreCommand {
    pub(super) async fn run(self, now: Timestamp) -> Result<Exit, CommandError> {
        let there = backup::look(&self.file).map_err(unfit)?;
        if self.check {
            say(&format!("{}: {}\n", shown(&self.file), in_words(&there)))?;
            for (name, path, octets) in &there.databases {
                say(&format!("  {name:<8} {} ({})\n", shown(path), size(*octets)))?;
            }
            say(&format!("  config   {}\n", shown(&there.config)))?;
            return Ok(Exit::Well);
        }
        let below = |path: &Path| self.root.join(path.strip_prefix("/").unwrap_or(path));
        for (_, path, _) in &there.databases {
            let path = below(path);
            if matches!(holder(&path)?, Holder::Somebody(_)) {
                let why = format!("{}: a mailassay runs with it; stop that one first", shown(&path));
                return Err(CommandError::Unfit(why));
            }
        }
        let kinds = [JOURNAL, ARCHIVE];
        let restored = backup::restore(&self.file, &self.root, &kinds, now).await.map_err(unfit)?;
        let config = shown(&below(&restored.config));
        say(&format!("restored: {}\n", in_words(&restored)))?;
        say(&format!(
            "What came after it is not known any more:\n\
             - Verdicts that were mailed since may go out once more.\n\
             - Objections and wishes to be forgotten since: repeat them\n  (`mailassay forget`).\n\
             - Keys that were changed since: compare the DS records at the parent with\n  \
             `mailassay zone parent --config {config}`.\n\
             Then `mailassay config check --config {config}`, and start the service.\n"
        ))?;
        Ok(Exit::Well)
    }
}

fn in_words(backup: &Backup) -> String {
    format!(
        "a backup of {}, {}, by mailassay {}: {} databases and {} other files",
        backup.made.strftime("%Y-%m-%d %H:%M UTC"),
        size(backup.octets),
        backup.program,
        backup.databases.len(),
        backup.files
    )
}

fn size(octets: u64) -> String {
    match octets {
        ..10_485_760 => format!("{} KiB", octets.div_ceil(1 << 10)),
        octets => format!("{} MiB", octets.div_ceil(1 << 20)),
    }
}

fn unfit(error: backup::BackupError) -> CommandError {
    CommandError::Unfit(error.to_string())
}
