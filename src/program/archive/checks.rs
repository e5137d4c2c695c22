//! Checks of domains on request: what scans saw, and the links that lead to them.

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, Sqlite, SqliteConnection};

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

/// How many scans of a domain are listed at most.
const PAST_SCANS_MAX: i64 = 50;
/// How many links go at once to make room.
const TRIMMED_AT_ONCE: i64 = 20;

/// A link to a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    pub domain: String,
    pub asked: Timestamp,
    /// The scan that it leads to; none while that is under way, or if it was cut off.
    pub scan: Option<i64>,
}

/// What a scan saw, and what the rules of its time made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRow {
    /// Its number.
    pub scan: i64,
    pub domain: String,
    /// When it ended.
    pub at: Timestamp,
    /// JSON.
    pub verdict: String,
    /// Compressed.
    pub evidence: Vec<u8>,
}

/// A scan in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastScan {
    pub scan: i64,
    pub at: Timestamp,
    /// JSON.
    pub verdict: String,
}

/// A scan that has ended, and the links that wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedScan<'a> {
    pub domain: &'a str,
    pub at: Timestamp,
    /// JSON.
    pub verdict: &'a str,
    /// Compressed.
    pub evidence: &'a [u8],
    pub links: &'a [String],
}

impl Archive {
    /// Notes that a link was given out, and what it leads to if that is there already.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn note_check(&self, id: &str, row: &CheckRow) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        sqlx::query("INSERT INTO checks (id, domain, asked, scan) VALUES (?1, ?2, ?3, ?4)")
            .bind(id)
            .bind(&row.domain)
            .bind(row.asked.as_microsecond())
            .bind(row.scan)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// Notes what a scan saw, and lets its links lead there. Where all of these were deleted meanwhile nothing is kept.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn note_scan(&self, ended: &EndedScan<'_>) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        let mut changes = writer.begin().await?;
        let scan: i64 = sqlx::query_scalar(
            "INSERT INTO scans (domain, at, verdict, evidence) VALUES (?1, ?2, ?3, ?4) RETURNING scan",
        )
        .bind(ended.domain)
        .bind(ended.at.as_microsecond())
        .bind(ended.verdict)
        .bind(ended.evidence)
        .fetch_one(&mut *changes)
        .await?;
        let mut linked = 0;
        for id in ended.links {
            let update = sqlx::query("UPDATE checks SET scan = ?2 WHERE id = ?1").bind(id).bind(scan);
            linked += update.execute(&mut *changes).await?.rows_affected();
        }
        if linked > 0 {
            changes.commit().await?
        } else {
            changes.rollback().await?
        }
        Ok(())
    }

    /// The youngest scan of a domain since an instant, by its number.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn fresh_scan(&self, domain: &str, since: Timestamp) -> Result<Option<i64>, ArchiveError> {
        let mut reader = self.reader().await?;
        Ok(sqlx::query_scalar(
            "SELECT scan FROM scans WHERE domain = ?1 AND at >= ?2 ORDER BY at DESC LIMIT 1",
        )
        .bind(domain)
        .bind(since.as_microsecond())
        .fetch_optional(&mut *reader)
        .await?)
    }

    /// What a link leads to.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn check(&self, id: &str) -> Result<Option<CheckRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query("SELECT domain, asked, scan FROM checks WHERE id = ?1")
            .bind(id)
            .fetch_optional(&mut *reader)
            .await?;
        let read = |row: SqliteRow| -> sqlx::Result<CheckRow> {
            Ok(CheckRow { domain: row.try_get(0)?, asked: instant(&row, 1)?, scan: row.try_get(2)? })
        };
        Ok(row.map(read).transpose()?)
    }

    /// A scan by its number.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn scan(&self, scan: i64) -> Result<Option<ScanRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query("SELECT scan, domain, at, verdict, evidence FROM scans WHERE scan = ?1")
            .bind(scan)
            .fetch_optional(&mut *reader)
            .await?;
        Ok(row.map(|row| whole(&row)).transpose()?)
    }

    /// The youngest scan of a domain before an instant.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn last_scan(&self, domain: &str, before: Timestamp) -> Result<Option<ScanRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(
            "SELECT scan, domain, at, verdict, evidence FROM scans WHERE domain = ?1 AND at < ?2 \
             ORDER BY at DESC LIMIT 1",
        )
        .bind(domain)
        .bind(before.as_microsecond())
        .fetch_optional(&mut *reader)
        .await?;
        Ok(row.map(|row| whole(&row)).transpose()?)
    }

    /// The youngest scans of a domain, the youngest first.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn past_scans(&self, domain: &str) -> Result<Vec<PastScan>, ArchiveError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query(
            "SELECT scan, at, verdict FROM scans WHERE domain = ?1 ORDER BY at DESC, scan DESC LIMIT ?2",
        )
        .bind(domain)
        .bind(PAST_SCANS_MAX)
        .fetch_all(&mut *reader)
        .await?;
        let read = |row: SqliteRow| -> sqlx::Result<PastScan> {
            Ok(PastScan { scan: row.try_get(0)?, at: instant(&row, 1)?, verdict: row.try_get(2)? })
        };
        Ok(rows.into_iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    /// Deletes a link, and what no other link leads to. Says whether there was one.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn delete_check(&self, id: &str) -> Result<bool, ArchiveError> {
        let mut writer = self.writer().await?;
        let mut changes = writer.begin().await?;
        let scan: Option<Option<i64>> = sqlx::query_scalar("DELETE FROM checks WHERE id = ?1 RETURNING scan")
            .bind(id)
            .fetch_optional(&mut *changes)
            .await?;
        if let Some(Some(scan)) = scan {
            sqlx::query(
                "DELETE FROM scans WHERE scan = ?1 AND NOT EXISTS (SELECT 1 FROM checks WHERE scan = ?1)",
            )
            .bind(scan)
            .execute(&mut *changes)
            .await?;
        }
        changes.commit().await?;
        Ok(scan.is_some())
    }

    /// Deletes links that are older than an instant, and what no other link leads to. Says how many links that were.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn expire_checks(&self, before: Timestamp) -> Result<u64, ArchiveError> {
        let mut writer = self.writer().await?;
        let mut changes = writer.begin().await?;
        let deleted = sqlx::query("DELETE FROM checks WHERE asked < ?1")
            .bind(before.as_microsecond())
            .execute(&mut *changes)
            .await?;
        delete_unlinked(&mut changes).await?;
        changes.commit().await?;
        Ok(deleted.rows_affected())
    }

    /// Deletes the oldest links to scans, and what no other leads to, until the file uses no more than so many octets. Says
    /// how many links that were. What else is in the archive does not go.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn trim_checks(&self, octets_max: u64) -> Result<u64, ArchiveError> {
        let mut writer = self.writer().await?;
        let mut trimmed = 0;
        while used_octets(&mut writer).await? > octets_max {
            let mut changes = writer.begin().await?;
            let deleted = sqlx::query(
                "DELETE FROM checks WHERE id IN \
                 (SELECT id FROM checks WHERE scan IS NOT NULL ORDER BY asked LIMIT ?1)",
            )
            .bind(TRIMMED_AT_ONCE)
            .execute(&mut *changes)
            .await?
            .rows_affected();
            delete_unlinked(&mut changes).await?;
            changes.commit().await?;
            if deleted == 0 {
                break;
            }
            trimmed += deleted;
        }
        Ok(trimmed)
    }

    /// Deletes all checks of a domain and of those below it, whoever asked for them. Says how many links that were.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn forget_checks_of(&self, domain: &str) -> Result<u64, ArchiveError> {
        let mut writer = self.writer().await?;
        let mut changes = writer.begin().await?;
        let deleted = sqlx::query(
            "DELETE FROM checks WHERE domain = ?1 OR substr(domain, -length(?1) - 1) = '.' || ?1",
        )
        .bind(domain)
        .execute(&mut *changes)
        .await?;
        delete_unlinked(&mut changes).await?;
        changes.commit().await?;
        Ok(deleted.rows_affected())
    }
}

/// How much of the file is used.
async fn used_octets(connection: &mut SqliteConnection) -> sqlx::Result<u64> {
    let mut numbers = [0_i64; 3];
    let pragmas = ["PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size"];
    for (number, pragma) in numbers.iter_mut().zip(pragmas) {
        *number = sqlx::query_scalar(pragma).fetch_one(&mut *connection).await?;
    }
    let [pages, free, octets] = numbers.map(i64::unsigned_abs);
    Ok(pages.saturating_sub(free) * octets)
}

async fn delete_unlinked(changes: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query::<Sqlite>(
        "DELETE FROM scans WHERE NOT EXISTS (SELECT 1 FROM checks WHERE checks.scan = scans.scan)",
    )
    .execute(changes)
    .await?;
    Ok(())
}

fn whole(row: &SqliteRow) -> sqlx::Result<ScanRow> {
    Ok(ScanRow {
        scan: row.try_get(0)?,
        domain: row.try_get(1)?,
        at: instant(row, 2)?,
        verdict: row.try_get(3)?,
        evidence: row.try_get(4)?,
    })
}

fn instant(row: &SqliteRow, column: usize) -> sqlx::Result<Timestamp> {
    let microseconds: i64 = row.try_get(column)?;
    Timestamp::from_microsecond(microseconds).map_err(|error| sqlx::Error::Decode(error.into()))
}
