//! Lists as a queue: whose turn it is, and what is noted while domains are checked.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::shared::time::Timestamp;

use crate::program::archive::{Archive, ArchiveError};

/// A list whose turn it is: its user's oldest that is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenBatch {
    pub number: i64,
    pub state: String,
    /// How many of its domains wait.
    pub waiting: u32,
    /// How many of them are being checked.
    pub checking: u32,
}

impl Archive {
    /// What was being checked when the service stopped waits again.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn resume_batches(&self) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        sqlx::query("UPDATE batch_domains SET state = 'waiting', check_id = NULL WHERE state = 'checking'")
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// The lists whose turn it is: each user's oldest.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn open_batches(&self) -> Result<Vec<OpenBatch>, ArchiveError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query(
            "SELECT number, state, \
             (SELECT count(*) FROM batch_domains WHERE batch = number AND state = 'waiting'), \
             (SELECT count(*) FROM batch_domains WHERE batch = number AND state = 'checking') \
             FROM batches WHERE number IN (SELECT min(number) FROM batches WHERE finished IS NULL GROUP BY user) \
             ORDER BY number",
        )
        .fetch_all(&mut *reader)
        .await?;
        let read = |row: SqliteRow| -> sqlx::Result<OpenBatch> {
            let (number, state) = (row.try_get(0)?, row.try_get(1)?);
            Ok(OpenBatch { number, state, waiting: row.try_get(2)?, checking: row.try_get(3)? })
        };
        Ok(rows.into_iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    /// The first domain of a list that is in a state: its place, its name and the link to its check.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn first_of_batch(
        &self,
        number: i64,
        state: &str,
    ) -> Result<Option<(i64, String, Option<String>)>, ArchiveError> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_as(
            "SELECT place, domain, check_id FROM batch_domains WHERE batch = ?1 AND state = ?2 \
             ORDER BY place LIMIT 1",
        )
        .bind(number)
        .bind(state)
        .fetch_optional(&mut *reader)
        .await?)
    }

    /// Notes how far a list is. One that is finished, such as by its user, stays so.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn move_batch(
        &self,
        number: i64,
        state: &str,
        finished: Option<Timestamp>,
    ) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        sqlx::query("UPDATE batches SET state = ?2, finished = ?3 WHERE number = ?1 AND finished IS NULL")
            .bind(number)
            .bind(state)
            .bind(finished.map(|finished| finished.as_microsecond()))
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// Notes how far a domain of a list is, and which link leads to its check.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn move_batch_domain(
        &self,
        number: i64,
        place: i64,
        state: &str,
        check: Option<&str>,
    ) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "UPDATE batch_domains SET state = ?3, check_id = coalesce(?4, check_id) WHERE batch = ?1 AND place = ?2",
        )
        .bind(number)
        .bind(place)
        .bind(state)
        .bind(check)
        .execute(&mut *writer)
        .await?;
        Ok(())
    }

    /// Notes what came of a domain of a list, as JSON.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn end_batch_domain(
        &self,
        number: i64,
        place: i64,
        results: &str,
        technical: &str,
    ) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "UPDATE batch_domains SET state = 'done', results = ?3, technical = ?4 WHERE batch = ?1 AND place = ?2",
        )
        .bind(number)
        .bind(place)
        .bind(results)
        .bind(technical)
        .execute(&mut *writer)
        .await?;
        Ok(())
    }
}
