//! What may be wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

use crate::shared::database::sqlite::Unfit;

/// Why a survey cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or read.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// It is no survey, or one of another version.
    #[error("{}: this is no survey that can be used: {source}", path.display())]
    Unfit { path: PathBuf, source: Unfit },
    /// Somebody else measures.
    #[error("{}: another process works on this survey; wait for its end, or name another file", path.display())]
    InUse { path: PathBuf },
    /// It has another list.
    #[error(
        "{}: it is a survey of other domains, another sample or other questions: {what}; name another file, or repeat what it was begun with",
        path.display()
    )]
    Other { path: PathBuf, what: String },
    /// It has no list.
    #[error("{}: no survey was begun in it", path.display())]
    NotBegun { path: PathBuf },
    /// The database complains.
    #[error("{}: the survey cannot be kept or read: {source}", path.display())]
    Database { path: PathBuf, source: sqlx::Error },
    /// What is kept does not read.
    #[error("{}: what is kept of {what} does not read: {source}", path.display())]
    Garbled { path: PathBuf, what: String, source: io::Error },
}

impl StoreError {
    pub(super) fn database(path: &Path) -> impl Fn(sqlx::Error) -> Self + '_ {
        |source| Self::Database { path: path.to_owned(), source }
    }
}
