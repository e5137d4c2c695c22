//! What becomes public, and what is taken back.

use crate::program::archive::Said;
use crate::shared::time::{Timestamp, after};

use super::super::hall::{Standing, standing};
use super::super::provider::ProviderName;
use super::super::row::{Row, Worth};
use super::change::{Cause, Change, ChangeKind, KIND};
use super::describe::{CORRECTION, checked, said};
use super::evidence::Known;
use super::{CHANGES_MAX, Entry, Register, RegisterError};

impl Register {
    /// Makes the row of a provider public, with its evidence. A provider is told `notice_days` before, and again after it
    /// was taken back.
    ///
    /// # Errors
    ///
    /// If it was not told, or not early enough, there is nothing to publish, or the archive does not answer.
    pub async fn publish(&self, name: &ProviderName, now: Timestamp) -> Result<Vec<Change>, RegisterError> {
        let entry = self.entry(name).await?;
        if entry.published.is_none() {
            self.was_told(&entry, now)?;
        }
        let row = self.row(name, now).await?;
        if row.trials.is_empty() && row.checks.is_empty() {
            return Err(RegisterError::Nothing(name.clone()));
        }
        self.write(&entry, &row, Known::All, now).await
    }

    fn was_told(&self, entry: &Entry, now: Timestamp) -> Result<(), RegisterError> {
        let name = entry.provider.name.clone();
        let since = entry.retracted.unwrap_or(Timestamp::MIN);
        let Some(told) = entry.told.iter().copied().filter(|told| *told > since).min() else {
            return Err(RegisterError::NotTold { name });
        };
        let from = after(told, self.settings().notice_s());
        if from > now { Err(RegisterError::ToldTooLate { name, told, from }) } else { Ok(()) }
    }

    /// Computes a public row anew from what is public of it: evidence may have grown old, and rules may have changed. What
    /// the operator has not published is not looked at.
    ///
    /// # Errors
    ///
    /// If there is no such provider, or the archive does not answer.
    pub async fn refresh(&self, name: &ProviderName, now: Timestamp) -> Result<Vec<Change>, RegisterError> {
        let entry = self.entry(name).await?;
        if entry.published.is_none() {
            return Ok(Vec::new());
        }
        let row = self.row_of(name, Known::Public, now).await?;
        self.write(&entry, &row, Known::Public, now).await
    }

    /// Writes a row, and what changed by it.
    async fn write(
        &self,
        entry: &Entry,
        row: &Row,
        known: Known,
        now: Timestamp,
    ) -> Result<Vec<Change>, RegisterError> {
        let name = &entry.provider.name;
        self.measure(name, row).await?;
        let mut kinds = Vec::new();
        match &entry.published {
            None => kinds.push(ChangeKind::Published { colour: row.colour(&self.settings(), now) }),
            Some(known) if !row.says_as(&known.row) => kinds.push(ChangeKind::Row {
                before: known.row.colour(&self.settings(), known.row.computed),
                after: row.colour(&self.settings(), now),
                cause: Cause::of(&known.row, row),
            }),
            Some(_) => {}
        }
        kinds.extend(self.hall_changes(entry, now).await?);
        let said: Vec<Said> = kinds.iter().map(|kind| kind.said(name.as_str(), now)).collect();
        let (written, with_evidence) = (Self::written(row)?, known == Known::All);
        self.archive.publish_provider(name.as_str(), &written, with_evidence, now, &said).await?;
        let change = |kind| Change { number: 0, provider: name.to_string(), at: now, kind };
        Ok(kinds.into_iter().map(change).collect())
    }

    /// Which domains came into the hall of fame since the last look, and which left.
    async fn hall_changes(&self, entry: &Entry, now: Timestamp) -> Result<Vec<ChangeKind>, RegisterError> {
        let name = entry.provider.name.as_str();
        let known: Vec<Change> = self.changes_of(Some(name), CHANGES_MAX).await?;
        let mut kinds = Vec::new();
        for domain in &entry.provider.domains {
            let opted_in = entry.provider.hall_of_fame.contains(domain);
            let stands = opted_in && self.standing(name, domain, now).await?.is_some();
            let stood = known.iter().find_map(|change| match &change.kind {
                ChangeKind::HallEntered { domain: entered } if entered == domain => Some(true),
                ChangeKind::HallLeft { domain: left } if left == domain => Some(false),
                ChangeKind::Retracted { .. } => Some(false),
                _ => None,
            });
            match (stood.unwrap_or(false), stands) {
                (false, true) => kinds.push(ChangeKind::HallEntered { domain: domain.clone() }),
                (true, false) => kinds.push(ChangeKind::HallLeft { domain: domain.clone() }),
                _ => {}
            }
        }
        Ok(kinds)
    }

    /// How a domain stands in the hall of fame.
    pub(super) async fn standing(
        &self,
        name: &str,
        domain: &str,
        now: Timestamp,
    ) -> Result<Option<Standing>, RegisterError> {
        let measures = self.archive.measures(name, domain).await?;
        let checks: Vec<(Timestamp, Worth)> =
            measures.iter().filter_map(|(at, worth)| Some((*at, Worth::of_name(worth)?))).collect();
        Ok(standing(&self.settings(), &checks, now))
    }

    /// Takes back what is public of a provider, and deletes its evidence. Why stays listed.
    ///
    /// # Errors
    ///
    /// If it is not public, the reason is too long, or the archive does not answer.
    pub async fn retract(
        &self,
        name: &ProviderName,
        reason: String,
        now: Timestamp,
    ) -> Result<(), RegisterError> {
        let entry = self.entry(name).await?;
        if entry.published.is_none() {
            return Err(RegisterError::NotPublic(name.clone()));
        }
        let reason = checked(reason)?;
        let change = ChangeKind::Retracted { reason: reason.clone() }.said(name.as_str(), now);
        let said = [said(name, CORRECTION, now, reason), change];
        Ok(self.archive.retract_provider(name.as_str(), now, &said).await?)
    }

    /// Corrects what is public: with a reason, which stays listed, and setting evidence aside where some is named.
    ///
    /// # Errors
    ///
    /// If it is not public, there is no such evidence, the reason is too long, or the archive does not answer.
    pub async fn correct(
        &self,
        name: &ProviderName,
        reason: String,
        aside: &[i64],
        now: Timestamp,
    ) -> Result<Vec<Change>, RegisterError> {
        let entry = self.entry(name).await?;
        let Some(published) = &entry.published else { return Err(RegisterError::NotPublic(name.clone())) };
        let reason = checked(reason)?;
        let numbers = published.row.trials.iter().map(|trial| trial.exhibit);
        let numbers: Vec<i64> =
            numbers.chain(published.row.checks.iter().map(|check| check.exhibit)).collect();
        if let Some(number) = aside.iter().find(|number| !numbers.contains(number)) {
            return Err(RegisterError::NoEvidence { name: name.clone(), number: *number });
        }
        for number in aside {
            self.archive.set_evidence_aside(name.as_str(), *number).await?;
        }
        self.archive.say_of_provider(&said(name, CORRECTION, now, reason.clone())).await?;
        let kind = ChangeKind::Corrected { reason };
        self.archive.say_of_provider(&kind.said(name.as_str(), now)).await?;
        let mut changes = vec![Change { number: 0, provider: name.to_string(), at: now, kind }];
        changes.extend(self.refresh(name, now).await?);
        Ok(changes)
    }

    /// The changes of a provider, or of all, the newest first.
    pub(super) async fn changes_of(
        &self,
        name: Option<&str>,
        at_most: usize,
    ) -> Result<Vec<Change>, RegisterError> {
        let said = self.archive.said_of_provider(name, KIND, at_most).await?;
        Ok(said.into_iter().filter_map(Change::of).collect())
    }
}
