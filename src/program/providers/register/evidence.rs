//! What is known of a provider.

use crate::program::archive::{EvidenceRecord, NewEvidence};
use crate::receiving::grades::{OWN, Receiving};
use crate::receiving::report;
use crate::shared::text::Language;
use crate::shared::time::{Timestamp, before};

use super::super::exhibit::{DOCUMENT_OCTETS_MAX, Document, Exhibit};
use super::super::provider::ProviderName;
use super::super::row::{Counting, Row, Rules};
use super::{Register, RegisterError};

/// Whether evidence was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    /// It was there already.
    Known,
}

/// Which evidence a row is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// All that is kept.
    All,
    /// What is public.
    Public,
}

impl Register {
    /// Keeps evidence of a provider. `sources`: digests of the addresses that a trial's mail came from. It is public at
    /// once where the provider's row is and `is_public` says so; else with the next [`Register::publish`].
    ///
    /// # Errors
    ///
    /// If it is larger than is kept, or the archive does not answer.
    pub async fn add(
        &self,
        name: &ProviderName,
        document: &Document,
        sources: &[String],
        is_public: bool,
    ) -> Result<Added, RegisterError> {
        let text = serde_json::to_string(document).map_err(RegisterError::Unwritable)?;
        if text.len() > DOCUMENT_OCTETS_MAX {
            return Err(RegisterError::TooLarge(name.clone()));
        }
        let [en, de] = pages(document);
        let new = NewEvidence {
            provider: name.as_str(),
            key: &document.key(),
            at: document.at(),
            sources: &sources.join(" "),
            document: &text,
            pages: [&en, &de],
            published: is_public,
        };
        Ok(if self.archive.add_evidence(new).await? { Added::New } else { Added::Known })
    }

    /// The keys of all evidence that is kept of a provider.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn known(&self, name: &ProviderName) -> Result<Vec<String>, RegisterError> {
        Ok(self.archive.evidence_keys(name.as_str()).await?)
    }

    /// Notes that something was wrong with this service on a day of UTC.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn red_day(&self, day: &str) -> Result<(), RegisterError> {
        Ok(self.archive.note_red_day(day).await?)
    }

    /// The row that all evidence of a provider makes at `now`, whether it is public or not.
    ///
    /// # Errors
    ///
    /// If there is no such provider, evidence cannot be read, or the archive does not answer.
    pub async fn row(&self, name: &ProviderName, now: Timestamp) -> Result<Row, RegisterError> {
        self.row_of(name, Known::All, now).await
    }

    /// The row that some of the evidence makes.
    pub(super) async fn row_of(
        &self,
        name: &ProviderName,
        known: Known,
        now: Timestamp,
    ) -> Result<Row, RegisterError> {
        let provider = self.provider(name).await?;
        let exhibits = self.exhibits(name, known).await?;
        let red_days = self.archive.red_days().await?;
        let rules = Rules { catalogue: &self.catalogue, settings: &self.settings(), red_days: &red_days };
        Ok(Row::of(rules, &provider, &exhibits, now))
    }

    async fn exhibits(&self, name: &ProviderName, known: Known) -> Result<Vec<Exhibit>, RegisterError> {
        let records = self.archive.evidence(name.as_str()).await?;
        let wanted = records.iter().filter(|record| known == Known::All || record.published);
        wanted.map(|record| exhibit(name, record)).collect()
    }

    /// Notes for the hall of fame what each check of a row was worth; those that do not count are forgotten.
    pub(super) async fn measure(&self, name: &ProviderName, row: &Row) -> Result<(), RegisterError> {
        for check in &row.checks {
            match check.counting {
                // What grew old did count in its time.
                Counting::Counts | Counting::TooOld => {
                    let worth = check.measure.worth.name();
                    self.archive.put_measure(name.as_str(), &check.domain, check.at, worth).await?;
                }
                Counting::RedDay | Counting::SetAside | Counting::NotOver => {
                    self.archive.drop_measure(name.as_str(), &check.domain, check.at).await?;
                }
            }
        }
        Ok(())
    }

    /// Deletes evidence that nobody published and that is too old to count.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn drop_unpublished(&self, now: Timestamp) -> Result<u64, RegisterError> {
        Ok(self.archive.drop_unpublished(before(now, self.settings().evidence_s())).await?)
    }
}

fn exhibit(name: &ProviderName, record: &EvidenceRecord) -> Result<Exhibit, RegisterError> {
    let unreadable = |source| RegisterError::Unreadable { name: name.to_string(), source };
    Ok(Exhibit {
        number: record.number,
        document: serde_json::from_str(&record.document).map_err(unreadable)?,
        sources: record.sources.split_whitespace().map(str::to_owned).collect(),
        set_aside: record.set_aside,
    })
}

/// The report of a check as HTML, in both languages; nothing of a trial, which rows show.
fn pages(document: &Document) -> [String; 2] {
    let Document::Check(evidence) = document else { return [const { String::new() }; 2] };
    let receiving = Receiving::of(evidence, evidence.to);
    [Language::En, Language::De]
        .map(|language| report::page(&receiving, OWN, language, evidence.to).fragment())
}
