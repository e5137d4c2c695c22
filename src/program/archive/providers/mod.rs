//! Providers: what the operator wrote of them, what is published, and what was said.
//!
//! Whatever changes several rows does it in one transaction, so that nobody sees a half of it.

mod evidence;
mod said;

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

pub use evidence::{EvidencePage, EvidenceRecord, NewEvidence};
pub use said::Said;

/// How many providers there may be.
const PROVIDERS_MAX: usize = 10_000;

/// A provider as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRecord {
    pub name: String,
    /// The description.
    pub document: String,
    pub added: Timestamp,
    /// When its row became public.
    pub published: Option<Timestamp>,
    /// When the row was last written.
    pub updated: Option<Timestamp>,
    /// When it was taken back, if it is not public again.
    pub retracted: Option<Timestamp>,
    /// The row that is public.
    pub row: Option<String>,
}

type Columns = (String, String, i64, Option<i64>, Option<i64>, Option<i64>, Option<String>);

fn record((name, document, added, published, updated, retracted, row): Columns) -> ProviderRecord {
    ProviderRecord {
        name,
        document,
        added: instant(added),
        published: published.map(instant),
        updated: updated.map(instant),
        retracted: retracted.map(instant),
        row,
    }
}

/// An instant as a column has it.
pub(super) fn column(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of a column.
pub(super) fn instant(column: i64) -> Timestamp {
    Timestamp::from_microsecond(column).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Archive {
    /// Writes a provider's description anew; what is published of it stays.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn put_provider(&self, name: &str, document: &str, at: Timestamp) -> Result<(), ArchiveError> {
        const PUT: &str = "INSERT INTO providers (name, document, added) VALUES (?, ?, ?) \
            ON CONFLICT (name) DO UPDATE SET document = excluded.document";
        let mut writer = self.writer().await?;
        sqlx::query(PUT).bind(name).bind(document).bind(column(at)).execute(&mut *writer).await?;
        Ok(())
    }

    /// All providers, by name.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn providers(&self) -> Result<Vec<ProviderRecord>, ArchiveError> {
        const ALL: &str = "SELECT name, document, added, published, updated, retracted, row FROM providers \
            ORDER BY name LIMIT ?";
        let mut reader = self.reader().await?;
        let most = i64::try_from(PROVIDERS_MAX).unwrap_or(i64::MAX);
        let all: Vec<Columns> = sqlx::query_as(ALL).bind(most).fetch_all(&mut *reader).await?;
        Ok(all.into_iter().map(record).collect())
    }

    /// A provider.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn provider(&self, name: &str) -> Result<Option<ProviderRecord>, ArchiveError> {
        const ONE: &str =
            "SELECT name, document, added, published, updated, retracted, row FROM providers WHERE name = ?";
        let mut reader = self.reader().await?;
        let one: Option<Columns> = sqlx::query_as(ONE).bind(name).fetch_optional(&mut *reader).await?;
        Ok(one.map(record))
    }

    /// Makes a row public, with all evidence of its provider, and keeps what is said of it.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn publish_provider(
        &self,
        name: &str,
        row: &str,
        at: Timestamp,
        said: &[Said],
    ) -> Result<(), ArchiveError> {
        const ROW: &str = "UPDATE providers SET row = ?, updated = ?, published = coalesce(published, ?), \
            retracted = NULL WHERE name = ?";
        const EVIDENCE: &str = "UPDATE provider_evidence SET published = 1 WHERE provider = ?";
        let mut writer = self.writer().await?;
        let mut whole = sqlx::Connection::begin(&mut *writer).await?;
        let at = column(at);
        sqlx::query(ROW).bind(row).bind(at).bind(at).bind(name).execute(&mut *whole).await?;
        sqlx::query(EVIDENCE).bind(name).execute(&mut *whole).await?;
        for said in said {
            said::insert(&mut whole, name, said).await?;
        }
        whole.commit().await?;
        Ok(())
    }

    /// Takes a row back: the row and all evidence are deleted; what was said of it stays.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn retract_provider(
        &self,
        name: &str,
        at: Timestamp,
        said: &[Said],
    ) -> Result<(), ArchiveError> {
        const ROW: &str =
            "UPDATE providers SET row = NULL, published = NULL, updated = NULL, retracted = ? WHERE name = ?";
        let mut writer = self.writer().await?;
        let mut whole = sqlx::Connection::begin(&mut *writer).await?;
        sqlx::query(ROW).bind(column(at)).bind(name).execute(&mut *whole).await?;
        sqlx::query("DELETE FROM provider_evidence WHERE provider = ?")
            .bind(name)
            .execute(&mut *whole)
            .await?;
        sqlx::query("DELETE FROM provider_measures WHERE provider = ?")
            .bind(name)
            .execute(&mut *whole)
            .await?;
        for said in said {
            said::insert(&mut whole, name, said).await?;
        }
        whole.commit().await?;
        Ok(())
    }

    /// Notes that the self-check was red on a day of UTC.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn note_red_day(&self, day: &str) -> Result<(), ArchiveError> {
        let mut writer = self.writer().await?;
        sqlx::query("INSERT OR IGNORE INTO red_days (day) VALUES (?)")
            .bind(day)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// The days of UTC on which the self-check was red, the newest first, as many as a row may ask for.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn red_days(&self) -> Result<Vec<String>, ArchiveError> {
        let mut reader = self.reader().await?;
        let days: Vec<(String,)> = sqlx::query_as("SELECT day FROM red_days ORDER BY day DESC LIMIT 1000")
            .fetch_all(&mut *reader)
            .await?;
        Ok(days.into_iter().map(|(day,)| day).collect())
    }

    /// Writes the statistics anew.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn put_statistics(&self, document: &str, at: Timestamp) -> Result<(), ArchiveError> {
        const PUT: &str = "INSERT OR REPLACE INTO statistics (one, at, document) VALUES (1, ?, ?)";
        let mut writer = self.writer().await?;
        sqlx::query(PUT).bind(column(at)).bind(document).execute(&mut *writer).await?;
        Ok(())
    }

    /// The statistics, and when they were made.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn statistics(&self) -> Result<Option<(Timestamp, String)>, ArchiveError> {
        let mut reader = self.reader().await?;
        let found: Option<(i64, String)> =
            sqlx::query_as("SELECT at, document FROM statistics").fetch_optional(&mut *reader).await?;
        Ok(found.map(|(at, document)| (instant(at), document)))
    }
}
