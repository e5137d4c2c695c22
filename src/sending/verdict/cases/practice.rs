//! What is proved to be practised, and so makes a fault of what would be no practice at all.

use crate::sending::persona::{CaseId, Family, LookupFault, RuledCase, Standing, ZoneState};
use crate::sending::verdict::model::ruled::{CaseEnd, CaseModel, TraitValue, Validation};
use crate::sending::verdict::model::{Dane, SenderModel};

use super::bases::{DANE, MTA_STS, bases};
use super::finding::{CaseFinding, CaseWhy};
use super::fits::{Observed, explanations};

/// The cases that prove each practice: only a sender that has it does what was seen there.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    dane: Vec<CaseId>,
    mta_sts: Vec<CaseId>,
    dnssec: Vec<CaseId>,
}

/// Whether a case shows something only by answers that do not validate.
fn is_bogus(case: &RuledCase) -> bool {
    matches!(case.zone, ZoneState::WrongDs | ZoneState::Expired)
        || matches!(case.bad.tlsa_lookup, Some(LookupFault::BogusSignature | LookupFault::BogusDenial))
}

impl Proofs {
    pub(super) fn of(observed: &[Observed<'_>]) -> Self {
        let explains = |base: &SenderModel, one: &Observed<'_>| !explanations(*base, one).is_empty();
        let plain: Vec<_> = observed.iter().filter(|one| one.case.family == Family::Plain).collect();
        // Who refuses what nothing forbids is not shown to obey anything.
        let possible: Vec<SenderModel> =
            bases().into_iter().filter(|base| plain.iter().all(|one| explains(base, one))).collect();
        let mut proofs = Self::default();
        let kept = observed.iter().filter(|one| matches!(one.end, CaseEnd::Turned | CaseEnd::Held));
        for one in kept.filter(|one| one.case.family != Family::Plain) {
            let fitting = possible.iter().map(|base| (base, explanations(*base, one)));
            let fitting: Vec<_> = fitting.filter(|(_, found)| !found.is_empty()).collect();
            let id = || one.case.id.clone();
            if fitting.is_empty() {
                continue;
            }
            if fitting.iter().all(|(base, _)| base.dane != Dane::Off) {
                proofs.dane.push(id());
            }
            if fitting.iter().all(|(base, _)| base.mta_sts) {
                proofs.mta_sts.push(id());
            }
            let not = Some(TraitValue::Validation(Validation::No));
            if is_bogus(one.case) && fitting.iter().all(|(_, found)| !found.contains(&not)) {
                proofs.dnssec.push(id());
            }
        }
        proofs
    }

    /// The cases that prove what `case` is about, by which `end` would be none of its outcomes.
    fn against(&self, case: &RuledCase, end: CaseEnd) -> Vec<CaseId> {
        let keeps = |base| !CaseModel::usual(base).ends(case).contains(&end);
        let bogus = is_bogus(case);
        let mut by = Vec::new();
        if keeps(DANE) {
            by.extend(&self.dane);
        }
        if keeps(MTA_STS) && case.has_policy() {
            by.extend(&self.mta_sts);
        }
        if bogus {
            by.extend(&self.dnssec);
        }
        let mut by: Vec<CaseId> = by.into_iter().filter(|id| **id != case.id).cloned().collect();
        by.sort();
        by.dedup();
        by
    }

    /// Makes a fault of a finding that is against what is practised elsewhere.
    pub(super) fn weigh(&self, case: &RuledCase, finding: &mut CaseFinding) {
        let Some(end) = finding.outcome.end().filter(|_| finding.standing == Some(Standing::NotPractised))
        else {
            return;
        };
        let by = self.against(case, end);
        if !by.is_empty() {
            finding.standing = Some(Standing::Fault);
            finding.why = CaseWhy::PractisedElsewhere(by);
        }
    }
}
