//! What the operator and the provider say.

use crate::program::archive::Said;
use crate::shared::time::Timestamp;

use super::super::provider::{Provider, ProviderName, TEXT_CHARS_MAX};
use super::change::ChangeKind;
use super::{Dated, Entry, Published, Register, RegisterError, SAID_MAX, described};

const TOLD: &str = "told";
const REPLY: &str = "reply";
pub(super) const CORRECTION: &str = "correction";

impl Register {
    /// Writes a provider down, or describes one anew.
    ///
    /// # Errors
    ///
    /// If the description cannot be used, or the archive does not answer.
    pub async fn describe(&self, provider: Provider, now: Timestamp) -> Result<(), RegisterError> {
        let provider = provider.checked()?;
        let document = serde_json::to_string(&provider).map_err(RegisterError::Unwritable)?;
        Ok(self.archive.put_provider(provider.name.as_str(), &document, now).await?)
    }

    /// Sets the operator's remark; none takes it away.
    ///
    /// # Errors
    ///
    /// If there is no such provider, the text is too long, or the archive does not answer.
    pub async fn remark(
        &self,
        name: &ProviderName,
        remark: Option<String>,
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let provider = self.provider(name).await?;
        let remark = remark.map(checked).transpose()?;
        self.describe(Provider { remark, ..provider }, now).await
    }

    /// All descriptions, by name.
    ///
    /// # Errors
    ///
    /// If one cannot be read, or the archive does not answer.
    pub async fn providers(&self) -> Result<Vec<Provider>, RegisterError> {
        self.archive.providers().await?.iter().map(described).collect()
    }

    /// A description.
    ///
    /// # Errors
    ///
    /// If there is no such provider, or the archive does not answer.
    pub async fn provider(&self, name: &ProviderName) -> Result<Provider, RegisterError> {
        let record = self.archive.provider(name.as_str()).await?;
        described(&record.ok_or_else(|| RegisterError::NoSuch(name.clone()))?)
    }

    /// All that is kept of a provider.
    ///
    /// # Errors
    ///
    /// If there is no such provider, or the archive does not answer.
    pub async fn entry(&self, name: &ProviderName) -> Result<Entry, RegisterError> {
        let record = self.archive.provider(name.as_str()).await?;
        let record = record.ok_or_else(|| RegisterError::NoSuch(name.clone()))?;
        let told = self.archive.said_of_provider(Some(name.as_str()), TOLD, SAID_MAX).await?;
        Ok(Entry {
            provider: described(&record)?,
            added: record.added,
            published: Published::of(&record)?,
            retracted: record.retracted,
            told: told.iter().map(|said| said.at).collect(),
            replies: self.dated(name, REPLY).await?,
            corrections: self.dated(name, CORRECTION).await?,
        })
    }

    async fn dated(&self, name: &ProviderName, kind: &str) -> Result<Vec<Dated>, RegisterError> {
        let said = self.archive.said_of_provider(Some(name.as_str()), kind, SAID_MAX).await?;
        Ok(said.into_iter().map(|said| Dated { at: said.at, text: said.detail }).collect())
    }

    /// Notes that a provider was told on a day what is to be published.
    ///
    /// # Errors
    ///
    /// If there is no such provider, the day is yet to come, or the archive does not answer.
    pub async fn told(
        &self,
        name: &ProviderName,
        on: Timestamp,
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let provider = self.provider(name).await?;
        if on > now {
            return Err(RegisterError::NotYet);
        }
        let contact = provider.contact.unwrap_or_default();
        Ok(self.archive.say_of_provider(&said(name, TOLD, on, contact)).await?)
    }

    /// Keeps a provider's reply, which stands beside its row.
    ///
    /// # Errors
    ///
    /// If there is no such provider, the text is too long, or the archive does not answer.
    pub async fn reply(
        &self,
        name: &ProviderName,
        text: String,
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let entry = self.entry(name).await?;
        self.archive.say_of_provider(&said(name, REPLY, now, checked(text)?)).await?;
        if entry.published.is_some() {
            let change = ChangeKind::Replied.said(name.as_str(), now);
            self.archive.say_of_provider(&change).await?;
        }
        Ok(())
    }
}

/// A text that somebody wrote, if it is one.
pub(super) fn checked(text: String) -> Result<String, RegisterError> {
    let text = text.trim().to_owned();
    let fits = (1..=TEXT_CHARS_MAX).contains(&text.chars().count());
    fits.then_some(text).ok_or(RegisterError::TextLength)
}

pub(super) fn said(name: &ProviderName, kind: &str, at: Timestamp, detail: String) -> Said {
    Said { number: 0, provider: name.to_string(), kind: kind.to_owned(), at, detail }
}
