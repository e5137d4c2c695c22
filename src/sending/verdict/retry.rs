//! The findings that are no trait of a model: what a sender does after a failure, and at the sound server.

use super::candidate_test::{CandidateTest, Weight, attempts};
use super::event::{Action, Event};
use super::finding::{Finding, FindingResult, Mechanism, Reason};
use super::mechanism::{seqs, shown};

/// How often the sound server must be refused, in attempts of its own, before that is told: one may be an accident.
const SOUND_REFUSALS_MIN: usize = 2;

/// What a sender does on retry, of which the events of these weights are signs.
pub(super) fn about_retry(test: &CandidateTest<'_>, mechanism: Mechanism, weights: &[Weight]) -> Finding {
    let seen: Vec<_> = weights.iter().flat_map(|weight| test.weighing(*weight)).collect();
    if !seen.is_empty() {
        return told(test, mechanism, FindingResult::Practised, &seen);
    }
    let failed = |event: &&Event| match event.action {
        _ if event.kin => false,
        Action::Refused { .. } => true,
        // Where TLS failed otherwise, nothing was refused that a retry might take.
        Action::TlsFailed { .. } => mechanism == Mechanism::FallsBackToClearText,
        _ => false,
    };
    // What another test may have done is nobody's proof.
    let (shared, failures): (Vec<_>, Vec<_>) =
        test.events.iter().filter(failed).partition(|event| event.shared);
    if failures.iter().any(|failure| tried_again(test, failure)) {
        return told(test, mechanism, FindingResult::NotPractised, &failures);
    }
    let reason =
        if failures.is_empty() && !shared.is_empty() { Reason::SharedSource } else { Reason::NoOccasion };
    unseen(mechanism, reason)
}

/// Whether the sound server was refused, too.
pub(super) fn about_sound_server(test: &CandidateTest<'_>) -> Finding {
    let mechanism = Mechanism::RefusesSoundServer;
    let refused: Vec<_> = test.weighing(Weight::Sound).collect();
    if refuses_sound_server(test) {
        return told(test, mechanism, FindingResult::Practised, &refused);
    }
    let sound = |event: &&Event| {
        let persona = event.persona.as_ref().and_then(|persona| test.catalogue.persona(persona));
        matches!(event.action, Action::Delivered { .. }) && persona.is_some_and(|persona| persona.is_sound())
    };
    let delivered: Vec<_> = test.events.iter().filter(sound).collect();
    if !delivered.is_empty() && refused.is_empty() {
        return told(test, mechanism, FindingResult::NotPractised, &delivered);
    }
    unseen(mechanism, Reason::NoOccasion)
}

/// Whether the sound server was refused often enough to tell. Where a mail of the same case came in TLS all the same,
/// its CA is not what keeps it away.
pub(super) fn refuses_sound_server(test: &CandidateTest<'_>) -> bool {
    let refused = test.weighing(Weight::Sound);
    attempts(refused.map(|event| event.at), test.pace.attempt_gap_s) >= SOUND_REFUSALS_MIN
}

fn told(test: &CandidateTest<'_>, mechanism: Mechanism, result: FindingResult, events: &[&Event]) -> Finding {
    let (reason, evidence) = (shown(test, events), seqs(events));
    Finding { mechanism, result, reason, evidence }
}

fn unseen(mechanism: Mechanism, reason: Reason) -> Finding {
    Finding { mechanism, result: FindingResult::Inconclusive, reason, evidence: Vec::new() }
}

/// Whether what failed was tried again where STARTTLS was offered: then the sender had its chance to be laxer.
pub(super) fn tried_again(test: &CandidateTest<'_>, failure: &Event) -> bool {
    later_at_the_same(test, failure).next().is_some()
}

/// Later events, where STARTTLS was offered, at what failed.
pub(super) fn later_at_the_same<'a>(
    test: &'a CandidateTest<'_>,
    failure: &'a Event,
) -> impl Iterator<Item = &'a Event> {
    test.events.iter().filter(move |later| {
        !later.kin
            && !later.shared
            && later.seqs[0] > failure.seqs[0]
            && later.source.tie(&failure.source).is_some()
            && later.way.starttls
            && later.persona == failure.persona
    })
}
