//! The verdict: what remains, mechanism by mechanism.

use std::net::IpAddr;

use crate::sending::history::{History, Seq, TrialEnd};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::Pace;

use super::candidate_test::{CandidateTest, Weight};
use super::event::Event;
use super::finding::{Apart, Finding, FindingResult, Judgement, Mechanism, Reason, Verdict};
use super::mechanism::on_trait;
use super::meeting::is_bare;
use super::model::reading::Reading;
use super::retry::{about_retry, about_sound_server};
use super::term::Term;

/// What a history shows of its sender. Pure: the same journal always gives the same verdict.
pub fn judge(catalogue: &Catalogue, pace: &Pace, history: &History) -> Verdict {
    if history.ended.as_ref().is_some_and(|ended| ended.what == TrialEnd::Unjudged) {
        return unjudged();
    }
    let test = CandidateTest::new(catalogue, pace, history);
    let mut overall = judgement(&test);
    let apart = if test.remaining.is_empty() { apart(&test) } else { Vec::new() };
    if !apart.is_empty() {
        overall.findings = overall.findings.iter().map(|finding| of_all(finding, &apart)).collect();
    }
    Verdict { overall, apart }
}

/// The verdict on a trial at which the judge failed: nothing is ruled out, and nothing is shown.
fn unjudged() -> Verdict {
    let finding = |mechanism| Finding {
        mechanism,
        result: FindingResult::Inconclusive,
        reason: Reason::NotJudged,
        evidence: Vec::new(),
    };
    let overall = Judgement {
        candidates: Term::ALL.to_vec(),
        per_destination: Vec::new(),
        findings: Mechanism::ALL.map(finding).to_vec(),
        contradiction: None,
    };
    Verdict { overall, apart: Vec::new() }
}

/// What nodes that differ have in common: a finding that each of them shows, and no average of others. What harms a mail
/// is a fact also where one node does it.
fn of_all(finding: &Finding, apart: &[Apart]) -> Finding {
    let mechanism = finding.mechanism;
    let each: Vec<_> = apart.iter().filter_map(|apart| apart.judgement.finding(mechanism)).collect();
    let mut evidence: Vec<Seq> = each.iter().flat_map(|finding| finding.evidence.iter().copied()).collect();
    evidence.sort();
    evidence.dedup();
    let harms = matches!(
        mechanism,
        Mechanism::ClearTextEt
            | Mechanism::ClearTextUt
            | Mechanism::LaxerOnRetry
            | Mechanism::FallsBackToClearText
            | Mechanism::RefusesSoundServer
    );
    if let Some(one) = each.iter().find(|one| harms && one.result == FindingResult::Practised) {
        return (**one).clone();
    }
    match each.split_first() {
        Some((first, others)) if others.iter().all(|other| other.result == first.result) => {
            Finding { evidence, ..(*first).clone() }
        }
        _ => Finding {
            mechanism,
            result: FindingResult::Inconclusive,
            reason: Reason::Contradiction,
            evidence,
        },
    }
}

fn judgement(test: &CandidateTest<'_>) -> Judgement {
    let candidates = terms(test, &test.remaining);
    let findings = Mechanism::ALL.into_iter().map(|mechanism| finding(test, mechanism)).collect();
    let contradiction = if test.remaining.is_empty() { contradiction(test) } else { None };
    let per_destination = per_destination(test);
    Judgement { candidates, per_destination, findings, contradiction }
}

/// The terms of readings, each once.
pub(super) fn terms(test: &CandidateTest<'_>, readings: &[Reading]) -> Vec<Term> {
    let mut terms: Vec<_> = readings.iter().map(Reading::term).collect();
    // What nothing proves yet may as well be a policy of its own for each destination.
    terms.extend(test.lacks_proof(readings).then_some(Term::PerDestination));
    terms.sort();
    terms.dedup();
    terms
}

/// Where each destination has a policy of its own: the term of it for each case that is determined.
fn per_destination(test: &CandidateTest<'_>) -> Vec<(CaseId, Term)> {
    if test.remaining.iter().any(Reading::is_uniform) {
        return Vec::new();
    }
    let cases = test.catalogue.classic_cases().filter_map(|case| {
        let bare = is_bare(test.catalogue, case);
        let mut terms = test.remaining.iter().map(|reading| Term::of(reading.model(bare)));
        let first = terms.next()?;
        terms.all(|term| term == first).then(|| (case.id.clone(), first))
    });
    cases.collect()
}

fn finding(test: &CandidateTest<'_>, mechanism: Mechanism) -> Finding {
    match mechanism {
        Mechanism::LaxerOnRetry => about_retry(test, mechanism, &[Weight::Lax, Weight::LaxDelivery]),
        Mechanism::FallsBackToClearText => about_retry(test, mechanism, &[Weight::Fallback]),
        Mechanism::RefusesSoundServer => about_sound_server(test),
        _ => on_trait(test, mechanism),
    }
}

/// Sources that disagree, each judged by its own links. Only where there are at least two and each alone makes
/// sense is that the answer.
fn apart(test: &CandidateTest<'_>) -> Vec<Apart> {
    let each = tests_apart(test).into_iter();
    each.map(|(source, alone)| Apart { source, judgement: judgement(&alone) }).collect()
}

/// The tests of sources that disagree, each by its own links.
pub(super) fn tests_apart<'a>(test: &CandidateTest<'a>) -> Vec<(IpAddr, CandidateTest<'a>)> {
    let addresses = test.addresses();
    if addresses.len() < 2 {
        return Vec::new();
    }
    let of = |address| {
        let own = test.events.iter().filter(|event| event.address() == address).cloned().collect();
        let alone = CandidateTest::with(test.catalogue, test.pace, test.history, own);
        (!alone.remaining.is_empty()).then_some((address, alone))
    };
    addresses.into_iter().map(of).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// Two observations that no reading does both of: the first event, in order, that leaves nothing, and the
/// latest earlier one that no reading shares with it. If only more than two together contradict each other, the
/// one before stands for them.
fn contradiction(test: &CandidateTest<'_>) -> Option<(Seq, Seq)> {
    let readings = Reading::all();
    let counting: Vec<_> = test.counting().collect();
    let mut left = readings.clone();
    let last = counting.iter().position(|event| {
        left.retain(|reading| test.fits(reading, event));
        left.is_empty()
    })?;
    let opposes = |earlier: &&&Event| {
        !readings.iter().any(|reading| test.fits(reading, earlier) && test.fits(reading, counting[last]))
    };
    let earlier = counting[..last].iter().rev().find(opposes).or(counting[..last].last())?;
    Some((earlier.seqs[0], counting[last].seqs[0]))
}
