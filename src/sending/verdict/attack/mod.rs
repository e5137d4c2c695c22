//! The attack view: what becomes of a mail if somebody on its way interferes, by what the remaining readings do.
//!
//! Nothing is said that no observation proves: a mail is "not read" only where a refusal, or a link that was left, shows
//! that, and DANE and MTA-STS only by proof of their own. What hangs on more than models know is "not seen".
//!
//! Ruled cases stage each attack: what they show decides a cell, unless other connections show worse.
//!
//! It takes what [`super::judge`] begins with, and each event that counts is held once against all readings.

mod by_cases;
mod cell;
mod fate;
mod view;

use std::collections::BTreeSet;

use crate::sending::history::{History, Seq, TrialEnd};
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;

use super::candidate_test::CandidateTest;
use super::cases::CasesVerdict;
use super::finding::Reason;
use super::judge::tests_apart;

pub use cell::{Attack, AttackCell, Beyond, Exposure, Target, Why};

use by_cases::Staged;
use view::View;

/// What becomes of mail under each attack, row by row.
pub fn attacks(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    cases: &CasesVerdict,
) -> Vec<AttackCell> {
    if history.ended.as_ref().is_some_and(|ended| ended.what == TrialEnd::Unjudged) {
        return each(|attack, target| AttackCell::open(attack, target, Reason::NotJudged));
    }
    let classic = by_models(catalogue, pace, history);
    match Staged::of(catalogue, history, cases) {
        Some(staged) => classic.into_iter().map(|cell| unaddressed(joined(cell, &staged))).collect(),
        None => classic,
    }
}

/// A cell as cases show it, unless other connections of the trial show worse.
fn joined(classic: AttackCell, staged: &Staged<'_>) -> AttackCell {
    match staged.cell(classic.attack, classic.target) {
        Some(by_cases) if by_cases.exposure <= classic.exposure => by_cases,
        _ => classic,
    }
}

/// Where cases were tested, that the classic suite was not addressed is no reason: the cases gave no occasion.
fn unaddressed(cell: AttackCell) -> AttackCell {
    match cell.why {
        Why::Open(Reason::NotAddressed(_)) => AttackCell::open(cell.attack, cell.target, Reason::NoOccasion),
        _ => cell,
    }
}

/// What the readings that remain say.
fn by_models(catalogue: &Catalogue, pace: &Pace, history: &History) -> Vec<AttackCell> {
    let test = CandidateTest::new(catalogue, pace, history);
    let apart = if test.remaining.is_empty() { tests_apart(&test) } else { Vec::new() };
    if apart.is_empty() {
        let view = View::of(&test);
        return each(|attack, target| view.cell(attack, target));
    }
    let views: Vec<View<'_>> = apart.iter().map(|(_, test)| View::of(test)).collect();
    each(|attack, target| worst(views.iter().map(|view| view.cell(attack, target)).collect(), attack, target))
}

fn each(cell: impl Fn(Attack, Target) -> AttackCell) -> Vec<AttackCell> {
    let cell = &cell;
    let row = |attack| Target::ALL.into_iter().map(move |target| cell(attack, target));
    Attack::ALL.into_iter().flat_map(row).collect()
}

/// Of sources that differ: a mail may leave by any, so one that is read is enough, and all must show that it is not.
fn worst(cells: Vec<AttackCell>, attack: Attack, target: Target) -> AttackCell {
    let is_read = |cell: &&AttackCell| matches!(cell.exposure, Exposure::Read | Exposure::ReadUntilKnown);
    if let Some(read) = cells.iter().filter(is_read).min_by_key(|cell| cell.exposure) {
        return read.clone();
    }
    let unseen = cells.iter().find(|cell| cell.exposure == Exposure::NotSeen);
    let evidence: BTreeSet<Seq> = cells.iter().flat_map(|cell| cell.evidence.iter().copied()).collect();
    match unseen.or(cells.first()) {
        Some(cell) if unseen.is_some() => cell.clone(),
        Some(cell) => AttackCell { evidence: evidence.into_iter().collect(), ..cell.clone() },
        None => AttackCell::open(attack, target, Reason::Contradiction),
    }
}
