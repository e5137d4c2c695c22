//! Who wants to be told of the TLS reports about a trial.

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

/// How many wishes are read at once.
const ROWS_MAX: i64 = 1_000;

/// A wish that is not fulfilled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostscriptRow {
    pub trial: String,
    /// The full address.
    pub address: String,
    pub asked: Timestamp,
}

impl Archive {
    /// Keeps the wish; whether it is the first of its trial, since nobody is told twice.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn keep_postscript(&self, row: &PostscriptRow) -> Result<bool, ArchiveError> {
        let kept = sqlx::query(
            "INSERT INTO postscripts (trial, address, asked) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )
        .bind(&row.trial)
        .bind(&row.address)
        .bind(row.asked.as_microsecond())
        .execute(&mut *self.writer().await?)
        .await?;
        Ok(kept.rows_affected() > 0)
    }

    /// The wishes that are not fulfilled yet, the oldest first.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub async fn postscripts(&self) -> Result<Vec<PostscriptRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT trial, address, asked FROM postscripts WHERE address IS NOT NULL ORDER BY asked LIMIT ?1",
        )
        .bind(ROWS_MAX)
        .fetch_all(&mut *reader)
        .await?;
        let row = |(trial, address, asked)| PostscriptRow {
            trial,
            address,
            asked: Timestamp::from_microsecond(asked).unwrap_or(Timestamp::UNIX_EPOCH),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Forgets the address of a wish: it is fulfilled, or cannot be.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn end_postscript(&self, trial: &str) -> Result<(), ArchiveError> {
        sqlx::query("UPDATE postscripts SET address = NULL WHERE trial = ?1")
            .bind(trial)
            .execute(&mut *self.writer().await?)
            .await?;
        Ok(())
    }

    /// Deletes wishes that are older.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn expire_postscripts(&self, before: Timestamp) -> Result<(), ArchiveError> {
        sqlx::query("DELETE FROM postscripts WHERE asked < ?1")
            .bind(before.as_microsecond())
            .execute(&mut *self.writer().await?)
            .await?;
        Ok(())
    }
}
