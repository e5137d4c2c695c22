//! A backup: one file with all that a service needs to go on, made while it runs.
//!
//! The file is a tar archive, compressed by gzip. It begins with a manifest, which names every file with its digest, its
//! permissions and its owner. Databases are in it as they were at one moment; what is in it was read back before the
//! backup has its name. It holds private keys, and is for its owner alone.
//!
//! Restoring checks all of it first, overwrites nothing, and puts back everything or nothing.

mod digest;
mod error;
mod gather;
mod make;
mod manifest;
mod read;
mod restore;
mod scratch;

use std::path::PathBuf;

use crate::shared::database::sqlite::Schema;
use crate::shared::time::Timestamp;

pub use error::BackupError;
pub use make::make;
pub use restore::{look, restore};

/// A database of the service's.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What the manifest calls it.
    pub name: &'static str,
    pub schema: Schema,
    /// What notes in a restored one that what came since is missing: SQL, whose `?1` is the time of the restoration, in
    /// microseconds since 1970 as a blob of 8 octets, the highest first.
    pub on_restore: Option<&'static str>,
}

/// What is to be in a backup.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The configuration.
    pub config: PathBuf,
    /// The databases and where they lie, in the order in which they are copied.
    pub databases: Vec<(Kind, PathBuf)>,
    /// The service's own files, and folders with all that is in them, also where a link leads there. What is not there is
    /// left out.
    pub own: Vec<PathBuf>,
    /// Further files and folders. A link to another's file is left out, and said.
    pub named: Vec<PathBuf>,
    /// What is left out where a folder holds it.
    pub without: Vec<PathBuf>,
}

/// A backup that was made, or that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// When it was made.
    pub made: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// Where the configuration lay.
    pub config: PathBuf,
    /// The databases: what they are called, where they lay, and how large they are, in octets.
    pub databases: Vec<(String, PathBuf, u64)>,
    /// How many other files there are.
    pub files: usize,
    /// How large the backup is, in octets.
    pub octets: u64,
    /// What was left out although it was named, since it is a link to another's file or none that can be kept.
    pub left_out: Vec<PathBuf>,
}
