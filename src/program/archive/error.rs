//! What may be wrong with the archive.

use std::io;
use std::path::{Path, PathBuf};

use crate::shared::database::sqlite::Unfit;

/// Why the archive could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be made or read.
    #[error("{}: the site's archive cannot be opened: {source}; make its folder writable for this user, or set `site.archive`", path.display())]
    File { path: PathBuf, source: io::Error },
    /// SQLite cannot work with it.
    #[error("{}: the site's archive cannot be used: {source}; where it is damaged, restore a copy or move it away, which loses published results", path.display())]
    Database { path: PathBuf, source: sqlx::Error },
    /// It is of a later version of this program.
    #[error("{}: the site's archive has schema {found}, and this program knows up to {known}; run the later version again", path.display())]
    Later { path: PathBuf, found: i64, known: i64 },
    /// It is another database.
    #[error("{}: this is no archive of the site's; set `site.archive` to another path", path.display())]
    Foreign { path: PathBuf },
    /// The database that nodes share cannot be used.
    #[error(
        "{address}: what nodes share cannot be used: {reason}; look whether PostgreSQL runs there and lets this user in"
    )]
    Common { address: String, reason: String },
}

impl OpenError {
    pub(super) fn of(unfit: Unfit, path: &Path) -> Self {
        let path = path.to_owned();
        match unfit {
            // Whoever opens it writes, and brings an older one forward.
            Unfit::Foreign | Unfit::Older { .. } => Self::Foreign { path },
            Unfit::Newer { found, known } => Self::Later { path, found, known },
            Unfit::Database(source) => Self::Database { path, source },
        }
    }
}

/// Why what the site keeps, or what nodes share, did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file of the site's.
    #[error("the site's archive does not answer: {0}")]
    File(#[from] sqlx::Error),
    /// The database that nodes share.
    #[error("what nodes share does not answer: {0}; look whether PostgreSQL runs, and at its log")]
    Common(#[source] sqlx::Error),
}
