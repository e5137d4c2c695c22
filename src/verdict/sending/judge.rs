//! The verdict: what remains, mechanism by mechanism.

use crate::history::{History, Seq};
use crate::persona::Catalogue;
use crate::trial::Pace;

use super::examination::{Examination, Weight};
use super::finding::{Apart, Finding, Judgement, Mechanism, Verdict};
use super::model::SenderModel;
use super::sighting::Sighting;
use super::term::Term;
use super::traits::{about_retry, on_trait};

/// What a history shows of its sender. Pure: the same journal always gives the same verdict.
pub fn judge(catalogue: &Catalogue, pace: &Pace, history: &History) -> Verdict {
    let examination = Examination::new(catalogue, pace, history);
    let overall = judgement(&examination);
    let apart = if examination.remaining.is_empty() { apart(&examination) } else { Vec::new() };
    Verdict { overall, apart }
}

fn judgement(examination: &Examination<'_>) -> Judgement {
    let mut candidates: Vec<_> = examination.remaining.iter().map(Term::of).collect();
    candidates.sort();
    candidates.dedup();
    let findings = Mechanism::ALL.into_iter().map(|mechanism| finding(examination, mechanism)).collect();
    let contradiction = if examination.remaining.is_empty() { contradiction(examination) } else { None };
    Judgement { candidates, per_destination: Vec::new(), findings, contradiction }
}

fn finding(examination: &Examination<'_>, mechanism: Mechanism) -> Finding {
    match mechanism {
        Mechanism::LaxerOnRetry => about_retry(examination, mechanism, Weight::Lax),
        Mechanism::FallsBackToClearText => about_retry(examination, mechanism, Weight::Fallback),
        _ => on_trait(examination, mechanism),
    }
}

/// Sources that disagree, each judged by its own links. Only where there are at least two and each alone makes
/// sense is that the answer.
fn apart(examination: &Examination<'_>) -> Vec<Apart> {
    let mut addresses: Vec<_> = examination.sightings.iter().map(Sighting::address).collect();
    addresses.sort();
    addresses.dedup();
    if addresses.len() < 2 {
        return Vec::new();
    }
    let of = |address| {
        let own =
            examination.sightings.iter().filter(|sighting| sighting.address() == address).cloned().collect();
        let alone = Examination::of(examination.catalogue, examination.pace, examination.history, own);
        (!alone.remaining.is_empty()).then(|| Apart { source: address, judgement: judgement(&alone) })
    };
    addresses.into_iter().map(of).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// Two observations that no model does both of: the first sighting, in order, that leaves nothing, and the
/// latest earlier one that no model shares with it. If only more than two together contradict each other, the
/// one before stands for them.
fn contradiction(examination: &Examination<'_>) -> Option<(Seq, Seq)> {
    let models = SenderModel::all();
    let counting: Vec<_> = examination.counting().collect();
    let mut left = models.clone();
    let last = counting.iter().position(|sighting| {
        left.retain(|model| examination.fits(model, sighting));
        left.is_empty()
    })?;
    let opposes = |earlier: &&&Sighting| {
        !models
            .iter()
            .any(|model| examination.fits(model, earlier) && examination.fits(model, counting[last]))
    };
    let earlier = counting[..last].iter().rev().find(opposes).or(counting[..last].last())?;
    Some((earlier.seqs[0], counting[last].seqs[0]))
}
