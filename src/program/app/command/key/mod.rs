//! `key`: the keys of the API's users, also while the service runs.

use std::fmt::Write;

use clap::Subcommand;

use super::arguments::ConfigFile;
use super::ending::CommandError;
use crate::program::api::{ApiKey, UserName};
use crate::program::archive::{ApiKeyRow, Archive, ArchiveError};
use crate::program::config::Settings;
use crate::shared::time::Timestamp;

/// How many domains a key may have checked in a day where nothing else is said.
const DAY_MAX: u32 = 1000;
const DAY_S: i64 = 86_400;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key for a user of the API, and show it once.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// Whose it is: letters, digits, dots, hyphens and underscores.
        name: UserName,
        /// How many domains it may have checked in a day (UTC).
        #[arg(long, value_name = "DOMAINS", default_value_t = DAY_MAX)]
        day_max: u32,
    },
    /// List who has a key, and what was used of it today.
    List(ConfigFile),
    /// End a key. What its user had checked stays until it is old.
    Revoke {
        #[command(flatten)]
        config: ConfigFile,
        /// Whose it is.
        name: UserName,
    },
}

impl KeyCommand {
    /// Does it; what it says. `draw` is asked for a secret.
    pub(super) async fn run(
        self,
        now: Timestamp,
        draw: impl FnOnce() -> [u8; 20],
    ) -> Result<String, CommandError> {
        match self {
            Self::Add { config, name, day_max } => {
                let archive = open(&config.settings()?).await?;
                let key = ApiKey::new(draw());
                let added = archive.add_api_key(name.as_str(), &key.digest(), day_max, now).await;
                archive.close().await;
                match added.map_err(unfit)? {
                    true => Ok(format!("{}\n", key.secret())),
                    false => Err(CommandError::Unfit(format!(
                        "{} has a key; `mailassay key revoke {0}` ends it",
                        name.as_str()
                    ))),
                }
            }
            Self::List(config) => {
                let archive = open(&config.settings()?).await?;
                let rows = archive.api_keys().await;
                archive.close().await;
                Ok(table(&rows.map_err(unfit)?, now))
            }
            Self::Revoke { config, name } => {
                let archive = open(&config.settings()?).await?;
                let revoked = archive.revoke_api_key(name.as_str()).await;
                archive.close().await;
                match revoked.map_err(unfit)? {
                    true => Ok(String::new()),
                    false => Err(CommandError::Unfit(format!("{} has no key", name.as_str()))),
                }
            }
        }
    }
}

async fn open(settings: &Settings) -> Result<Archive, CommandError> {
    Archive::open(&settings.archive).await.map_err(|error| CommandError::Unfit(error.to_string()))
}

fn unfit(error: ArchiveError) -> CommandError {
    CommandError::Unfit(error.to_string())
}

fn table(rows: &[ApiKeyRow], now: Timestamp) -> String {
    let today = now.as_second().div_euclid(DAY_S);
    let mut text = String::new();
    for ApiKeyRow { name, made, day_max, day, used } in rows {
        let used = if *day == today { *used } else { 0 };
        let made = made.strftime("%Y-%m-%d");
        let _ = writeln!(text, "{name}: made on {made}, {used} of {day_max} domains today");
    }
    text
}
