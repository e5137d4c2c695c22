//! Labels for a trial that is to begin.

use std::collections::BTreeMap;

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

impl Labels {
    /// Gives out the labels of a trial that is to begin, one for each case: the free one, or for cases with an MTA-STS policy
    /// one of a pool of so many. A case that is not among them has its permanent name, since the pool is empty. Who asks
    /// again for the same free label gets the same.
    ///
    /// # Errors
    ///
    /// If the journal cannot be written.
    pub async fn issue(
        &self,
        journal: &Journal,
        catalogue: &Catalogue,
        now: Timestamp,
        wanted: &Wanted,
        pool_labels: u32,
    ) -> Result<BTreeMap<CaseId, Label>, NotRecorded> {
        // One after the other, so that none is given out twice.
        let _issuing = self.issuing.lock().await;
        if let Some(issued) = self.book().issued(&wanted.label) {
            return Ok(issued.clone());
        }
        let issued: BTreeMap<CaseId, Label> = {
            let book = self.book();
            let applicant = Applicant { root: &wanted.label, domain: wanted.domain.as_deref() };
            let cases = wanted.cases.iter().filter_map(|id| catalogue.ruled_case(id));
            let label = |case: &CaseId, has_policy: bool| match has_policy {
                true => book.vacant(case, applicant, pool_labels, now),
                false => Some(wanted.label.clone()),
            };
            cases.filter_map(|case| Some((case.id.clone(), label(&case.id, case.has_policy())?))).collect()
        };
        let fact =
            LabelsIssued { label: wanted.label.clone(), labels: issued.clone(), first: wanted.first.clone() };
        journal.commit(now, Fact::LabelsIssued(fact)).await?;
        Ok(issued)
    }
}
