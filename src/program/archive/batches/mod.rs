//! Lists of domains that users of the API want checked, and what came of each. It is a queue, too: what is under way
//! survives a restart.

mod queue;

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

pub use queue::OpenBatch;

/// A list of domains, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number, by which each user's lists take their turns.
    pub number: i64,
    /// Its identity for its user.
    pub id: String,
    pub name: String,
    pub state: String,
    pub submitted: Timestamp,
    pub finished: Option<Timestamp>,
    /// How many domains are in it.
    pub domains: u32,
    /// Of how many of them it is known what came of them.
    pub ended: u32,
}

/// A list that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBatch<'a> {
    pub id: &'a str,
    pub user: &'a str,
    pub name: &'a str,
    pub state: &'a str,
    pub submitted: Timestamp,
    pub finished: Option<Timestamp>,
    pub domains: &'a [String],
}

/// What came of one domain of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchResult {
    /// Its place in the list.
    pub place: i64,
    pub domain: String,
    /// The link to its check.
    pub check: Option<String>,
    /// JSON; none: it could not be checked.
    pub result: Option<String>,
}

/// Which of two results is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchView {
    Results,
    Technical,
}

/// A list with its counts. What came of a domain is known as soon as it was checked.
const SELECT: &str = "SELECT number, id, name, state, submitted, finished, \
    (SELECT count(*) FROM batch_domains WHERE batch = number), \
    (SELECT count(*) FROM batch_domains WHERE batch = number AND state IN ('checked', 'done', 'failed')) FROM batches";

impl Archive {
    /// Keeps a new list.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn add_batch(&self, batch: &NewBatch<'_>) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        let mut changes = writer.begin().await?;
        let number: i64 = sqlx::query_scalar(
            "INSERT INTO batches (id, user, name, state, submitted, finished) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             RETURNING number",
        )
        .bind(batch.id)
        .bind(batch.user)
        .bind(batch.name)
        .bind(batch.state)
        .bind(batch.submitted.as_microsecond())
        .bind(batch.finished.map(|finished| finished.as_microsecond()))
        .fetch_one(&mut *changes)
        .await?;
        for (place, domain) in (0_i64..).zip(batch.domains) {
            sqlx::query(
                "INSERT INTO batch_domains (batch, place, domain, state) VALUES (?1, ?2, ?3, 'waiting')",
            )
            .bind(number)
            .bind(place)
            .bind(domain)
            .execute(&mut *changes)
            .await?;
        }
        Ok(changes.commit().await?)
    }

    /// A user's lists, the newest first; as many as are wanted.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn batches(&self, user: &str, max: u32) -> Result<Vec<BatchRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let select = sqlx::AssertSqlSafe(format!("{SELECT} WHERE user = ?1 ORDER BY number DESC LIMIT ?2"));
        let rows = sqlx::query(select).bind(user).bind(max).fetch_all(&mut *reader).await?;
        Ok(rows.iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    /// How many lists of a user are not finished.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn open_batches_of(&self, user: &str) -> Result<u32, ArchiveError> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_scalar("SELECT count(*) FROM batches WHERE user = ?1 AND finished IS NULL")
            .bind(user)
            .fetch_one(&mut *reader)
            .await?)
    }

    /// One list of a user's.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn batch(&self, user: &str, id: &str) -> Result<Option<BatchRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let select = sqlx::AssertSqlSafe(format!("{SELECT} WHERE user = ?1 AND id = ?2"));
        let row = sqlx::query(select).bind(user).bind(id).fetch_optional(&mut *reader).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// What came of the domains of a list, those behind a place in it; as many as are wanted.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn batch_results(
        &self,
        number: i64,
        view: BatchView,
        behind: i64,
        max: u32,
    ) -> Result<Vec<BatchResult>, ArchiveError> {
        let select = match view {
            BatchView::Results => {
                "SELECT place, domain, check_id, results FROM batch_domains WHERE batch = ?1 AND place > ?2 \
                 ORDER BY place LIMIT ?3"
            }
            BatchView::Technical => {
                "SELECT place, domain, check_id, technical FROM batch_domains WHERE batch = ?1 AND place > ?2 \
                 ORDER BY place LIMIT ?3"
            }
        };
        let mut reader = self.reader().await?;
        let rows = sqlx::query(select).bind(number).bind(behind).bind(max).fetch_all(&mut *reader).await?;
        let read = |row: SqliteRow| -> sqlx::Result<BatchResult> {
            let (place, domain) = (row.try_get(0)?, row.try_get(1)?);
            Ok(BatchResult { place, domain, check: row.try_get(2)?, result: row.try_get(3)? })
        };
        Ok(rows.into_iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    /// Deletes lists that are older than an instant. Says how many.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn expire_batches(&self, before: Timestamp) -> Result<u64, ArchiveError> {
        let mut writer = self.writer().await?;
        let deleted = sqlx::query("DELETE FROM batches WHERE submitted < ?1")
            .bind(before.as_microsecond())
            .execute(&mut *writer)
            .await?;
        Ok(deleted.rows_affected())
    }

    /// Takes a domain out of all lists, whoever wanted it checked. Says out of how many.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn forget_batch_results_of(&self, domain: &str) -> Result<u64, ArchiveError> {
        let mut writer = self.writer().await?;
        let deleted = sqlx::query("DELETE FROM batch_domains WHERE domain = ?1")
            .bind(domain)
            .execute(&mut *writer)
            .await?;
        Ok(deleted.rows_affected())
    }
}

fn read(row: &SqliteRow) -> sqlx::Result<BatchRow> {
    let instant = |microseconds: i64| {
        Timestamp::from_microsecond(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))
    };
    let finished: Option<i64> = row.try_get(5)?;
    Ok(BatchRow {
        number: row.try_get(0)?,
        id: row.try_get(1)?,
        name: row.try_get(2)?,
        state: row.try_get(3)?,
        submitted: instant(row.try_get(4)?)?,
        finished: finished.map(instant).transpose()?,
        domains: row.try_get(6)?,
        ended: row.try_get(7)?,
    })
}
