//! A survey in a file of SQLite. One process works on it; others may read meanwhile.

use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustix::fs::{FlockOperation, flock};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::Mutex;

use super::packed::{Packed, measured, pack};
use super::tables::{self, SCHEMA};
use super::{Begun, Claimed, Doing, Measured, Never, NewSurvey, Store, StoreError, Task};
use crate::receiving::places::Places;
use crate::receiving::scan::{Seen, Shelf};
use crate::shared::database::sqlite::{check, ensure, open_to_read};
use crate::shared::evidence::scan::{Depth, Evidence};
use crate::shared::keyfile::make_private;
use crate::shared::time::Timestamp;

/// How long a statement waits for a reader of another process, in seconds.
const BUSY_TIMEOUT_S: u64 = 10;
/// How many servers wait to be written at most; what is beyond is not shared with later runs.
const UNWRITTEN_MAX: usize = 1024;

/// A survey in a file.
pub struct SqliteStore {
    /// The file, as errors name it.
    at: String,
    /// None: it was closed.
    connection: Mutex<Option<SqliteConnection>>,
    /// Behind which place nothing was given out yet.
    given_out: Mutex<i64>,
    unwritten: parking_lot::Mutex<Vec<(Seen, Depth)>>,
    /// Held while this process works on it; the system lets go of it when the process ends, however it does.
    held: Option<File>,
}

impl SqliteStore {
    /// Opens a file to work on, and makes it where there is none.
    ///
    /// # Errors
    /// If it cannot be used, or another process works on it.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let at = path.display().to_string();
        let file = |source: io::Error| match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::Closed { at: at.clone() }
            }
            _ => StoreError::File { at: at.clone(), source },
        };
        make_private(path).map_err(file)?;
        let held = File::open(path).map_err(file)?;
        match flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(StoreError::InUse { at }),
            Err(error) => return Err(file(error.into())),
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A power cut may take the last domains, which are measured again then.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
            .thread_name(|_| "survey".to_owned());
        let unfit = |source| StoreError::opened(&at, source);
        let mut connection = options.connect().await.map_err(|error| unfit(error.into()))?;
        ensure(&mut connection, &SCHEMA).await.map_err(unfit)?;
        Ok(Self::with(at, connection, Some(held)))
    }

    /// Opens a file only to read it.
    ///
    /// # Errors
    /// If there is none, or it is no survey of this version.
    pub async fn read(path: &Path) -> Result<Self, StoreError> {
        let at = path.display().to_string();
        if !path.is_file() {
            let source = io::Error::new(io::ErrorKind::NotFound, "there is no such file");
            return Err(StoreError::File { at, source });
        }
        let unfit = |source| StoreError::opened(&at, source);
        let mut connection = open_to_read(path).await.map_err(|error| unfit(error.into()))?;
        check(&mut connection, &SCHEMA).await.map_err(unfit)?;
        Ok(Self::with(at, connection, None))
    }

    fn with(at: String, connection: SqliteConnection, held: Option<File>) -> Self {
        Self {
            at,
            connection: Mutex::new(Some(connection)),
            given_out: Mutex::new(i64::MIN),
            unwritten: parking_lot::Mutex::default(),
            held,
        }
    }

    /// Does something with the connection, and names the file where it fails.
    async fn with_connection<T>(
        &self,
        act: impl for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, sqlx::Result<T>>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.lock().await;
        let done = match connection.as_mut() {
            Some(connection) => act(connection).await,
            None => Err(sqlx::Error::PoolClosed),
        };
        done.map_err(StoreError::database(&self.at))
    }

    fn garbled(&self, what: &str) -> impl Fn(io::Error) -> StoreError + '_ {
        let what = what.to_owned();
        move |source| StoreError::Garbled { at: self.at.clone(), what: what.clone(), source }
    }

    fn other(&self, what: impl Into<String>) -> StoreError {
        StoreError::Other { at: self.at.clone(), what: what.into() }
    }

    /// Whether the survey in the file is of the same domains and questions.
    async fn same(&self, survey: &NewSurvey, list: &str) -> Result<(), StoreError> {
        let row = self.with_connection(|connection| {
            Box::pin(async move {
                let row = sqlx::query("SELECT list, dns_only FROM survey").fetch_one(connection).await?;
                Ok((row.try_get::<String, _>(0)?, row.try_get::<bool, _>(1)?))
            })
        });
        match row.await? {
            (known, _) if known != list => Err(self.other("the list or the sample has changed")),
            (_, true) if !survey.dns_only => Err(self.other("it was begun with --dns-only")),
            (_, false) if survey.dns_only => Err(self.other("it was begun without --dns-only")),
            _ => Ok(()),
        }
    }

    async fn write_new(&self, survey: &NewSurvey, list: String, now: Timestamp) -> Result<(), StoreError> {
        let failed = self.garbled("the list");
        let text = |values: &[String]| serde_json::to_string(values).map_err(|error| failed(error.into()));
        let attributes = text(&survey.list.attributes)?;
        let (listed, seed, dns_only) = (survey.listed, survey.seed, survey.dns_only);
        let rows: Vec<(String, String)> = (survey.list.entries.iter())
            .map(|entry| Ok((entry.domain.clone(), text(&entry.values)?)))
            .collect::<Result<_, StoreError>>()?;
        let write = self.with_connection(move |connection| {
            Box::pin(async move {
                let mut changes = connection.begin().await?;
                sqlx::query("INSERT INTO survey VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)")
                    .bind(list)
                    .bind(attributes)
                    .bind(i64::try_from(listed).unwrap_or(i64::MAX))
                    .bind(seed.map(u64::cast_signed))
                    .bind(dns_only)
                    .bind(now.as_microsecond())
                    .execute(&mut *changes)
                    .await?;
                for (domain, attributes) in rows {
                    sqlx::query("INSERT INTO domains (domain, attributes) VALUES (?1, ?2)")
                        .bind(domain)
                        .bind(attributes)
                        .execute(&mut *changes)
                        .await?;
                }
                changes.commit().await
            })
        });
        write.await
    }

    fn unwritten(&self) -> Vec<(Seen, Depth)> {
        std::mem::take(&mut *self.unwritten.lock())
    }

    fn measured(&self, row: Packed) -> Result<Measured, StoreError> {
        measured(&self.at, row)
    }
}

impl Store for SqliteStore {
    fn begin<'a>(&'a self, survey: &'a NewSurvey, now: Timestamp) -> Doing<'a, Begun> {
        Box::pin(async move {
            let list = survey.list.digest();
            match self.begun().await {
                Err(StoreError::NotBegun { .. }) => self.write_new(survey, list, now).await?,
                Err(error) => return Err(error),
                Ok(_) => self.same(survey, &list).await?,
            }
            self.begun().await
        })
    }

    fn begun(&self) -> Doing<'_, Begun> {
        Box::pin(async move {
            let row = self.with_connection(|connection| {
                Box::pin(async move {
                    sqlx::query(
                        "SELECT attributes, listed, seed, dns_only, began, (SELECT count(*) FROM domains),
                         (SELECT count(*) FROM domains WHERE ended IS NOT NULL) FROM survey",
                    )
                    .fetch_optional(connection)
                    .await
                })
            });
            let Some(row) = row.await? else {
                return Err(StoreError::NotBegun { at: self.at.clone() });
            };
            let (attributes, begun) = begun(&row).map_err(StoreError::database(&self.at))?;
            let failed = self.garbled("the list");
            let attributes = serde_json::from_str(&attributes).map_err(|error| failed(error.into()))?;
            Ok(Begun { attributes, ..begun })
        })
    }

    fn claim(&self, at_most: usize) -> Doing<'_, Claimed> {
        Box::pin(async move {
            let mut given_out = self.given_out.lock().await;
            let after = *given_out;
            let rows = self.with_connection(|connection| {
                Box::pin(async move {
                    sqlx::query_as::<_, (i64, String)>(
                        "SELECT place, domain FROM domains WHERE ended IS NULL AND place > ?1 ORDER BY place LIMIT ?2",
                    )
                    .bind(after)
                    .bind(i64::try_from(at_most).unwrap_or(i64::MAX))
                    .fetch_all(connection)
                    .await
                })
            });
            let tasks: Vec<Task> =
                rows.await?.into_iter().map(|(place, domain)| Task { place, domain }).collect();
            *given_out = tasks.last().map_or(after, |task| task.place);
            Ok(if tasks.is_empty() { Claimed::Nothing } else { Claimed::Tasks(tasks) })
        })
    }

    fn hold(&self) -> Doing<'_, Never> {
        // The file is held, and nobody else works on it.
        Box::pin(std::future::pending())
    }

    fn give_back(&self) -> Doing<'_, ()> {
        Box::pin(async move {
            *self.given_out.lock().await = i64::MIN;
            Ok(())
        })
    }

    fn finish<'a>(&'a self, task: &'a Task, evidence: &'a Evidence) -> Doing<'a, ()> {
        Box::pin(async move {
            let packed = pack(evidence).map_err(self.garbled(&task.domain))?;
            let (place, ended) = (task.place, evidence.to.as_microsecond());
            let unwritten = self.unwritten();
            self.with_connection(move |connection| {
                Box::pin(async move {
                    let mut changes = connection.begin().await?;
                    for (seen, depth) in &unwritten {
                        tables::keep(&mut changes, seen, *depth).await?;
                    }
                    sqlx::query("UPDATE domains SET ended = ?2, evidence = ?3 WHERE place = ?1")
                        .bind(place)
                        .bind(ended)
                        .bind(packed)
                        .execute(&mut *changes)
                        .await?;
                    changes.commit().await
                })
            })
            .await
        })
    }

    fn reopen(&self, before: Timestamp, now: Timestamp) -> Doing<'_, u64> {
        Box::pin(self.with_connection(move |connection| {
            Box::pin(async move {
                let mut changes = connection.begin().await?;
                let update = sqlx::query("UPDATE domains SET ended = NULL WHERE ended < ?1");
                let update = update.bind(before.as_microsecond()).execute(&mut *changes).await?;
                if update.rows_affected() > 0 {
                    let begin = sqlx::query(
                        "UPDATE survey SET began = coalesce((SELECT min(ended) FROM domains), ?1)",
                    );
                    begin.bind(now.as_microsecond()).execute(&mut *changes).await?;
                }
                changes.commit().await?;
                Ok(update.rows_affected())
            })
        }))
    }

    fn forget_servers(&self, before: Timestamp) -> Doing<'_, ()> {
        Box::pin(self.with_connection(move |connection| {
            Box::pin(async move {
                let delete = sqlx::query("DELETE FROM servers WHERE at < ?1");
                delete.bind(before.as_microsecond()).execute(connection).await.map(|_| ())
            })
        }))
    }

    fn page(&self, after: i64, at_most: usize) -> Doing<'_, Vec<Measured>> {
        Box::pin(async move {
            let rows = self.with_connection(|connection| {
                Box::pin(async move {
                    sqlx::query_as::<_, Packed>(
                        "SELECT place, domain, attributes, CASE WHEN ended IS NOT NULL THEN evidence END
                         FROM domains WHERE place > ?1 ORDER BY place LIMIT ?2",
                    )
                    .bind(after)
                    .bind(i64::try_from(at_most).unwrap_or(i64::MAX))
                    .fetch_all(connection)
                    .await
                })
            });
            rows.await?.into_iter().map(|row| self.measured(row)).collect()
        })
    }

    fn page_by_name<'a>(&'a self, after: &'a str, at_most: usize) -> Doing<'a, Vec<Measured>> {
        Box::pin(async move {
            let after = after.to_owned();
            let rows = self.with_connection(|connection| {
                Box::pin(async move {
                    sqlx::query_as::<_, Packed>(
                        "SELECT place, domain, attributes, CASE WHEN ended IS NOT NULL THEN evidence END
                         FROM domains WHERE domain > ?1 ORDER BY domain LIMIT ?2",
                    )
                    .bind(after)
                    .bind(i64::try_from(at_most).unwrap_or(i64::MAX))
                    .fetch_all(connection)
                    .await
                })
            });
            rows.await?.into_iter().map(|row| self.measured(row)).collect()
        })
    }

    fn flush(&self) -> Doing<'_, ()> {
        Box::pin(async move {
            let unwritten = self.unwritten();
            if unwritten.is_empty() {
                return Ok(());
            }
            self.with_connection(|connection| {
                Box::pin(async move {
                    let mut changes = connection.begin().await?;
                    for (seen, depth) in &unwritten {
                        tables::keep(&mut changes, seen, *depth).await?;
                    }
                    changes.commit().await
                })
            })
            .await
        })
    }

    fn close(&self) -> Doing<'_, ()> {
        Box::pin(async move {
            let Some(mut connection) = self.connection.lock().await.take() else { return Ok(()) };
            if self.held.is_some() {
                whole(&mut connection).await;
            }
            connection.close().await.map_err(StoreError::database(&self.at))
        })
    }

    fn shelf(self: Arc<Self>) -> Option<Arc<dyn Shelf>> {
        Some(self)
    }

    fn places(self: Arc<Self>) -> Option<Arc<dyn Places>> {
        None
    }
}

/// Puts all that stands in the log beside the file into the file, which is one that reads in any folder then. While somebody
/// else reads it the log stays, and SQLite goes on with it: nothing is lost by that.
async fn whole(connection: &mut SqliteConnection) {
    for statement in [
        "PRAGMA wal_checkpoint(TRUNCATE)",
        // Readers who are there for long would else be waited for.
        "PRAGMA busy_timeout = 0",
        "PRAGMA journal_mode = DELETE",
    ] {
        if let Err(error) = sqlx::query(statement).fetch_all(&mut *connection).await {
            tracing::info!(%error, statement, "the log of the survey stays beside its file");
        }
    }
}

fn begun(row: &SqliteRow) -> sqlx::Result<(String, Begun)> {
    let unfit = |error: jiff::Error| sqlx::Error::Decode(Box::new(error));
    let number = |at: usize| row.try_get::<i64, _>(at).map(i64::cast_unsigned);
    let begun = Begun {
        attributes: Vec::new(),
        listed: number(1)?,
        seed: row.try_get::<Option<i64>, _>(2)?.map(i64::cast_unsigned),
        dns_only: row.try_get(3)?,
        began: Timestamp::from_microsecond(row.try_get(4)?).map_err(unfit)?,
        domains: number(5)?,
        ended: number(6)?,
    };
    Ok((row.try_get(0)?, begun))
}

impl Shelf for SqliteStore {
    fn seen<'a>(&'a self, ip: IpAddr, host: &'a str, depth: Depth) -> BoxFuture<'a, Vec<Seen>> {
        Box::pin(async move {
            // What waits to be written is found, too.
            let looked = match self.flush().await {
                Ok(()) => {
                    let host = host.to_owned();
                    let seen = self.with_connection(move |connection| {
                        Box::pin(async move { tables::seen(connection, ip, &host, depth).await })
                    });
                    seen.await
                }
                Err(_) => return Vec::new(),
            };
            // Whoever does not find it asks the server again.
            looked
                .inspect_err(|error| tracing::warn!(%error, "what is known of a server does not read"))
                .unwrap_or_default()
        })
    }

    fn keep(&self, seen: Seen, depth: Depth) {
        let mut unwritten = self.unwritten.lock();
        if unwritten.len() < UNWRITTEN_MAX {
            unwritten.push((seen, depth));
        }
    }
}
