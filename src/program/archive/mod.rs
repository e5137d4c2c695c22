//! What the site keeps: one SQLite file of its own, apart from the journal, so that no page waits for a lock that SMTP
//! needs, and none holds one.
//!
//! A row is what rooms above make of it: text, octets and instants. Each concern has a file here, with the statements that
//! it needs and no others. Readers do not wait for the writer (WAL); there is one writer, behind [`Archive::writer`].
//!
//! What nodes share besides their journal lies in the database of that: [`Common`].

mod api_keys;
mod batches;
mod checks;
mod common;
mod error;
mod forget_orders;
mod objections;
mod postscripts;
mod providers;
mod report_scores;

use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool};

use crate::shared::database::sqlite::{Schema, Unmarked, ensure};
use crate::shared::keyfile::make_private;

pub use api_keys::ApiKeyRow;
pub use batches::{BatchResult, BatchRow, BatchView, NewBatch, OpenBatch};
pub use checks::{CheckRow, EndedScan, PastScan, ScanRow};
pub use common::{
    Answers, Beginning, COMMON_SCHEMA, Common, NotShared, Place, SEALING_KEY_OCTETS, SealError, SealingKey,
    Sharing,
};
pub use error::{ArchiveError, OpenError};
pub use objections::ObjectionRow;
pub use postscripts::PostscriptRow;
pub use providers::{EvidencePage, EvidenceRecord, NewEvidence, ProviderRecord, Said};
pub use report_scores::ReportScoreRow;

/// What an archive holds. A new version is one more step, the tables as they are then, and an archive of the version
/// before in `tests/journals`.
pub const SCHEMA: Schema = Schema {
    name: "the site's archive",
    // "Mlst".
    application_id: 0x4d6c_7374,
    tables: include_str!("schema.sql"),
    steps: &[include_str!("from_v1.sql"), include_str!("from_v2.sql")],
    unmarked: Some(Unmarked { last: 1, table: "checks" }),
};
/// How many pages may read at the same time.
const READERS_MAX: u32 = 4;
/// How long a statement waits for another process, such as a command of the operator's, in seconds.
const BUSY_TIMEOUT_S: u64 = 10;
/// How long a page waits for its turn to read, in seconds.
const ACQUIRE_TIMEOUT_S: u64 = 5;
/// How long mail waits for its own, in seconds.
const MAIL_ACQUIRE_TIMEOUT_S: u64 = 1;

/// What the site keeps.
pub struct Archive {
    readers: SqlitePool,
    /// Of mail alone, which asks who objects: no page takes its place.
    objections: SqlitePool,
    writer: SqlitePool,
}

impl Archive {
    /// Opens the archive at `path`, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is of a later version of the program. The error names the file and says what to do.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Database { path: path.to_owned(), source };
        make_private(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What somebody was told that it is kept, such as an objection, survives a power cut; writes are few.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
            // What is forgotten is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .thread_name(|_| "archive".to_owned());
        let pool = |connections| {
            let pool = SqlitePoolOptions::new().max_connections(connections);
            pool.acquire_timeout(Duration::from_secs(ACQUIRE_TIMEOUT_S))
        };
        let writer = pool(1).connect_with(options.clone()).await.map_err(failed)?;
        let mut connection = writer.acquire().await.map_err(failed)?;
        ensure(&mut connection, &SCHEMA).await.map_err(|unfit| OpenError::of(unfit, path))?;
        drop(connection);
        let options = options.read_only(true);
        let objections = pool(1)
            .acquire_timeout(Duration::from_secs(MAIL_ACQUIRE_TIMEOUT_S))
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        let readers = pool(READERS_MAX).connect_with(options).await.map_err(failed)?;
        Ok(Self { readers, objections, writer })
    }

    /// A connection that reads.
    ///
    /// # Errors
    ///
    /// If none is free in time.
    pub async fn reader(&self) -> Result<PoolConnection<Sqlite>, ArchiveError> {
        Ok(self.readers.acquire().await?)
    }

    /// The connection that writes.
    ///
    /// # Errors
    ///
    /// If it is not free in time.
    pub async fn writer(&self) -> Result<PoolConnection<Sqlite>, ArchiveError> {
        Ok(self.writer.acquire().await?)
    }

    /// Closes it: what was written is on the disk.
    pub async fn close(&self) {
        self.readers.close().await;
        self.objections.close().await;
        self.writer.close().await;
    }
}
