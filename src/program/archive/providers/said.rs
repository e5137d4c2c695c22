//! What was said to, by and about a provider: it is added to, and nothing of it is changed.

use sqlx::SqliteConnection;

use crate::shared::time::Timestamp;

use super::super::{Archive, ArchiveError};
use super::{column, instant};

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its number; 0 before it is kept.
    pub number: i64,
    pub provider: String,
    pub kind: String,
    pub at: Timestamp,
    pub detail: String,
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    provider: &str,
    said: &Said,
) -> Result<(), sqlx::Error> {
    const ADD: &str = "INSERT INTO provider_events (provider, kind, at, detail) VALUES (?, ?, ?, ?)";
    let add = sqlx::query(ADD).bind(provider).bind(&said.kind).bind(column(said.at)).bind(&said.detail);
    add.execute(connection).await?;
    Ok(())
}

impl Archive {
    /// Keeps what was said.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn say_of_provider(&self, said: &Said) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        insert(&mut writer, &said.provider, said).await?;
        Ok(())
    }

    /// What of a kind was said of a provider, or of all, the newest first.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn said_of_provider(
        &self,
        provider: Option<&str>,
        kind: &str,
        at_most: usize,
    ) -> Result<Vec<Said>, ArchiveError> {
        const OF: &str = "SELECT number, provider, kind, at, detail FROM provider_events \
            WHERE (? IS NULL OR provider = ?) AND kind = ? ORDER BY at DESC, number DESC LIMIT ?";
        let mut reader = self.reader().await?;
        let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
        let found: Vec<(i64, String, String, i64, String)> = sqlx::query_as(OF)
            .bind(provider)
            .bind(provider)
            .bind(kind)
            .bind(at_most)
            .fetch_all(&mut *reader)
            .await?;
        let said =
            |(number, provider, kind, at, detail)| Said { number, provider, kind, at: instant(at), detail };
        Ok(found.into_iter().map(said).collect())
    }
}
