//! The command line: what may be said, and how it ends. Exit codes: 0 all is well, 1 a check failed, 2 the usage
//! or the configuration is wrong, or a part cannot be made of it, 3 it could not be found out.

mod arguments;
mod backup;
mod cases;
mod certs;
mod check;
mod config_check;
mod doctor;
mod ending;
mod forget;
mod journal;
mod key;
mod manual;
mod node;
mod places;
mod provider;
mod reach;
mod serve;
mod setup;
mod status;
mod survey;
mod trial;
mod verify;
mod zone;

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use futures_util::FutureExt;

use super::clock::system_clock;
use super::demo::{Worth, demo};
use super::logging::LogForm;
use super::supervision::{TROUBLE_ADVICE, TROUBLE_EXIT_CODE};
use crate::program::config::Log;
use crate::program::demo::Played;

use arguments::{ConfigFile, ForOthers, OutputForm};
use ending::{CommandError, Exit, say};

/// What follows every help.
const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  a check failed: the self-check is red, a domain does not receive well, a verdict of the demo is wrong, a signature
     does not fit
  2  usage or configuration is wrong, or a part cannot be made of it
  3  it could not be found out, the name does not exist, the rules do not apply, or whose key it is was not looked up
  4  a part of the service died, and it should be started again";

/// A test mail server: send one mail, receive a verdict on how your system protects mail in transit.
#[derive(Debug, Parser)]
#[command(name = "mailassay", version = env!("MAILASSAY_VERSION"), after_help = EXIT_CODES)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the main job in a private world on loopback; nothing is needed for that.
    Demo {
        /// Let the samples send to the first cases instead of the classic suite.
        #[arg(long)]
        cases: bool,
        /// Keep the service running afterwards, to look at its site.
        #[arg(long)]
        stay: bool,
        /// Where verdict mails are written.
        #[arg(long, value_name = "DIR", default_value = "demo-out")]
        out: PathBuf,
    },
    /// Say how well a domain receives mail: needs neither service nor configuration.
    #[command(after_help = EXIT_CODES)]
    Check(Box<check::CheckCommand>),
    /// Make configuration, zone and systemd unit on this host, and say what to enter at the registrar and what to ask the
    /// provider for. Run again, it changes nothing that is there, and says what is missing.
    #[command(after_help = EXIT_CODES)]
    Setup(Box<setup::SetupCommand>),
    /// Run the service: SMTP, DNS, the MTA-STS policy host and the site.
    Serve {
        #[command(flatten)]
        config: ConfigFile,
        /// The form of the log on the standard error. Where it is not said: for systemd below systemd, else plain.
        #[arg(long, value_name = "FORM", value_enum)]
        log: Option<LogForm>,
    },
    /// Say how the running service is, in ten lines. Exit code 1: something wants you.
    #[command(after_help = EXIT_CODES)]
    Status(status::StatusCommand),
    /// Check what you configured, and how the running service looks to senders.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at all that makes a service be found and trusted: `config check`, and beside it this host, the parent of the
    /// zone, the name servers, and how others see them. Writes nothing.
    #[command(after_help = EXIT_CODES)]
    Doctor(ConfigFile),
    /// Print what the service serves in DNS and what its parent zone needs; show and replace the keys of zones.
    #[command(subcommand)]
    Zone(ZoneCommand),
    /// Show certificates of a public CA, renew them and change their keys; print the root of the private CA.
    #[command(subcommand)]
    Certs(certs::CertsCommand),
    /// Make the keys that are missing without serving, and say where they lie. `serve` makes them by itself.
    Keys(ConfigFile),
    /// Forget an address or a domain, and keep or lift an objection to mails. Works while the service runs.
    #[command(after_help = EXIT_CODES)]
    Forget(forget::ForgetCommand),
    #[command(after_help = EXIT_CODES)]
    Backup(backup::BackupCommand),
    #[command(after_help = EXIT_CODES)]
    Restore(backup::RestoreCommand),
    /// Look whether the databases are whole.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Make, list and end keys of the API's users.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// List the nodes that share a journal, and ask one to take nothing new.
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// List the recipient domains that are faulty on purpose, which anybody may write to: their addresses, what the
    /// standards ask for at each, and what is not offered here.
    #[command(after_help = EXIT_CODES)]
    Cases(cases::CasesCommand),
    /// List the tests that senders made, and show their verdicts.
    #[command(subcommand)]
    Trial(TrialCommand),
    /// Keep what is known of providers, and publish what you decide to.
    #[command(subcommand)]
    Provider(Box<provider::ProviderCommand>),
    /// Measure the domains of a list, and show what that comes to.
    #[command(subcommand)]
    Survey(survey::SurveyCommand),
    /// Check a signed document, without asking anybody: who signed it, what it says, and when.
    #[command(after_help = EXIT_CODES)]
    Verify(verify::VerifyCommand),
    /// Print the manual page, or write those of all commands into a folder.
    Man(manual::ManCommand),
    /// Print what a shell needs to complete commands and options.
    Completions(manual::CompletionsCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Open all that the configuration names, without writing anything, then look at the running service as a sender
    /// would.
    #[command(after_help = EXIT_CODES)]
    Check(ConfigFile),
    /// Print every key that is in force, and where its value came from: a line of the file, the environment, another key,
    /// or the default. What is printed is a configuration itself.
    Show(ConfigFile),
}

#[derive(Debug, Subcommand)]
enum ZoneCommand {
    /// Print the DS records for the parent.
    Ds(ConfigFile),
    /// Print all that the parent needs: NS records, addresses of name servers (glue), DS records.
    Parent(ConfigFile),
    /// Print all zones with their signatures, and what the parent needs; or one alone, as a file that other name servers
    /// load as it is.
    Print {
        #[command(flatten)]
        config: ConfigFile,
        /// The zone, by its name.
        zone: Option<String>,
    },
    /// Show the DNSSEC keys of each zone: their stage, and what comes next.
    Keys(ConfigFile),
    /// Begin to replace the key-signing key of a zone, which its parent vouches for.
    RollKsk {
        #[command(flatten)]
        config: ConfigFile,
        /// The zone, where it is not the origin's.
        zone: Option<String>,
    },
    /// Say that the parent has the DS record of the new key alone, so that the old key may go. The service finds out by
    /// itself, too.
    DsSeen {
        #[command(flatten)]
        config: ConfigFile,
        /// The zone, where it is not the origin's.
        zone: Option<String>,
        /// Do not look it up: for zones that no resolver finds.
        #[arg(long)]
        unchecked: bool,
    },
}

#[derive(Debug, Subcommand)]
enum TrialCommand {
    /// List all trials.
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the verdict of one trial.
    Show {
        #[command(flatten)]
        config: ConfigFile,
        /// The trial, as `trial list` names it.
        id: String,
        #[command(flatten)]
        form: OutputForm,
        #[command(flatten)]
        others: ForOthers,
    },
    /// Give out addresses for a trial of cases that is to begin: whoever sends one mail to all of them first begins it.
    #[command(after_help = EXIT_CODES)]
    New(trial::BeginCommand),
    /// Judge a redacted history step by step, in words: that of `trial show --history`, or the one in a document.
    #[command(after_help = EXIT_CODES)]
    Replay(trial::ReplayCommand),
}

impl CommandLine {
    /// Reads what was said, and ends the program where that is no command.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| {
            // clap takes such a domain for options.
            if let Some(domain) = std::env::args().skip(1).find(|word| looks_like_a_domain(word)) {
                eprintln!("mailassay: {}", check::no_domain(&domain));
                std::process::exit(2);
            }
            error.exit()
        })
    }

    /// What to log where `RUST_LOG` does not say: a service tells what it does, other commands only what is wrong.
    pub fn log_filter(&self) -> String {
        match self.command {
            // What the configuration says is known when it is read.
            Command::Serve { .. } => Log::default().filter,
            _ => "error".to_owned(),
        }
    }

    /// The form of the log that was asked for.
    pub fn log_form(&self) -> Option<LogForm> {
        match self.command {
            Command::Serve { log, .. } => log,
            _ => None,
        }
    }

    /// Does it. `new_secret` is asked for 32 random bytes when a journal is new.
    pub async fn run(self, new_secret: impl FnOnce() -> [u8; 32]) -> ExitCode {
        let Ok(ended) = AssertUnwindSafe(self.command.run(new_secret)).catch_unwind().await else {
            eprintln!("mailassay: it panicked and ends with exit code {TROUBLE_EXIT_CODE}; {TROUBLE_ADVICE}");
            return ExitCode::from(TROUBLE_EXIT_CODE);
        };
        match ended {
            Ok(Exit::Trouble) => ExitCode::from(TROUBLE_EXIT_CODE),
            Ok(Exit::Well) => ExitCode::SUCCESS,
            Ok(Exit::Failed) => ExitCode::from(1),
            Ok(Exit::Open) => ExitCode::from(3),
            // Whoever reads the output has read enough.
            Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("mailassay: {error}");
                ExitCode::from(2)
            }
        }
    }
}

/// Does what an operator would type behind `mailassay provider`: so the demo fills its site.
async fn operate(words: Vec<String>) -> Result<(), String> {
    let words = ["mailassay", "provider"].map(str::to_owned).into_iter().chain(words);
    match CommandLine::try_parse_from(words).map_err(|error| error.to_string())?.command {
        Command::Provider(command) => {
            command.run(system_clock()()).await.map(drop).map_err(|error| error.to_string())
        }
        _ => Err("this is no command about providers".to_owned()),
    }
}

impl Command {
    async fn run(self, new_secret: impl FnOnce() -> [u8; 32]) -> Result<Exit, CommandError> {
        let now = system_clock();
        match self {
            Self::Demo { cases, stay, out } => {
                let played = if cases { Played::First } else { Played::Classic };
                return Ok(match demo((played, &out), stay, operate, new_secret).await? {
                    Worth::Right => Exit::Well,
                    Worth::NotInTime => Exit::Open,
                    Worth::Wrong => Exit::Failed,
                });
            }
            Self::Serve { config, log: _ } => return serve::serve(&config, new_secret).await,
            Self::Config(ConfigCommand::Check(config)) => {
                return Ok(Exit::of(config_check::check(&config.config).await?));
            }
            Self::Config(ConfigCommand::Show(config)) => say(&config.show()?)?,
            Self::Setup(setup) => return setup.run().await,
            Self::Doctor(config) => return Ok(Exit::of(doctor::doctor(&config.config).await?)),
            Self::Status(status) => return status.run().await,
            Self::Check(check) => return check.run().await,
            Self::Provider(command) => return command.run(now()).await,
            Self::Forget(forget) => return forget.run(new_secret).await,
            Self::Survey(survey) => return survey.run().await,
            Self::Verify(verify) => return verify.run(),
            Self::Man(man) => man.run()?,
            Self::Completions(completions) => completions.run()?,
            Self::Backup(backup) => return backup.run(now()).await,
            Self::Restore(restore) => return restore.run(now()).await,
            Self::Journal(command) => return command.run().await,
            Self::Node(command) => return command.run().await,
            Self::Zone(ZoneCommand::Ds(config)) => say(&zone::ds(&config.settings()?, now())?)?,
            Self::Zone(ZoneCommand::Parent(config)) => say(&zone::parent(&config.settings()?, now())?)?,
            Self::Key(command) => say(&command.run(now(), drawn).await?)?,
            Self::Keys(config) => say(&zone::keys(&config.settings()?, now())?)?,
            Self::Zone(ZoneCommand::Print { config, zone: None }) => {
                say(&zone::print(&config.settings()?, now())?)?;
            }
            Self::Zone(ZoneCommand::Print { config, zone: Some(zone) }) => {
                say(&zone::print_one(&config.settings()?, &zone, now())?)?;
            }
            Self::Certs(command) => return command.run(now()),
            Self::Cases(command) => say(&command.list()?)?,
            Self::Zone(ZoneCommand::Keys(config)) => say(&zone::stages(&config.settings()?, now())?)?,
            Self::Zone(ZoneCommand::RollKsk { config, zone }) => {
                say(&zone::roll_ksk(&config.settings()?, zone, now())?)?;
            }
            Self::Zone(ZoneCommand::DsSeen { config, zone, unchecked }) => {
                say(&zone::ds_seen(&config.settings()?, zone, unchecked, now).await?)?;
            }
            Self::Trial(TrialCommand::List { config, json }) => {
                say(&trial::list(&config.settings()?, json, now()).await?)?;
            }
            Self::Trial(TrialCommand::New(begin)) => return begin.run(&drawn()).await,
            Self::Trial(TrialCommand::Replay(replay)) => return replay.run(now()),
            Self::Trial(TrialCommand::Show { config, id, form, others }) => {
                say(&trial::show(&config.settings()?, &id, (form, others), now()).await?)?;
            }
        }
        Ok(Exit::Well)
    }
}

#[expect(clippy::disallowed_methods, reason = "the roof draws")]
fn drawn() -> [u8; 20] {
    rand::random()
}

/// Whether a word that begins like an option goes on like a domain: no option has a dot before an equals sign.
fn looks_like_a_domain(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    name.starts_with('-') && name.contains('.')
}
