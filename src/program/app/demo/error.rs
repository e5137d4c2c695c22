//! Why the demo cannot run.

use std::io;
use std::path::PathBuf;

use crate::program::app::error::StartError;
use crate::program::app::parts::PartError;
use crate::sending::history::NotRecorded;
use crate::shared::dns::ResolverError;
use crate::shared::tls::client::RootsError;

/// Why the demo cannot run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or folder cannot be written.
    #[error("{path}: {source}; name another folder with --out")]
    File { path: PathBuf, source: io::Error },
    /// A part of the world cannot be made.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The service does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The private CA cannot be read back.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// A host at which a sample's domain receives cannot be had.
    #[error("a host of the samples: {0}; is another demo running?")]
    Hosts(io::Error),
    /// A sample cannot look up names.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
    /// The samples' labels cannot be noted.
    #[error(transparent)]
    Labels(NotRecorded),
    /// The world does not look as it should.
    #[error("the demo's own self-check is red: {0}")]
    Red(String),
}
