//! The second part of a trial: names of the first cases for whoever answers a verdict.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::program::reply::{SecondPart, SecondParts};
use crate::sending::history::NotRecorded;
use crate::sending::journal::Journal;
use crate::sending::persona::{Addresses, Catalogue, RuledCase, Suite};
use crate::sending::trial::{Part, TrialId};
use crate::sending::trials::{Trials, Wanted};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

/// Gives out the names of second parts.
pub(super) struct LabelsOfSecondParts {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) addresses: Addresses,
    pub(super) journal: Arc<Journal>,
    pub(super) trials: Arc<Trials>,
    /// With what labels follow from trials.
    pub(super) secret: [u8; 32],
    /// How many names of each case with MTA-STS there are.
    pub(super) pool_labels: u32,
}

impl LabelsOfSecondParts {
    /// The cases of the suite `first` that are offered here.
    fn cases(&self) -> impl Iterator<Item = &RuledCase> {
        let first = self.catalogue.ruled_cases().filter(|case| case.suite == Suite::First);
        first.filter(|case| self.addresses.offers(case))
    }

    async fn issue(
        &self,
        now: Timestamp,
        trial: &TrialId,
        language: Language,
    ) -> Result<Option<SecondPart>, NotRecorded> {
        let cases: Vec<_> = self.cases().map(|case| case.id.clone()).collect();
        if cases.is_empty() {
            return Ok(None);
        }
        let label = trial.second_part(&self.secret);
        let domain = self.trials.sender_domain(trial);
        let wanted = Wanted { label, cases, first: Some(trial.clone()), domain };
        let labels = self
            .trials
            .labels()
            .issue(&self.journal, &self.catalogue, now, &wanted, self.pool_labels)
            .await?;
        let address = |case: &RuledCase| {
            let domain = self.catalogue.ruled_name(case, labels.get(&case.id), Part::Domain);
            format!("{}@{domain}", language.tag())
        };
        let shared = self.cases().any(|case| !labels.contains_key(&case.id));
        Ok(Some(SecondPart { addresses: self.cases().map(address).collect(), shared }))
    }
}

impl SecondParts for LabelsOfSecondParts {
    fn second_part<'a>(
        &'a self,
        now: Timestamp,
        trial: &'a TrialId,
        language: Language,
    ) -> Pin<Box<dyn Future<Output = Result<Option<SecondPart>, NotRecorded>> + Send + 'a>> {
        Box::pin(self.issue(now, trial, language))
    }
}
