//! What a listener must know back: what to offer, and whether a trial may end.

use crate::sending::history::{History, Offer, Phase, SourceRecord, TrialEnd};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Pace, Settle};
use crate::shared::time::{Timestamp, after};

use super::examination::{Examination, Weight, attempts};
use super::recipients::addressed;
use super::retry::{later_at_the_same, refuses_sound_server};
use super::sighting::{Deed, Sighting};

/// How far a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its end, if it may end now.
    pub end: Option<TrialEnd>,
    /// When to look again, even if nothing happens until then; none for a trial that may end.
    pub look_again: Option<Timestamp>,
}

/// What to offer to a source that says EHLO in clear at `now`: no STARTTLS in its window, and without SNI the
/// certificate that verifies after it has refused the other one often enough, in two attempts at least: what is laxer
/// on retry shows itself at the certificate that it refused.
pub fn offer(pace: &Pace, record: &SourceRecord, now: Timestamp) -> Offer {
    let in_window = record.reopens || record.window_from.is_none_or(|from| now < after(from, pace.window_s));
    let again = record.no_sni_refusals.is_some_and(|(first, last)| last > after(first, pace.attempt_gap_s));
    let often = record.no_sni_refused >= pace.no_sni_refusals;
    let phase = if often && again { Phase::B } else { Phase::A };
    Offer { starttls: !in_window, phase }
}

/// Whether a trial may end at `now`: as `settled` when no persona could still tell the remaining readings apart and
/// what they say is proved, as `expired` when patience is over before.
pub fn progress(catalogue: &Catalogue, pace: &Pace, history: &History, now: Timestamp) -> Progress {
    let deadline = after(history.opened, pace.patience_s);
    let over = now >= deadline;
    let early = pace.settle == Settle::Early;
    let window_until = history.window_until.unwrap_or(Timestamp::MIN);
    // Mail for a case that nobody named yet (Bcc, a mail to each address) may follow in the same attempt.
    let every_case = catalogue.test_cases().all(|case| addressed(history, &case.id));
    let last = history.transactions().map(|(_, _, received)| received.began).max();
    let attempt_until = last.filter(|_| !every_case).map(|last| after(last, pace.attempt_gap_s));
    let wait_until = window_until.max(attempt_until.unwrap_or(Timestamp::MIN));
    let waits = now < wait_until;
    if over || (early && !waits) {
        let settled = is_settled(&Examination::new(catalogue, pace, history));
        if over || settled {
            let end = if settled { TrialEnd::Settled } else { TrialEnd::Expired };
            return Progress { end: Some(end), look_again: None };
        }
    }
    let look_again = if early && waits { wait_until.min(deadline) } else { deadline };
    Progress { end: None, look_again: Some(look_again) }
}

/// How many attempts are waited for that would show whether nodes that differ explain each other.
const FURTHER_ATTEMPTS_MAX: usize = 3;

/// How many attempts with a mail are waited for until the sender meets once more what it refused. Half of those that
/// meet one host an attempt do so at the first.
const RETRIES_AWAITED_MAX: usize = 6;

/// Whether nothing that can still be met would tell the remaining readings apart.
fn is_settled(examination: &Examination<'_>) -> bool {
    if examination.remaining.is_empty() {
        return contradiction_is_final(examination);
    }
    // Before any mail came to its dot nobody knows what the trial is about.
    if examination.history.message().is_none() {
        return false;
    }
    // Who refuses the sound server, too, delivers nowhere that would show what the other refusals are for.
    if refuses_sound_server(examination) {
        return true;
    }
    if examination.lacks_proof() || owes_a_retry(examination) || leaves_unexplained(examination) {
        return false;
    }
    !examination.can_be_told_apart()
}

/// Whether something was refused, and the sender did not come back in a later attempt to what it had refused: on that
/// retry some deliver after all. A sender that meets one host an attempt may miss it; it is given a few.
fn owes_a_retry(examination: &Examination<'_>) -> bool {
    let gap_s = examination.pace.attempt_gap_s;
    // The certificate of phase A is not met again once that of phase B is shown.
    let is_met_again = |sighting: &&Sighting| sighting.persona.is_some() || !examination.is_in_phase_b();
    let refused = |sighting: &&Sighting| !sighting.kin && matches!(sighting.deed, Deed::Refused { .. });
    let refusals: Vec<_> = examination.sightings.iter().filter(refused).filter(is_met_again).collect();
    let Some(first) = refusals.first() else { return false };
    let retried = |failure: &&Sighting| {
        later_at_the_same(examination, failure).any(|later| later.at > after(failure.at, gap_s))
    };
    let further = examination
        .sightings
        .iter()
        .filter(|later| {
            !later.kin && later.way.starttls && later.deed.is_mail() && later.at > after(first.at, gap_s)
        })
        .map(|later| later.at);
    !refusals.iter().any(retried) && attempts(further, gap_s) < RETRIES_AWAITED_MAX
}

/// Whether links that were left or refused fit nothing that remains: another node of the sender may be stricter than
/// the one whose mail came, and has not shown it yet. What may be a stranger's under its name delays, and decides
/// nothing.
fn leaves_unexplained(examination: &Examination<'_>) -> bool {
    let unexplained = examination
        .weighing(Weight::NoControl)
        .chain(examination.weighing(Weight::Kin))
        .any(|sighting| !examination.remaining.iter().any(|reading| examination.fits(reading, sighting)));
    unexplained && !contradiction_is_final(examination)
}

/// What contradicts itself stays so. It is given three attempts, so that the history shows enough of both sides.
fn contradiction_is_final(examination: &Examination<'_>) -> bool {
    let mail =
        examination.sightings.iter().filter(|sighting| sighting.way.starttls && sighting.deed.is_mail());
    attempts(mail.map(|sighting| sighting.at), examination.pace.attempt_gap_s) >= FURTHER_ATTEMPTS_MAX
}
