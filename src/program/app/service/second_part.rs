//! The second part of a trial: names of the first cases for whoever answers a verdict.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::program::reply::{SecondPart, SecondParts};
use crate::sending::history::NotRecorded;
use crate::sending::persona::{Addresses, Catalogue, RuledCase, Suite};
use crate::sending::trial::TrialId;
use crate::sending::trials::{Issuer, Trials, Wanted};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use super::Assembly;

/// Gives out the names of second parts.
pub(super) struct LabelsOfSecondParts {
    catalogue: Arc<Catalogue>,
    addresses: Addresses,
    trials: Arc<Trials>,
    issuer: Issuer,
    /// With what labels follow from trials.
    secret: [u8; 32],
}

impl Assembly {
    /// Whoever gives out the names of second parts.
    pub(super) fn second_parts(&self) -> LabelsOfSecondParts {
        LabelsOfSecondParts {
            catalogue: Arc::clone(&self.catalogue),
            addresses: self.settings.addresses.clone(),
            trials: Arc::clone(&self.trials),
            issuer: self.issuer(),
            secret: self.secret,
        }
    }
}

impl LabelsOfSecondParts {
    /// The cases of the suite `first` that are offered here.
    fn cases(&self) -> impl Iterator<Item = &RuledCase> {
        self.catalogue.suite(Suite::First).filter(|case| self.addresses.offers(case))
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
        let labels = self.issuer.issue(now, &wanted).await?;
        let address =
            |case: &RuledCase| self.catalogue.ruled_address(case, labels.get(&case.id), language.tag());
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
