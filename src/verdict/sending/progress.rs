//! What a listener must know back: what to offer, and whether a trial may end.

use crate::history::{History, Offer, Phase, SourceRecord, TrialEnd};
use crate::persona::Catalogue;
use crate::trial::{Pace, Settle, Timestamp, after};

use super::examination::{Examination, Weight};
use super::model::{Dane, SenderModel};
use super::sighting::{Deed, Sighting};
use super::silence::attempts;

/// How far a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its end, if it may end now.
    pub end: Option<TrialEnd>,
    /// When to look again, even if nothing happens until then; none for a trial that may end.
    pub look_again: Option<Timestamp>,
}

/// What to offer to a source that says EHLO in clear at `now`: no STARTTLS in its window, and without SNI the
/// certificate that verifies after it has refused the other one often enough.
pub fn offer(pace: &Pace, record: &SourceRecord, now: Timestamp) -> Offer {
    let in_window = record.reopens || record.window_from.is_none_or(|from| now < after(from, pace.window_s));
    let phase = if record.no_sni_refused >= pace.no_sni_refusals { Phase::B } else { Phase::A };
    Offer { starttls: !in_window, phase }
}

/// Whether a trial may end at `now`: as `settled` when no persona could still tell the remaining models apart,
/// as `expired` when patience is over before.
pub fn progress(catalogue: &Catalogue, pace: &Pace, history: &History, now: Timestamp) -> Progress {
    let deadline = after(history.opened, pace.patience_s);
    let examination = Examination::new(catalogue, pace, history);
    let over = now >= deadline;
    let early = pace.settle == Settle::Early;
    let window_until = history.window_until.unwrap_or(Timestamp::MIN);
    // Mail for a case that nobody named yet (Bcc, a mail to each address) may follow in the same attempt.
    let every_case = catalogue.test_cases().all(|case| examination.addressed(&case.id));
    let last = history.transactions().map(|(_, _, received)| received.began).max();
    let attempt_until = last.filter(|_| !every_case).map(|last| after(last, pace.attempt_gap_s));
    let wait_until = window_until.max(attempt_until.unwrap_or(Timestamp::MIN));
    let waits = now < wait_until;
    if over || (early && !waits) {
        let settled = is_settled(&examination);
        if over || settled {
            let end = if settled { TrialEnd::Settled } else { TrialEnd::Expired };
            return Progress { end: Some(end), look_again: None };
        }
    }
    let look_again = if early && waits { wait_until.min(deadline) } else { deadline };
    Progress { end: None, look_again: Some(look_again) }
}

/// Whether nothing that can still be met would tell the remaining models apart.
fn is_settled(examination: &Examination<'_>) -> bool {
    if examination.remaining.is_empty() {
        return contradiction_is_final(examination);
    }
    // Before any mail came to its dot nobody knows what the trial is about.
    if examination.history.message().is_none() {
        return false;
    }
    if owes_a_refusal(examination) {
        return false;
    }
    let mut rows = examination.remaining.iter().map(|model| examination.signature(model));
    let first = rows.next();
    rows.all(|row| Some(row) == first)
}

/// Whether several addresses together look as if a policy were practised, and none of them refused anything yet:
/// one that always names the host and one that never does would look the same until the first is refused.
fn owes_a_refusal(examination: &Examination<'_>) -> bool {
    let mut addresses: Vec<_> = examination.counting().map(Sighting::address).collect();
    addresses.sort();
    addresses.dedup();
    let practised = |model: &SenderModel| model.dane != Dane::Off || model.mta_sts;
    let refused = |sighting: &&Sighting| matches!(sighting.deed, Deed::Refused { .. });
    addresses.len() > 1
        && examination.remaining.iter().all(practised)
        && !examination.counting().any(|sighting| refused(&sighting))
        && !examination.weighing(Weight::Shared).any(|sighting| refused(&sighting))
}

/// What contradicts itself stays so. It is given three attempts, so that the history shows enough of both sides.
fn contradiction_is_final(examination: &Examination<'_>) -> bool {
    let mail =
        examination.sightings.iter().filter(|sighting| sighting.way.starttls && sighting.deed.is_mail());
    attempts(mail.map(|sighting| sighting.at), examination.pace.attempt_gap_s) >= 3
}
