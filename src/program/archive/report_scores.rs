//! What TLS reports were worth.

use sqlx::Connection;

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

/// How many rows are read at most.
const ROWS_MAX: i64 = 200_000;

/// What one report was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportScoreRow {
    /// The observation in the journal.
    pub seq: i64,
    /// The domain whose signature vouches for it.
    pub reporter: String,
    /// What it calls itself.
    pub organization: String,
    /// When it came.
    pub at: Timestamp,
    pub fields_right: u32,
    pub fields_wrong: u32,
    pub lines_missing: u32,
    /// What was wrong, as JSON.
    pub faults: String,
}

impl Archive {
    /// Keeps what reports are worth, in place of what was kept of them: all, or none.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn keep_report_scores(&self, rows: &[ReportScoreRow]) -> Result<(), ArchiveError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut writer = self.writer().await?;
        let mut transaction = writer.begin().await?;
        for row in rows {
            sqlx::query(
                "INSERT INTO report_scores \
                 (seq, reporter, organization, at, fields_right, fields_wrong, lines_missing, faults) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (seq) DO UPDATE SET \
                 fields_right = excluded.fields_right, fields_wrong = excluded.fields_wrong, \
                 lines_missing = excluded.lines_missing, faults = excluded.faults",
            )
            .bind(row.seq)
            .bind(&row.reporter)
            .bind(&row.organization)
            .bind(row.at.as_microsecond())
            .bind(row.fields_right)
            .bind(row.fields_wrong)
            .bind(row.lines_missing)
            .bind(&row.faults)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// What the reports since then were worth, in the order in which they came.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub async fn report_scores(&self, since: Timestamp) -> Result<Vec<ReportScoreRow>, ArchiveError> {
        type Columns = (i64, String, String, i64, u32, u32, u32, String);
        let mut reader = self.reader().await?;
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT seq, reporter, organization, at, fields_right, fields_wrong, lines_missing, faults \
             FROM report_scores WHERE at >= ?1 ORDER BY seq LIMIT ?2",
        )
        .bind(since.as_microsecond())
        .bind(ROWS_MAX)
        .fetch_all(&mut *reader)
        .await?;
        let row =
            |(seq, reporter, organization, at, right, wrong, missing, faults): Columns| ReportScoreRow {
                seq,
                reporter,
                organization,
                at: Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH),
                fields_right: right,
                fields_wrong: wrong,
                lines_missing: missing,
                faults,
            };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Deletes what is older.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn expire_report_scores(&self, before: Timestamp) -> Result<(), ArchiveError> {
        sqlx::query("DELETE FROM report_scores WHERE at < ?1")
            .bind(before.as_microsecond())
            .execute(&mut *self.writer().await?)
            .await?;
        Ok(())
    }
}
