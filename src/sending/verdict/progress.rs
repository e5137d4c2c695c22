//! What a listener must know back: what to offer, and whether a trial may end.

use std::collections::BTreeSet;

use crate::sending::history::{History, Offer, Phase, SourceRecord, TrialEnd};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::{Pace, Settle};
use crate::shared::time::{Timestamp, after};

use super::candidate_test::{CandidateTest, Weight, attempts};
use super::cases::{cases_of, cases_progress, ended_cases};
use super::due::Progress;
use super::event::{Action, Event};
use super::finding::Mechanism;
use super::mechanism::telling;
use super::recipients::{addressed, is_classic};
use super::retry::{later_at_the_same, refuses_sound_server};

/// What a trial still waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The time at which STARTTLS is offered again; the end of time while the sender's next EHLO is yet to open the
    /// window once more.
    Window(Timestamp),
    /// Mail for the other test address, which may follow until then.
    OtherAddress(Timestamp),
    /// A mail that comes to its dot.
    Message,
    /// More attempts, since what was seen contradicts itself.
    Attempts,
    /// A refusal at one of these servers, which would prove what all that remains practises.
    Proof(Vec<u8>),
    /// Another attempt at what was refused.
    Retry,
    /// What explains links that fit nothing that remains.
    Explanation,
    /// What the sender does at these servers; none where it takes two together.
    Servers(Vec<u8>),
    /// What becomes of the mail for these ruled cases.
    Cases(Vec<CaseId>),
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

/// Whether a trial may end at `now`: when its mail for the classic suite may, and each of its ruled cases has ended or their
/// time is up. What its mail was not for is not waited for.
pub fn progress(catalogue: &Catalogue, pace: &Pace, history: &History, now: Timestamp) -> Progress {
    let of_cases = cases_progress(catalogue, pace, history, now);
    match of_cases.filter(|_| !is_classic(catalogue, history)) {
        Some(of_cases) => of_cases,
        None => {
            let classic = classic_progress(catalogue, pace, history, now);
            of_cases.map_or(classic, |of_cases| classic.and(of_cases))
        }
    }
}

/// Whether the classic part of a trial may end at `now`: as `settled` when no persona could still tell the remaining readings
/// apart and what they say is proved, as `expired` when patience is over before.
fn classic_progress(catalogue: &Catalogue, pace: &Pace, history: &History, now: Timestamp) -> Progress {
    let Waits { deadline, window_until, attempt_until } = Waits::of(catalogue, pace, history);
    let over = now >= deadline;
    let early = pace.settle == Settle::Early;
    let wait_until = window_until.max(attempt_until).unwrap_or(Timestamp::MIN);
    let waits = now < wait_until;
    if over || (early && !waits) {
        let settled = is_settled(&CandidateTest::new(catalogue, pace, history));
        if over || settled {
            let end = if settled { TrialEnd::Settled } else { TrialEnd::Expired };
            return Progress { end: Some(end), look_again: None };
        }
    }
    let look_again = if early && waits { wait_until.min(deadline) } else { deadline };
    Progress { end: None, look_again: Some(look_again) }
}

/// The times that a trial waits for.
struct Waits {
    /// When patience ends.
    deadline: Timestamp,
    /// When STARTTLS is offered again.
    window_until: Option<Timestamp>,
    /// Until when mail for a case that nobody named yet (Bcc, a mail to each address) may follow in the same attempt.
    attempt_until: Option<Timestamp>,
}

impl Waits {
    fn of(catalogue: &Catalogue, pace: &Pace, history: &History) -> Self {
        let every_case = catalogue.classic_cases().all(|case| addressed(history, &case.id));
        let last = history.transactions().map(|(_, _, received)| received.began).max();
        Self {
            deadline: after(history.opened, pace.patience_s),
            window_until: history.window_until,
            attempt_until: last.filter(|_| !every_case).map(|last| after(last, pace.attempt_gap_s)),
        }
    }
}

/// How many attempts are waited for that would show whether nodes that differ explain each other.
const FURTHER_ATTEMPTS_MAX: usize = 3;

/// How many attempts with a mail are waited for until the sender meets once more what it refused. Half of those that
/// meet one host an attempt do so at the first.
const RETRIES_AWAITED_MAX: usize = 6;

/// Whether nothing that can still be met would tell the remaining readings apart.
fn is_settled(test: &CandidateTest<'_>) -> bool {
    outstanding(test).next().is_none()
}

/// What stands between a trial and its end, beside times; found out one by one, since one is enough to wait.
fn outstanding<'a>(test: &'a CandidateTest<'_>) -> Box<dyn Iterator<Item = Awaited> + 'a> {
    let one = |awaited: Option<Awaited>| Box::new(awaited.into_iter());
    if test.remaining.is_empty() {
        return one((!contradiction_is_final(test)).then_some(Awaited::Attempts));
    }
    // Before any mail came to its dot nobody knows what the trial is about.
    if test.history.message().is_none() {
        return one(Some(Awaited::Message));
    }
    // Who refuses the sound server, too, delivers nowhere that would show what the other refusals are for.
    if refuses_sound_server(test) {
        return one(None);
    }
    let each: [fn(&CandidateTest<'_>) -> Option<Awaited>; 4] = [
        |test| test.lacks_proof(&test.remaining).then(|| Awaited::Proof(unproved(test))),
        |test| owes_a_retry(test).then_some(Awaited::Retry),
        |test| leaves_unexplained(test).then_some(Awaited::Explanation),
        |test| test.can_be_told_apart().then(|| Awaited::Servers(telling_apart(test))),
    ];
    Box::new(each.into_iter().filter_map(move |awaits| awaits(test)))
}

/// The servers whose refusal would prove what all that remains practises.
fn unproved(test: &CandidateTest<'_>) -> Vec<u8> {
    let lacking = [Mechanism::Dane, Mechanism::MtaSts].into_iter().filter(|mechanism| {
        test.all_practise(*mechanism, &test.remaining)
            && test.proof(*mechanism).is_some_and(|proof| proof.is_empty())
    });
    let servers: BTreeSet<u8> = lacking.flat_map(|mechanism| test.provers(mechanism)).collect();
    servers.into_iter().collect()
}

/// The servers at which the readings that remain would act differently.
fn telling_apart(test: &CandidateTest<'_>) -> Vec<u8> {
    let servers: BTreeSet<u8> =
        Mechanism::ALL.into_iter().flat_map(|mechanism| telling(test, mechanism)).collect();
    servers.into_iter().collect()
}

/// What a trial that is open at `now` still waits for, and until when at most.
pub fn awaited(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    now: Timestamp,
) -> Option<(Vec<Awaited>, Timestamp)> {
    if history.ended.is_some() {
        return None;
    }
    let cases = cases_of(catalogue, history);
    let ended = ended_cases(catalogue, pace, history);
    let cases: Vec<_> = cases.into_iter().filter(|case| !ended.contains(case)).collect();
    let of_cases = (!cases.is_empty()).then_some(Awaited::Cases(cases));
    let cases_until = of_cases.is_some().then(|| after(history.opened, pace.case_patience_s));
    if of_cases.is_some() && !is_classic(catalogue, history) {
        return Some((of_cases.into_iter().collect(), cases_until?));
    }
    let waits = Waits::of(catalogue, pace, history);
    let deadline = waits.deadline.max(cases_until.unwrap_or(waits.deadline));
    let window = waits.window_until.filter(|until| now < *until).map(Awaited::Window);
    let attempt = waits.attempt_until.filter(|until| now < *until).map(Awaited::OtherAddress);
    let test = CandidateTest::new(catalogue, pace, history);
    let classic = window.into_iter().chain(attempt).chain(outstanding(&test));
    Some((classic.chain(of_cases).collect(), deadline))
}

/// Whether something was refused, and the sender did not come back in a later attempt to what it had refused: on that
/// retry some deliver after all. A sender that meets one host an attempt may miss it; it is given a few.
fn owes_a_retry(test: &CandidateTest<'_>) -> bool {
    let gap_s = test.pace.attempt_gap_s;
    // The certificate of phase A is not met again once that of phase B is shown.
    let is_met_again = |event: &&Event| event.persona.is_some() || !test.is_in_phase_b();
    let refused =
        |event: &&Event| !event.kin && !event.shared && matches!(event.action, Action::Refused { .. });
    let refusals: Vec<_> = test.events.iter().filter(refused).filter(is_met_again).collect();
    let Some(first) = refusals.first() else { return false };
    let retried =
        |failure: &&Event| later_at_the_same(test, failure).any(|later| later.at > after(failure.at, gap_s));
    let further = test
        .events
        .iter()
        .filter(|later| {
            !later.kin && later.way.starttls && later.action.is_mail() && later.at > after(first.at, gap_s)
        })
        .map(|later| later.at);
    !refusals.iter().any(retried) && attempts(further, gap_s) < RETRIES_AWAITED_MAX
}

/// Whether links that were left or refused fit nothing that remains: another node of the sender may be stricter than
/// the one whose mail came, and has not shown it yet. What may be a stranger's under its name delays, and decides
/// nothing.
fn leaves_unexplained(test: &CandidateTest<'_>) -> bool {
    let unexplained = test
        .weighing(Weight::NoControl)
        .chain(test.weighing(Weight::Kin))
        .any(|event| !test.remaining.iter().any(|reading| test.fits(reading, event)));
    unexplained && !contradiction_is_final(test)
}

/// What contradicts itself stays so. It is given three attempts, so that the history shows enough of both sides.
fn contradiction_is_final(test: &CandidateTest<'_>) -> bool {
    let mail = test.events.iter().filter(|event| event.way.starttls && event.action.is_mail());
    attempts(mail.map(|event| event.at), test.pace.attempt_gap_s) >= FURTHER_ATTEMPTS_MAX
}
