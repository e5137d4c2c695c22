//! What may be said of providers on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::program::app::command::arguments::ConfigFile;
use crate::program::providers::ProviderName;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

#[derive(Debug, Subcommand)]
pub(in super::super) enum ProviderCommand {
    /// Write a provider down, or describe one anew: what is not given stays.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// Its name in commands and addresses, such as example-mail.
        name: ProviderName,
        #[command(flatten)]
        described: Described,
    },
    /// List all providers, and which are public.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the row of a provider with its evidence, whether it is public or not.
    Show {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        /// As JSON.
        #[arg(long)]
        json: bool,
        /// The language: en or de.
        #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
        language: Language,
    },
    /// Check the provider's domains now, as evidence of how they receive.
    Check {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
    },
    /// Print the mail that tells a provider what will be published of it.
    Draft {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
    },
    /// Note that a provider was told.
    Told {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        /// The day, such as 2026-11-29.
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Timestamp,
    },
    /// Make the row of a provider public, or bring a public one up to date. A provider is told before.
    Publish {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        /// The day on which the provider was told, if that is not noted yet.
        #[arg(long, value_name = "DATE", value_parser = day)]
        told: Option<Timestamp>,
    },
    /// Take back what is public of a provider, with its evidence. The reason stays listed.
    Retract {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Set your remark, which stands beside the row; without a text, take it away.
    Remark {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        text: Option<String>,
    },
    /// Print a provider's reply beside its row.
    Reply {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        /// The file with its words, as text.
        file: PathBuf,
    },
    /// Correct what is public: the reason stays listed, with its day.
    Correct {
        #[command(flatten)]
        config: ConfigFile,
        name: ProviderName,
        /// What was wrong.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Evidence that is not to count any more, by its number; it stays to be seen.
        #[arg(long, value_name = "NUMBER")]
        aside: Vec<i64>,
    },
    /// Read descriptions of providers from a TOML file, such as one in git.
    Import {
        #[command(flatten)]
        config: ConfigFile,
        file: PathBuf,
    },
    /// Print all descriptions as such a file.
    Export {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Show how right those are who send TLS reports, by the domains that sign them.
    Reporters {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the published part as static pages for any web host.
    Site {
        #[command(flatten)]
        config: ConfigFile,
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// How a provider is described.
#[derive(Debug, Args)]
pub(in super::super) struct Described {
    /// The name as people know it.
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// A domain of its own; may be given several times.
    #[arg(long = "domain", value_name = "DOMAIN")]
    pub(super) domains: Vec<String>,
    /// Its MX hosts: a name, or `*.` and a domain; may be given several times.
    #[arg(long, value_name = "PATTERN")]
    pub(super) mx: Vec<String>,
    /// Where it is told what is to be published.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) contact: Option<String>,
    /// Those of its domains that may stand in the hall of fame.
    #[arg(long, value_name = "DOMAIN")]
    pub(super) hall_of_fame: Vec<String>,
}

impl ProviderCommand {
    /// The configuration.
    pub(super) fn config(&self) -> &ConfigFile {
        match self {
            Self::Add { config, .. }
            | Self::List { config, .. }
            | Self::Show { config, .. }
            | Self::Check { config, .. }
            | Self::Draft { config, .. }
            | Self::Told { config, .. }
            | Self::Publish { config, .. }
            | Self::Retract { config, .. }
            | Self::Remark { config, .. }
            | Self::Reply { config, .. }
            | Self::Correct { config, .. }
            | Self::Import { config, .. }
            | Self::Export { config }
            | Self::Reporters { config, .. }
            | Self::Site { config, .. } => config,
        }
    }
}

/// The beginning of a day of UTC.
fn day(text: &str) -> Result<Timestamp, String> {
    let midnight = format!("{text}T00:00:00Z").parse::<Timestamp>();
    midnight.map_err(|_| "write a day such as 2026-11-29".to_owned())
}

fn language(tag: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.tag() == tag);
    known.ok_or_else(|| "there are en and de".to_owned())
}
