//! What a command says, and how it ends.

use std::io::{self, Write};
use std::path::Path;

use crate::program::app::demo::DemoError;
use crate::program::app::error::StartError;
use crate::program::app::parts::PartError;
use crate::program::config::ConfigErrors;
use crate::sending::journal;

/// Why a command did not do what it should. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// A part that the configuration describes.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The service cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] journal::OpenError),
    /// What was asked for cannot be had.
    #[error("{0}")]
    Unfit(String),
    /// The output has nowhere to go.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// How a command ended that did what it should.
pub(super) enum Exit {
    /// All is well: exit code 0.
    Well,
    /// A check failed.
    Failed,
    /// It could not be found out.
    Open,
    /// A part of the service died.
    Trouble,
}

impl Exit {
    pub(super) fn of(well: bool) -> Self {
        if well { Self::Well } else { Self::Failed }
    }
}

/// Writes to the standard output. `println!` would panic where a pipe is closed.
pub(super) fn say(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// A path as it is shown.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
