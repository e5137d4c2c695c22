//! What anybody may see.

use serde::{Deserialize, Serialize};

use crate::program::archive::{EvidencePage, ProviderRecord};
use crate::shared::time::{Timestamp, before};

use super::super::hall::{Standing, sends_well};
use super::super::provider::{Provider, ProviderName};
use super::super::row::Row;
use super::super::statistics::Statistics;
use super::{CHANGES_MAX, Change, Register, RegisterError, described};

/// What is public of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub provider: Provider,
    pub row: Row,
    /// Since when.
    pub since: Timestamp,
    /// When the row was last written.
    pub updated: Timestamp,
}

impl Published {
    /// What is public of a provider; none: nothing.
    pub(super) fn of(record: &ProviderRecord) -> Result<Option<Self>, RegisterError> {
        let (Some(row), Some(since), Some(updated)) = (&record.row, record.published, record.updated) else {
            return Ok(None);
        };
        let unreadable = |source| RegisterError::Unreadable { name: record.name.clone(), source };
        let row = serde_json::from_str(row).map_err(unreadable)?;
        // Whom to write to is between the operator and the provider.
        let provider = Provider { contact: None, ..described(record)? };
        Ok(Some(Self { provider, row, since, updated }))
    }
}

/// A domain in the hall of fame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HallEntry {
    pub provider: ProviderName,
    pub title: String,
    pub domain: String,
    pub standing: Standing,
    /// Whether the provider sends by DANE, too.
    pub both_directions: bool,
}

impl Register {
    /// All that is public, by colour and then by title: no order within a colour says anything.
    ///
    /// # Errors
    ///
    /// If the archive does not answer, or a row cannot be read.
    pub async fn published(&self, now: Timestamp) -> Result<Vec<Published>, RegisterError> {
        let records = self.archive.providers().await?;
        let mut all: Vec<Published> = Vec::new();
        for record in &records {
            all.extend(Published::of(record)?);
        }
        all.sort_by_cached_key(|one| {
            (one.row.colour(&self.settings(), now), one.provider.title.to_lowercase())
        });
        Ok(all)
    }

    /// The hall of fame, by domain.
    ///
    /// # Errors
    ///
    /// If the archive does not answer, or a row cannot be read.
    pub async fn hall(&self, now: Timestamp) -> Result<Vec<HallEntry>, RegisterError> {
        let mut entries = Vec::new();
        for published in self.published(now).await? {
            let both_directions = sends_well(&published.row, &self.settings(), now);
            let Provider { name, title, hall_of_fame, .. } = published.provider;
            for domain in hall_of_fame {
                let Some(standing) = self.standing(name.as_str(), &domain, now).await? else { continue };
                let (provider, title) = (name.clone(), title.clone());
                entries.push(HallEntry { provider, title, domain, standing, both_directions });
            }
        }
        entries.sort_by(|one, other| one.domain.cmp(&other.domain));
        Ok(entries)
    }

    /// What changed of the published part, the newest first.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn changes(&self) -> Result<Vec<Change>, RegisterError> {
        self.changes_of(None, CHANGES_MAX).await
    }

    /// Evidence that is public.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn evidence(
        &self,
        name: &ProviderName,
        number: i64,
    ) -> Result<Option<EvidencePage>, RegisterError> {
        Ok(self.archive.published_evidence(name.as_str(), number).await?)
    }

    /// The published domains that are due to be checked again, each with its provider.
    ///
    /// # Errors
    ///
    /// If the archive does not answer, or a row cannot be read.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<(ProviderName, String)>, RegisterError> {
        let since = before(now, self.settings().recheck_s());
        let mut due = Vec::new();
        for published in self.published(now).await? {
            for domain in &published.provider.domains {
                let checks = published.row.checks.iter().filter(|check| check.domain == *domain);
                if checks.map(|check| check.at).max().is_none_or(|last| last <= since) {
                    due.push((published.provider.name.clone(), domain.clone()));
                }
            }
        }
        Ok(due)
    }

    /// Writes the statistics anew.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn put_statistics(&self, statistics: &Statistics, now: Timestamp) -> Result<(), RegisterError> {
        let document = serde_json::to_string(statistics).map_err(RegisterError::Unwritable)?;
        Ok(self.archive.put_statistics(&document, now).await?)
    }

    /// The statistics, and when they were made.
    ///
    /// # Errors
    ///
    /// If the archive does not answer, or they cannot be read.
    pub async fn statistics(&self) -> Result<Option<(Timestamp, Statistics)>, RegisterError> {
        let Some((at, document)) = self.archive.statistics().await? else { return Ok(None) };
        let unreadable = |source| RegisterError::Unreadable { name: "the statistics".to_owned(), source };
        Ok(Some((at, serde_json::from_str(&document).map_err(unreadable)?)))
    }
}
