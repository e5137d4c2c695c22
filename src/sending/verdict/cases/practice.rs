//! What is proved to be practised, and so makes a fault of what would be no practice at all.

use std::collections::BTreeSet;

use crate::sending::persona::{CaseId, Family, RuledCase, Standing};
use crate::sending::verdict::model::ruled::{CaseEnd, CaseModel, TraitValue, Validation};
use crate::sending::verdict::model::{Dane, Precedence, SenderModel};

use super::finding::{CaseFinding, CaseWhy};
use super::fits::{Explained, Observed};

/// The cases that prove each practice: only a sender that has it does what was seen there.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    dane: Vec<CaseId>,
    mta_sts: Vec<CaseId>,
    dnssec: Vec<CaseId>,
}

impl Proofs {
    pub(super) fn of(observed: &[Observed<'_>], explained: &[Explained]) -> Self {
        let is_plain = |n: &usize| observed[*n].case.family == Family::Plain;
        let plain: Vec<usize> = (0..observed.len()).filter(is_plain).collect();
        // Who refuses what nothing forbids is not shown to obey anything.
        let explains = |one: &&Explained| plain.iter().all(|n| !one.cases[*n].is_empty());
        let possible: Vec<&Explained> = explained.iter().filter(explains).collect();
        let mut proofs = Self::default();
        for (n, one) in observed.iter().enumerate() {
            let kept = matches!(one.end, CaseEnd::Turned | CaseEnd::Held);
            let fitting: Vec<_> = possible.iter().filter(|model| !model.cases[n].is_empty()).collect();
            if !kept || plain.contains(&n) || fitting.is_empty() {
                continue;
            }
            let id = || one.case.id.clone();
            if fitting.iter().all(|model| model.base.dane != Dane::Off) {
                proofs.dane.push(id());
            }
            if fitting.iter().all(|model| model.base.mta_sts) {
                proofs.mta_sts.push(id());
            }
            let not = Some(TraitValue::Validation(Validation::No));
            if one.case.is_bogus() && fitting.iter().all(|model| !model.cases[n].contains(&not)) {
                proofs.dnssec.push(id());
            }
        }
        proofs
    }

    /// The cases that prove what `case` is about, by which `end` would be none of its outcomes.
    fn against(&self, case: &RuledCase, end: CaseEnd) -> Vec<CaseId> {
        let keeps = |base| !CaseModel::usual(base).ends(case).contains(&end);
        let bogus = case.is_bogus();
        let mut by = Vec::new();
        if keeps(SenderModel::DANE) {
            by.extend(&self.dane);
        }
        if keeps(SenderModel::MTA_STS) && case.has_policy() {
            by.extend(&self.mta_sts);
        }
        // Who uses no DANE asks for no TLSA records, and so for none that are bogus.
        let asks = case.zone.is_bogus() || !self.dane.is_empty();
        if bogus && asks {
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

/// The cases at which a sender that breaks nothing may have done what was seen: who demands more of every host refuses, too,
/// what no policy forbids. A model explains it as usual there, and all other cases somehow.
pub(super) fn excused(observed: &[Observed<'_>], explained: &[Explained]) -> BTreeSet<CaseId> {
    // Whose usual way is itself a fault (RFC 8461 §2) excuses nothing.
    let is_sound = |one: &&Explained| one.base.precedence != Precedence::MtaStsOverrides;
    let remaining =
        explained.iter().filter(is_sound).filter(|one| one.cases.iter().all(|case| !case.is_empty()));
    let remaining: Vec<&Explained> = remaining.collect();
    let kept =
        observed.iter().enumerate().filter(|(_, one)| matches!(one.end, CaseEnd::Turned | CaseEnd::Held));
    let excused = kept.filter(|(n, _)| remaining.iter().any(|model| model.cases[*n].contains(&None)));
    excused.map(|(_, one)| one.case.id.clone()).collect()
}
