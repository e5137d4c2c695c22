//! Why a journal cannot be opened or read.

use std::io;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

use crate::sending::history::NotRecorded;

use super::secret::SecretError;

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file cannot be made or read.
    #[error("{path}: {source}; the service must be able to write there")]
    File { path: PathBuf, source: io::Error },
    /// Another process writes this journal.
    #[error("{0}: another mailassay uses this journal; stop it first, or set another path")]
    InUse(PathBuf),
    /// The file is some other program's database.
    #[error("{0} is no journal of mailassay; set another path")]
    Foreign(PathBuf),
    /// The file was written by a later version.
    #[error(
        "{path} has schema version {found}, this program knows {known}; run the version of mailassay that \
         wrote it, or a later one"
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// The file was written by an earlier version, and whoever reads does not write.
    #[error(
        "{path} has schema version {found}, this program reads {known}; `mailassay serve` of this version \
         brings it forward when it starts. While an earlier version serves, read with that one"
    )]
    Older { path: PathBuf, found: i64, known: i64 },
    /// The server cannot be used.
    #[error("{address}: {reason}; look whether PostgreSQL runs there and lets this user in")]
    Server { address: String, reason: String },
    /// Another process is this node.
    #[error(
        "{address}: a mailassay that runs is the node `{name}` already; stop it first, or set another `node.name`"
    )]
    NodeInUse { address: String, name: String },
    /// There is no secret that fits the journal.
    #[error(transparent)]
    Secret(SecretError),
    /// SQLite's own complaint.
    #[error("{path}: {source}; {}", database_advice(source))]
    Database { path: PathBuf, source: sqlx::Error },
    /// A stored line does not read.
    #[error("{path}: {reason}; was it written by a later version?")]
    Line {
        path: PathBuf,
        /// Which line and why.
        reason: String,
    },
}

impl SecretError {
    /// As an opening says it, of the journal at `place`.
    pub(in crate::sending::journal) fn at(self, place: &Path) -> OpenError {
        match self {
            Self::Database(source) => OpenError::Database { path: place.to_owned(), source },
            error => OpenError::Secret(error),
        }
    }
}

/// Why a replay stopped.
pub(in crate::sending::journal) enum ReplayError {
    Database(sqlx::Error),
    Line(String),
}

impl ReplayError {
    pub(in crate::sending::journal) fn at(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Self::Database(source) => OpenError::Database { path, source },
            Self::Line(reason) => OpenError::Line { path, reason },
        }
    }
}

impl From<ReplayError> for NotRecorded {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Database(error) => Self(error.to_string()),
            ReplayError::Line(reason) => Self(reason),
        }
    }
}

/// SQLite's code of a complaint, without the upper bits, which only refine it.
fn code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else { return None };
    error.try_downcast_ref::<SqliteError>()?;
    Some(error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default() & 0xff)
}

/// Whether a server complains, or a connection to one is lost.
fn is_of_server(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.try_downcast_ref::<PgDatabaseError>().is_some(),
        _ => false,
    }
}

/// Whether what could not be written may be written later: not where it is its own fault, as a value that no column takes
/// (PostgreSQL's classes 22 and 23).
pub(in crate::sending::journal) fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => !error.code().starts_with("22") && !error.code().starts_with("23"),
            None => true,
        },
        error => is_of_server(error),
    }
}

/// Whether the file itself is damaged: SQLITE_CORRUPT, SQLITE_NOTADB.
pub(in crate::sending::journal) fn is_damaged(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(11 | 26))
}

/// What an operator does about SQLite's complaint (<https://sqlite.org/rescode.html>).
pub(in crate::sending::journal) fn database_advice(error: &sqlx::Error) -> &'static str {
    if matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull) {
        return "raise `journal.size_mib` or lower `journal.retention_days`";
    }
    if is_of_server(error) {
        return "look whether PostgreSQL runs, and at its log; what was acknowledged is there, and writing goes on by itself";
    }
    let Some(code) = code(error) else { return "look at the lines of the log before this one" };
    match code {
        5 | 6 => "another program has locked the journal; end it",
        8 | 14 | 23 => {
            "the service must own the journal and its folder and be able to write there; `ls -l` shows whose \
              they are, `mount` whether the file system is read-only"
        }
        10 => "the disk failed; look at `dmesg`",
        11 | 26 => {
            "the file is damaged: restore it from a backup, or move it and its -wal away and start anew; \
                    `sqlite3 FILE .recover` reads what is left"
        }
        13 => "free some space on the disk, or raise `journal.size_mib` or lower `journal.retention_days`",
        _ => "if the file is damaged, restore it from a backup or move it away",
    }
}
