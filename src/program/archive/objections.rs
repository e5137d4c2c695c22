//! Who wants no mail of ours, as keyed digests.

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

/// A row of the objections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectionRow<'a> {
    pub digest: &'a [u8],
    /// `address` or `domain`.
    pub kind: &'a str,
    /// `link`, `mail` or `operator`.
    pub way: &'a str,
    pub at: Timestamp,
}

/// A digest with its kind, its way and its time.
type Moving = (Vec<u8>, String, String, i64);

/// How many objections are read at once.
const MOVED_AT_ONCE_MAX: i64 = 500;

impl Archive {
    /// Whether there is an objection with one of these digests.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub async fn has_objection(&self, digests: &[Vec<u8>]) -> Result<bool, ArchiveError> {
        let mut reader = self.objections.acquire().await?;
        for digest in digests {
            let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM objections WHERE digest = ?1")
                .bind(digest.as_slice())
                .fetch_optional(&mut *reader)
                .await?;
            if found.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps an objection; one that is there stays as it is.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn keep_objection(&self, row: ObjectionRow<'_>) -> Result<(), ArchiveError> {
        sqlx::query(
            "INSERT INTO objections (digest, kind, way, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )
        .bind(row.digest)
        .bind(row.kind)
        .bind(row.way)
        .bind(row.at.as_microsecond())
        .execute(&mut *self.writer().await?)
        .await?;
        Ok(())
    }

    /// Drops an objection; whether there was one.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn drop_objection(&self, digest: &[u8]) -> Result<bool, ArchiveError> {
        let dropped = sqlx::query("DELETE FROM objections WHERE digest = ?1")
            .bind(digest)
            .execute(&mut *self.writer().await?)
            .await?;
        Ok(dropped.rows_affected() > 0)
    }

    /// How many objections there are, by kind and way.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub async fn count_objections(&self) -> Result<Vec<(String, String, i64)>, ArchiveError> {
        let counts = sqlx::query_as(
            "SELECT kind, way, count(*) FROM objections GROUP BY kind, way ORDER BY kind, way",
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        Ok(counts)
    }

    /// Some of the objections with all that is kept of each; none where there is none. For whoever moves them elsewhere.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub(super) async fn some_objections(&self) -> Result<Vec<Moving>, ArchiveError> {
        let some = sqlx::query_as("SELECT digest, kind, way, at FROM objections LIMIT ?1")
            .bind(MOVED_AT_ONCE_MAX)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        Ok(some)
    }
}
