//! Who wants no mail of ours, as all nodes know it.

use crate::program::archive::{Archive, ArchiveError, ObjectionRow};
use crate::shared::time::Timestamp;

use super::Common;

const KEEP: &str =
    "INSERT INTO objections (digest, kind, way, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

impl Common {
    /// Whether there is an objection with one of these digests.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn has_objection(&self, digests: &[Vec<u8>]) -> Result<bool, ArchiveError> {
        self.ask(&self.mail, async |connection| {
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM objections WHERE digest = ANY($1))")
                .bind(digests)
                .fetch_one(connection)
                .await
        })
        .await
    }

    /// Keeps an objection; one that is there stays as it is.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn keep_objection(&self, row: ObjectionRow<'_>) -> Result<(), ArchiveError> {
        self.ask(&self.others, async |connection| {
            let keep = sqlx::query(KEEP).bind(row.digest).bind(row.kind).bind(row.way);
            keep.bind(row.at.as_microsecond()).execute(connection).await.map(drop)
        })
        .await
    }

    /// Drops an objection; whether there was one.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn drop_objection(&self, digest: &[u8]) -> Result<bool, ArchiveError> {
        self.ask(&self.others, async |connection| {
            let dropped = sqlx::query("DELETE FROM objections WHERE digest = $1").bind(digest);
            Ok(dropped.execute(connection).await?.rows_affected() > 0)
        })
        .await
    }

    /// How many objections there are, by kind and way.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn count_objections(&self) -> Result<Vec<(String, String, i64)>, ArchiveError> {
        self.ask(&self.others, async |connection| {
            sqlx::query_as("SELECT kind, way, count(*) FROM objections GROUP BY kind, way ORDER BY kind, way")
                .fetch_all(connection)
                .await
        })
        .await
    }

    /// Moves the objections of an archive here: of a service that was alone, or of a node from before they were shared. Gives
    /// how many there were.
    ///
    /// # Errors
    ///
    /// If the one or the other does not answer; what was moved by then is here.
    pub async fn take_over_objections(&self, archive: &Archive) -> Result<usize, ArchiveError> {
        let mut moved = 0;
        loop {
            let some = archive.some_objections().await?;
            if some.is_empty() {
                return Ok(moved);
            }
            for (digest, kind, way, at) in &some {
                let at = Timestamp::from_microsecond(*at).unwrap_or_default();
                self.keep_objection(ObjectionRow { digest, kind, way, at }).await?;
                // Not before it is here. One that stayed there would come back after it was withdrawn.
                archive.drop_objection(digest).await?;
            }
            moved += some.len();
        }
    }
}
