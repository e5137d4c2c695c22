//! Keys of the API's batch users: digests of their secrets, and what was used of their budgets.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Whose it is: the user's name.
    pub name: String,
    pub made: Timestamp,
    /// How many domains it may have checked in a day (UTC).
    pub day_max: u32,
    /// The last day on which it was used, of those since 1970.
    pub day: i64,
    /// How many domains it had checked on that day.
    pub used: u32,
}

impl Archive {
    /// Keeps a key by its digest. Says whether it could: a name has one key.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn add_api_key(
        &self,
        name: &str,
        digest: &[u8],
        day_max: u32,
        now: Timestamp,
    ) -> Result<bool, ArchiveError> {
        let mut writer = self.writer().await?;
        let added = sqlx::query(
            "INSERT INTO api_keys (name, digest, made, day_max) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )
        .bind(name)
        .bind(digest)
        .bind(now.as_microsecond())
        .bind(day_max)
        .execute(&mut *writer)
        .await?;
        Ok(added.rows_affected() > 0)
    }

    /// The key of that digest.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn api_key(&self, digest: &[u8]) -> Result<Option<ApiKeyRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query("SELECT name, made, day_max, day, used FROM api_keys WHERE digest = ?1")
            .bind(digest)
            .fetch_optional(&mut *reader)
            .await?;
        Ok(row.map(|row| read(&row)).transpose()?)
    }

    /// All keys, by name.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn api_keys(&self) -> Result<Vec<ApiKeyRow>, ArchiveError> {
        let mut reader = self.reader().await?;
        let rows = sqlx::query("SELECT name, made, day_max, day, used FROM api_keys ORDER BY name")
            .fetch_all(&mut *reader)
            .await?;
        Ok(rows.iter().map(read).collect::<sqlx::Result<_>>()?)
    }

    /// Takes so many from a key's budget of a day, all or none. Says how many are left; none: it has not so many.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn use_api_key(&self, name: &str, day: i64, count: u32) -> Result<Option<u32>, ArchiveError> {
        let mut writer = self.writer().await?;
        Ok(sqlx::query_scalar(
            "UPDATE api_keys SET used = CASE WHEN day = ?2 THEN used ELSE 0 END + ?3, day = ?2 \
             WHERE name = ?1 AND CASE WHEN day = ?2 THEN used ELSE 0 END + ?3 <= day_max \
             RETURNING day_max - used",
        )
        .bind(name)
        .bind(day)
        .bind(count)
        .fetch_optional(&mut *writer)
        .await?)
    }

    /// Forgets a key. Says whether there was one. What its user had checked stays until it is old.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn revoke_api_key(&self, name: &str) -> Result<bool, ArchiveError> {
        let mut writer = self.writer().await?;
        let revoked =
            sqlx::query("DELETE FROM api_keys WHERE name = ?1").bind(name).execute(&mut *writer).await?;
        Ok(revoked.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> sqlx::Result<ApiKeyRow> {
    let made: i64 = row.try_get(1)?;
    Ok(ApiKeyRow {
        name: row.try_get(0)?,
        made: Timestamp::from_microsecond(made).map_err(|error| sqlx::Error::Decode(error.into()))?,
        day_max: row.try_get(2)?,
        day: row.try_get(3)?,
        used: row.try_get(4)?,
    })
}
