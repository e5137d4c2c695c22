//! The evidence of providers.

use crate::shared::time::Timestamp;

use super::super::{Archive, ArchiveError};
use super::{column, instant};

/// How many pieces of evidence are read of one provider, the newest first.
const EVIDENCE_MAX: i64 = 200;

/// Evidence that is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewEvidence<'a> {
    pub provider: &'a str,
    /// What tells it from other evidence of the provider.
    pub key: &'a str,
    pub at: Timestamp,
    /// Digests of source addresses, with spaces between them.
    pub sources: &'a str,
    pub document: &'a str,
    /// A report in HTML, in both languages; empty where there is none.
    pub pages: [&'a str; 2],
    /// Whether it is public at once.
    pub published: bool,
}

/// Evidence as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRecord {
    pub number: i64,
    pub sources: String,
    pub document: String,
    pub published: bool,
    pub set_aside: bool,
}

/// Evidence as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidencePage {
    pub at: Timestamp,
    pub document: String,
    /// The report in HTML, in both languages.
    pub pages: [String; 2],
    pub set_aside: bool,
}

impl Archive {
    /// Keeps evidence, unless it is there; says whether it was new.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn add_evidence(&self, new: NewEvidence<'_>) -> Result<bool, ArchiveError> {
        const ADD: &str = "INSERT OR IGNORE INTO provider_evidence \
            (provider, key, at, sources, document, page_en, page_de, published) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let mut writer = self.writer().await?;
        let [en, de] = new.pages;
        let added = sqlx::query(ADD)
            .bind(new.provider)
            .bind(new.key)
            .bind(column(new.at))
            .bind(new.sources)
            .bind(new.document)
            .bind(en)
            .bind(de)
            .bind(new.published)
            .execute(&mut *writer)
            .await?;
        Ok(added.rows_affected() > 0)
    }

    /// The evidence of a provider, the oldest first.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn evidence(&self, provider: &str) -> Result<Vec<EvidenceRecord>, ArchiveError> {
        const ALL: &str = "SELECT number, sources, document, published, set_aside FROM provider_evidence \
            WHERE provider = ? ORDER BY at DESC, number DESC LIMIT ?";
        let mut reader = self.reader().await?;
        let found: Vec<(i64, String, String, bool, bool)> =
            sqlx::query_as(ALL).bind(provider).bind(EVIDENCE_MAX).fetch_all(&mut *reader).await?;
        let record = |(number, sources, document, published, set_aside)| EvidenceRecord {
            number,
            sources,
            document,
            published,
            set_aside,
        };
        Ok(found.into_iter().rev().map(record).collect())
    }

    /// The keys of all evidence of a provider.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn evidence_keys(&self, provider: &str) -> Result<Vec<String>, ArchiveError> {
        const KEYS: &str = "SELECT key FROM provider_evidence WHERE provider = ?";
        let mut reader = self.reader().await?;
        let found: Vec<(String,)> = sqlx::query_as(KEYS).bind(provider).fetch_all(&mut *reader).await?;
        Ok(found.into_iter().map(|(key,)| key).collect())
    }

    /// Evidence that is public.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn published_evidence(
        &self,
        provider: &str,
        number: i64,
    ) -> Result<Option<EvidencePage>, ArchiveError> {
        const ONE: &str = "SELECT at, document, page_en, page_de, set_aside FROM provider_evidence \
            WHERE provider = ? AND number = ? AND published = 1";
        let mut reader = self.reader().await?;
        let found: Option<(i64, String, String, String, bool)> =
            sqlx::query_as(ONE).bind(provider).bind(number).fetch_optional(&mut *reader).await?;
        Ok(found.map(|(at, document, en, de, set_aside)| EvidencePage {
            at: instant(at),
            document,
            pages: [en, de],
            set_aside,
        }))
    }

    /// Sets evidence aside, which stays to be seen; says whether there is such.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn set_evidence_aside(&self, provider: &str, number: i64) -> Result<bool, ArchiveError> {
        const ASIDE: &str = "UPDATE provider_evidence SET set_aside = 1 WHERE provider = ? AND number = ?";
        let mut writer = self.writer().await?;
        let changed = sqlx::query(ASIDE).bind(provider).bind(number).execute(&mut *writer).await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Notes what a check of a domain was worth, once; a later word on the same check replaces it.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn put_measure(
        &self,
        provider: &str,
        domain: &str,
        at: Timestamp,
        worth: &str,
    ) -> Result<(), ArchiveError> {
        const PUT: &str =
            "INSERT OR REPLACE INTO provider_measures (provider, domain, at, worth) VALUES (?, ?, ?, ?)";
        let mut writer = self.writer().await?;
        let put = sqlx::query(PUT).bind(provider).bind(domain).bind(column(at)).bind(worth);
        put.execute(&mut *writer).await?;
        Ok(())
    }

    /// Forgets what a check was worth: it does not count.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn drop_measure(
        &self,
        provider: &str,
        domain: &str,
        at: Timestamp,
    ) -> Result<(), ArchiveError> {
        const DROP: &str = "DELETE FROM provider_measures WHERE provider = ? AND domain = ? AND at = ?";
        let mut writer = self.writer().await?;
        sqlx::query(DROP).bind(provider).bind(domain).bind(column(at)).execute(&mut *writer).await?;
        Ok(())
    }

    /// What the checks of a domain were worth, the oldest first.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn measures(
        &self,
        provider: &str,
        domain: &str,
    ) -> Result<Vec<(Timestamp, String)>, ArchiveError> {
        const ALL: &str =
            "SELECT at, worth FROM provider_measures WHERE provider = ? AND domain = ? ORDER BY at";
        let mut reader = self.reader().await?;
        let found: Vec<(i64, String)> =
            sqlx::query_as(ALL).bind(provider).bind(domain).fetch_all(&mut *reader).await?;
        Ok(found.into_iter().map(|(at, worth)| (instant(at), worth)).collect())
    }

    /// Deletes evidence that nobody published and that is older than `before`.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn drop_unpublished(&self, before: Timestamp) -> Result<u64, ArchiveError> {
        const DROP: &str = "DELETE FROM provider_evidence WHERE published = 0 AND at < ?";
        let mut writer = self.writer().await?;
        Ok(sqlx::query(DROP).bind(column(before)).execute(&mut *writer).await?.rows_affected())
    }
}
