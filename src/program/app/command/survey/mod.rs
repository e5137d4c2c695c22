//! `survey`: many domains measured once each, and what that comes to together.

mod progress;
mod read;
mod run;

use clap::Subcommand;

use super::ending::{CommandError, Exit};

#[derive(Debug, Subcommand)]
pub(super) enum SurveyCommand {
    /// Measure the domains of a list, at the pace that their mail servers bear. Run again, it goes on where it was.
    Run(Box<run::RunCommand>),
}

impl SurveyCommand {
    pub(super) async fn run(self) -> Result<Exit, CommandError> {
        match self {
            Self::Run(command) => command.run().await,
        }
    }
}
