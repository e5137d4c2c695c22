//! The findings that are no trait of a model: what a sender does after a failure, and at the sound server.

use super::examination::{Examination, Weight, attempts};
use super::finding::{Finding, FindingResult, Mechanism, Reason};
use super::sighting::{Deed, Sighting};
use super::traits::{seqs, shown};

/// How often the sound server must be refused, in attempts of its own, before that is told: one may be an accident.
const SOUND_REFUSALS_MIN: usize = 2;

/// What a sender does on retry, of which the sightings of these weights are signs.
pub(super) fn about_retry(
    examination: &Examination<'_>,
    mechanism: Mechanism,
    weights: &[Weight],
) -> Finding {
    let seen: Vec<_> = weights.iter().flat_map(|weight| examination.weighing(*weight)).collect();
    if !seen.is_empty() {
        return told(examination, mechanism, FindingResult::Practised, &seen);
    }
    let failures: Vec<_> = examination
        .sightings
        .iter()
        .filter(|sighting| match sighting.deed {
            _ if sighting.kin => false,
            Deed::Refused { .. } => true,
            // Where TLS failed otherwise, nothing was refused that a retry might take.
            Deed::TlsFailed { .. } => mechanism == Mechanism::FallsBackToClearText,
            _ => false,
        })
        .collect();
    if failures.iter().any(|failure| tried_again(examination, failure)) {
        return told(examination, mechanism, FindingResult::NotPractised, &failures);
    }
    unseen(mechanism, Reason::NoOccasion)
}

/// Whether the sound server was refused, too.
pub(super) fn about_sound_server(examination: &Examination<'_>) -> Finding {
    let mechanism = Mechanism::RefusesSoundServer;
    let refused: Vec<_> = examination.weighing(Weight::Sound).collect();
    if refuses_sound_server(examination) {
        return told(examination, mechanism, FindingResult::Practised, &refused);
    }
    let sound = |sighting: &&Sighting| {
        let persona = sighting.persona.as_ref().and_then(|persona| examination.catalogue.persona(persona));
        matches!(sighting.deed, Deed::Delivered { .. }) && persona.is_some_and(|persona| persona.is_sound())
    };
    let delivered: Vec<_> = examination.sightings.iter().filter(sound).collect();
    if !delivered.is_empty() && refused.is_empty() {
        return told(examination, mechanism, FindingResult::NotPractised, &delivered);
    }
    unseen(mechanism, Reason::NoOccasion)
}

/// Whether the sound server was refused often enough to tell. Where a mail of the same case came in TLS all the same,
/// its CA is not what keeps it away.
pub(super) fn refuses_sound_server(examination: &Examination<'_>) -> bool {
    let refused = examination.weighing(Weight::Sound);
    attempts(refused.map(|sighting| sighting.at), examination.pace.attempt_gap_s) >= SOUND_REFUSALS_MIN
}

fn told(
    examination: &Examination<'_>,
    mechanism: Mechanism,
    result: FindingResult,
    sightings: &[&Sighting],
) -> Finding {
    let (reason, evidence) = (shown(examination, sightings), seqs(sightings));
    Finding { mechanism, result, reason, evidence }
}

fn unseen(mechanism: Mechanism, reason: Reason) -> Finding {
    Finding { mechanism, result: FindingResult::Inconclusive, reason, evidence: Vec::new() }
}

/// Whether what failed was tried again where STARTTLS was offered: then the sender had its chance to be laxer.
pub(super) fn tried_again(examination: &Examination<'_>, failure: &Sighting) -> bool {
    later_at_the_same(examination, failure).next().is_some()
}

/// Later sightings, where STARTTLS was offered, at what failed.
pub(super) fn later_at_the_same<'a>(
    examination: &'a Examination<'_>,
    failure: &'a Sighting,
) -> impl Iterator<Item = &'a Sighting> {
    examination.sightings.iter().filter(move |later| {
        !later.kin
            && later.seqs[0] > failure.seqs[0]
            && later.source.tie(&failure.source).is_some()
            && later.way.starttls
            && later.persona == failure.persona
    })
}
