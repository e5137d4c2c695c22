//! Labels for a trial that is to begin.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::sending::history::{Fact, LabelsIssued, NotRecorded, Recorder};
use crate::sending::journal::Journal;
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::{Label, TrialId};
use crate::shared::time::Timestamp;

use super::Labels;
use super::book::Applicant;

/// A trial that is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The free label that it is named after.
    pub label: Label,
    /// The cases that it is for; those that are no ruled ones are left out.
    pub cases: Vec<CaseId>,
    /// The trial whose second part it is: then only that one's sender begins it. None: anybody does.
    pub first: Option<TrialId>,
    /// The registrable domain of that one's sender, which has a part of the pool at most.
    pub domain: Option<String>,
}

/// Gives out the labels of trials that are to begin.
#[derive(Clone)]
pub struct Issuer {
    pub labels: Labels,
    pub journal: Arc<Journal>,
    pub catalogue: Arc<Catalogue>,
    /// How many labels of the pool there are for each case with an MTA-STS policy.
    pub pool_labels: u32,
}

impl Issuer {
    /// Gives out the labels of a trial that is to begin, one for each case: the free one, or for cases with an MTA-STS policy
    /// one of the pool. A case that is not among them has its permanent name, since the pool is empty. Who asks again for the
    /// same free label gets the same.
    ///
    /// # Errors
    ///
    /// If the journal cannot be written.
    pub async fn issue(
        &self,
        now: Timestamp,
        wanted: &Wanted,
    ) -> Result<BTreeMap<CaseId, Label>, NotRecorded> {
        // One after the other, so that none is given out twice.
        let _issuing = self.labels.issuing.lock().await;
        match self.issue_next(now, wanted).await {
            // Another node may have given out the same one at the same time; by now that is known.
            Err(_) => self.issue_next(now, wanted).await,
            issued => issued,
        }
    }

    async fn issue_next(
        &self,
        now: Timestamp,
        wanted: &Wanted,
    ) -> Result<BTreeMap<CaseId, Label>, NotRecorded> {
        if let Some(issued) = self.labels.book().issued(&wanted.label) {
            return Ok(issued.clone());
        }
        let issued: BTreeMap<CaseId, Label> = {
            let book = self.labels.book();
            let applicant = Applicant { root: &wanted.label, domain: wanted.domain.as_deref() };
            let cases = wanted.cases.iter().filter_map(|id| self.catalogue.ruled_case(id));
            let label = |case: &CaseId, has_policy: bool| match has_policy {
                true => book.vacant(case, applicant, self.pool_labels, now),
                false => Some(wanted.label.clone()),
            };
            cases.filter_map(|case| Some((case.id.clone(), label(&case.id, case.has_policy())?))).collect()
        };
        let fact =
            LabelsIssued { label: wanted.label.clone(), labels: issued.clone(), first: wanted.first.clone() };
        self.journal.commit(now, Fact::LabelsIssued(fact)).await?;
        Ok(issued)
    }
}
