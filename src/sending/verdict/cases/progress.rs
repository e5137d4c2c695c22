//! How far the ruled cases of a trial are: which have ended, and whose mail may be acknowledged.

use std::collections::BTreeSet;

use crate::sending::history::{History, TrialEnd};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::{Pace, Settle};
use crate::sending::verdict::due::Progress;
use crate::shared::time::{Timestamp, after};

use super::cases_of;
use super::seen::{Attempt, Seen, attempts, first_attempts};

/// In how many attempts mail must come at the sound host, and not at the faulty one, until a case has ended: what turned to
/// the sound host once may be laxer when it tries again.
const TURNED_ATTEMPTS_MIN: usize = 2;

/// The ruled cases of a trial that can teach nothing more.
pub fn ended_cases(catalogue: &Catalogue, pace: &Pace, history: &History) -> BTreeSet<CaseId> {
    each(catalogue, history, |seen| has_ended(pace, seen))
}

/// The ruled cases of a trial whose mail is to be acknowledged: those that can teach nothing more, and those that want a
/// second mail and have seen of the first what it shows.
pub fn taken_cases(catalogue: &Catalogue, pace: &Pace, history: &History) -> BTreeSet<CaseId> {
    each(catalogue, history, |seen| has_ended(pace, seen) || first_is_enough(pace, seen))
}

fn each(catalogue: &Catalogue, history: &History, is: impl Fn(&Seen<'_>) -> bool) -> BTreeSet<CaseId> {
    let all = Seen::all(catalogue, history, &cases_of(catalogue, history));
    all.iter().filter(|seen| is(seen)).map(|seen| seen.case.id.clone()).collect()
}

/// Whether the ruled cases of a trial may end it at `now`; none if it has none. It ends when each of them has, or its time is
/// up. Where nobody knows beforehand which they are, mail for others may follow in the same attempt.
pub(in crate::sending::verdict) fn cases_progress(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    now: Timestamp,
) -> Option<Progress> {
    let cases = cases_of(catalogue, history);
    if cases.is_empty() {
        return None;
    }
    let deadline = after(history.opened, pace.case_patience_s);
    let all_ended = Seen::all(catalogue, history, &cases).iter().all(|seen| has_ended(pace, seen));
    let last = history.transactions().map(|(_, _, received)| received.began).max();
    let others_until = last.filter(|_| history.labels.is_empty()).map(|last| after(last, pace.attempt_gap_s));
    let early = all_ended && pace.settle == Settle::Early;
    let waits_for_others = others_until.filter(|until| now < *until);
    let end = match (now >= deadline, early && waits_for_others.is_none()) {
        (_, true) => Some(TrialEnd::Settled),
        (true, false) => Some(if all_ended { TrialEnd::Settled } else { TrialEnd::Expired }),
        (false, false) => None,
    };
    let look_again = match (end, waits_for_others.filter(|_| early)) {
        (Some(_), _) => None,
        (None, Some(until)) => Some(until.min(deadline)),
        (None, None) => Some(deadline),
    };
    Some(Progress { end, look_again })
}

/// Whether nothing more can be learnt of a case: mail came at the faulty host and counts, so that nothing worse can follow, or
/// it came at the sound one alone, and again.
fn has_ended(pace: &Pace, seen: &Seen<'_>) -> bool {
    if seen.case.then.is_some() {
        let Some(first) = seen.mails.iter().find(|mail| mail.acknowledged) else { return false };
        if !first.labelled {
            // Permanent names do not change after the first mail: there is nothing that a second could show.
            return true;
        }
    }
    let attempts = attempts(pace, seen);
    let known_from = seen.policy_known_from(pace);
    let at_faulty = |attempt: &Attempt<'_>| attempt.at_bad().is_some();
    // Who used the faulty host before it could know the policy has turned only when it knows that, or had time to.
    let used = attempts.iter().any(at_faulty);
    let turned = attempts.iter().filter(|attempt| attempt.at_good() && !at_faulty(attempt));
    turned.filter(|attempt| !used || attempt.counts(known_from)).count() >= TURNED_ATTEMPTS_MIN
        || attempts.iter().any(|attempt| at_faulty(attempt) && attempt.counts(known_from))
}

/// Whether the first of two mails has shown what it can: the policy is known, or is not asked for.
fn first_is_enough(pace: &Pace, seen: &Seen<'_>) -> bool {
    if seen.case.then.is_none() || seen.second_from().is_some() {
        return false;
    }
    let known_from = seen.policy_known_from(pace);
    let with_mail = first_attempts(pace, seen).into_iter().filter(|attempt| !attempt.mails.is_empty());
    let with_mail: Vec<_> = with_mail.collect();
    with_mail.len() >= TURNED_ATTEMPTS_MIN || with_mail.iter().any(|attempt| attempt.counts(known_from))
}
