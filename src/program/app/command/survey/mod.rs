//! `survey`: many domains measured once each, and what that comes to together.

mod place;
mod progress;
mod read;
mod report;
mod run;
mod work;

use clap::Subcommand;

use super::ending::{CommandError, Exit};

#[derive(Debug, Subcommand)]
pub(super) enum SurveyCommand {
    /// Measure the domains of a list, at the pace that their mail servers bear. Run again, it goes on where it was.
    Run(Box<run::RunCommand>),
    /// Help with a survey in a database: measure what no other worker has, until nothing is left.
    Work(Box<work::WorkCommand>),
    /// Write pages and files of what a survey comes to, by the rules of this version.
    Report(report::ReportCommand),
    /// Say what changed from one survey to another, both by the rules of this version.
    Diff(report::DiffCommand),
}

impl SurveyCommand {
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        match self {
            Self::Run(command) => command.run().await,
            Self::Work(command) => command.run().await,
            Self::Report(command) => command.run().await,
            Self::Diff(command) => command.run().await,
        }
    }
}
