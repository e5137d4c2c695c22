//! What the ruled cases of a trial show: how each came out, what that is worth, and which traits of the sender it tells.

mod finding;
mod outcome;
mod progress;

use std::collections::BTreeSet;

use crate::sending::history::{Ending, History};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::Pace;

pub use finding::{CaseFinding, CaseOutcome, CaseWhy, CasesVerdict, TraitFinding};
pub(super) use progress::cases_progress;
pub use progress::{ended_cases, taken_cases};

/// The ruled cases that a trial is of: those that its mail names in its envelope or its header section, those whose names
/// with its label were met, and those that it was begun for.
pub fn cases_of(catalogue: &Catalogue, history: &History) -> Vec<CaseId> {
    let mut cases: BTreeSet<CaseId> = history.labels.keys().cloned().collect();
    for (_, _, received) in history.transactions() {
        let addressed = match &received.ending {
            Ending::Complete(message) => message.addressed.as_slice(),
            Ending::Aborted | Ending::Refused { .. } => &[],
        };
        cases.extend(received.recipients.iter().chain(addressed).map(|recipient| recipient.case.clone()));
    }
    catalogue.ruled_cases().map(|case| case.id.clone()).filter(|case| cases.contains(case)).collect()
}

/// What the ruled cases of a history show. Pure: the same journal always gives the same verdict.
pub fn judge_cases(catalogue: &Catalogue, _pace: &Pace, history: &History) -> CasesVerdict {
    let cases = cases_of(catalogue, history);
    let cases = cases.iter().filter_map(|id| catalogue.ruled_case(id));
    let findings = cases.map(|case| outcome::finding(catalogue, history, case)).collect();
    CasesVerdict { findings, ..CasesVerdict::default() }
}
