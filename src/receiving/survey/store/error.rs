//! What may be wrong with a store.

use std::io;

use crate::shared::database::{postgres, sqlite};

/// Why a survey cannot be kept or read. `at` is the file, or the database without its password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be made or read.
    #[error("{at}: {source}")]
    File { at: String, source: io::Error },
    /// SQLite cannot make the files that it wants beside it.
    #[error(
        "{at}: SQLite cannot make its files beside it: the folder or the file is closed to this user. Name it where this user may write, or copy it with its `-wal`, if there is one, to such a folder"
    )]
    Closed { at: String },
    /// It is no survey, or one of another version.
    #[error("{at}: this is no survey that can be used: {source}")]
    Unfit { at: String, source: sqlite::Unfit },
    /// There is no survey in the database, or one of another version.
    #[error("{at}: this is no survey that can be used: {source}")]
    UnfitSchema { at: String, source: postgres::Unfit },
    /// What the database confirms may be lost.
    #[error("{at}: {source}")]
    NotDurable { at: String, source: postgres::NotDurable },
    /// Somebody else measures.
    #[error("{at}: another process works on this survey; wait for its end, or name another file")]
    InUse { at: String },
    /// It has another list.
    #[error(
        "{at}: it is a survey of other domains, another sample or other questions: {what}; name another file or database, or repeat what it was begun with"
    )]
    Other { at: String, what: String },
    /// It has no list.
    #[error("{at}: no survey was begun in it")]
    NotBegun { at: String },
    /// The database complains.
    #[error("{at}: the survey cannot be kept or read: {source}")]
    Database { at: String, source: sqlx::Error },
    /// What keeps this worker and others apart is gone.
    #[error(
        "{at}: the connection by which workers keep apart was lost: {why}; all calls were ended. Say the same again once the database answers"
    )]
    Lost { at: String, why: String },
    /// What is kept does not read.
    #[error("{at}: what is kept of {what} does not read: {source}")]
    Garbled { at: String, what: String, source: io::Error },
}

impl StoreError {
    /// What went wrong as a file was opened.
    pub(super) fn opened(at: &str, source: sqlite::Unfit) -> Self {
        // SQLITE_READONLY and SQLITE_CANTOPEN in the lowest eight bits (sqlite.org/rescode.html).
        let is_closed = |error: &sqlx::Error| {
            let code = error.as_database_error().and_then(|error| error.code());
            code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| matches!(code & 0xff, 8 | 14))
        };
        let at = at.to_owned();
        match source {
            sqlite::Unfit::Database(error) if is_closed(&error) => Self::Closed { at },
            source => Self::Unfit { at, source },
        }
    }

    pub(super) fn database(at: &str) -> impl Fn(sqlx::Error) -> Self + '_ {
        |source| Self::Database { at: at.to_owned(), source }
    }
}
