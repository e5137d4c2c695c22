//! How far the ruled cases of a trial are: which have ended, and whose mail may be acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use crate::sending::history::{Ending, History, Link, Received, Strength, TrialEnd};
use crate::sending::persona::{CaseId, Catalogue, RuledCase};
use crate::sending::trial::{HostRole, Pace, Part, Settle};
use crate::shared::time::{Timestamp, after};

use super::cases_of;
use super::seen::{busy_until, decided};

/// In how many attempts mail must come at the sound host, and not at the faulty one, until a case has ended: what turned to
/// the sound host once may be laxer when it tries again.
const TURNED_ATTEMPTS_MIN: usize = 2;

/// A transaction that came, with its link.
struct Mail<'a> {
    link: &'a Link,
    received: &'a Received,
}

impl Mail<'_> {
    fn decided(&self) -> Timestamp {
        decided(self.link, self.received)
    }

    fn is_complete(&self) -> bool {
        matches!(self.received.ending, Ending::Complete(_))
    }

    fn message_id(&self) -> Option<&str> {
        match &self.received.ending {
            Ending::Complete(message) => message.message_id.as_deref(),
            _ => None,
        }
    }

    fn was_acknowledged(&self) -> bool {
        self.link.answers.contains(&(self.received.number, 250))
    }
}

/// When what was looked up of one case.
#[derive(Default)]
struct LookedUp {
    /// The first question for any of its names.
    first: Option<Timestamp>,
    /// Questions for the record of its MTA-STS policy.
    policy_records: Vec<Timestamp>,
    /// Visits to its policy host, and whether they got the policy.
    policies: Vec<(Timestamp, bool)>,
}

impl LookedUp {
    /// By case, in one look at the history.
    fn all(catalogue: &Catalogue, history: &History) -> BTreeMap<CaseId, Self> {
        let mut all: BTreeMap<CaseId, Self> = BTreeMap::new();
        for query in &history.queries {
            let Some((case, name)) = catalogue.read_name(&query.what.name) else { continue };
            let of_case = all.entry(case.id.clone()).or_default();
            of_case.first = Some(of_case.first.map_or(query.at, |first| first.min(query.at)));
            if query.what.is_for_mta_sts() && name.part == Part::PolicyRecord {
                of_case.policy_records.push(query.at);
            }
        }
        for fetch in &history.fetches {
            let named = catalogue.read_name(fetch.what.sni.as_deref().unwrap_or_default());
            if let Some((case, _)) = named.filter(|(_, name)| name.part == Part::PolicyHost) {
                let of_case = all.entry(case.id.clone()).or_default();
                of_case.policies.push((fetch.at, fetch.what.status == Some(200)));
            }
        }
        all
    }
}

/// What the mail of a trial for one case shows.
struct OfCase<'a> {
    pace: &'a Pace,
    history: &'a History,
    case: &'a RuledCase,
    looked_up: &'a LookedUp,
}

/// When the ruled cases of a trial are through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::verdict) struct CasesDue {
    /// The trial's end, as far as they decide it.
    pub(in crate::sending::verdict) end: Option<TrialEnd>,
    /// When to look again; none where they may end it.
    pub(in crate::sending::verdict) look_again: Option<Timestamp>,
}

/// The ruled cases of a trial that can teach nothing more.
pub fn ended_cases(catalogue: &Catalogue, pace: &Pace, history: &History) -> BTreeSet<CaseId> {
    each(catalogue, pace, history, |of| of.has_ended())
}

/// The ruled cases of a trial whose mail is to be acknowledged: those that can teach nothing more, and those that want a
/// second mail and have seen of the first what it shows.
pub fn taken_cases(catalogue: &Catalogue, pace: &Pace, history: &History) -> BTreeSet<CaseId> {
    each(catalogue, pace, history, |of| of.has_ended() || of.first_is_enough())
}

fn each(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    is: impl Fn(&OfCase<'_>) -> bool,
) -> BTreeSet<CaseId> {
    let cases = cases_of(catalogue, history);
    let cases = cases.iter().filter_map(|id| catalogue.ruled_case(id));
    let (all, nothing) = (LookedUp::all(catalogue, history), LookedUp::default());
    let cases = cases.map(|case| {
        let looked_up = all.get(&case.id).unwrap_or(&nothing);
        OfCase { pace, history, case, looked_up }
    });
    cases.filter(is).map(|of| of.case.id.clone()).collect()
}

/// Whether the ruled cases of a trial may end it at `now`; none if it has none. It ends when each of them has, or its time is
/// up. Where nobody knows beforehand which they are, mail for others may follow in the same attempt.
pub(in crate::sending::verdict) fn cases_progress(
    catalogue: &Catalogue,
    pace: &Pace,
    history: &History,
    now: Timestamp,
) -> Option<CasesDue> {
    let cases = cases_of(catalogue, history);
    if cases.is_empty() {
        return None;
    }
    let deadline = after(history.opened, pace.case_patience_s);
    let ended = ended_cases(catalogue, pace, history);
    let all_ended = cases.iter().all(|case| ended.contains(case));
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
    Some(CasesDue { end, look_again })
}

impl OfCase<'_> {
    /// Whether nothing more can be learnt of it.
    fn has_ended(&self) -> bool {
        if self.case.then.is_none() {
            return self.is_told_by(&self.mails());
        }
        let mails = self.mails();
        let Some(first) = mails.iter().find(|mail| mail.was_acknowledged()) else { return false };
        if first.received.recipients.iter().all(|to| to.case != self.case.id || to.label.is_none()) {
            // Permanent names do not change after the first mail: there is nothing that a second could show.
            return true;
        }
        let (began, first_id) = (first.received.began, first.message_id().map(str::to_owned));
        let mut later = mails;
        later.retain(|mail| mail.received.began > began && mail.message_id() != first_id.as_deref());
        self.is_told_by(&later)
    }

    /// Whether the first of two mails has shown what it can: the policy is known, or is not asked for.
    fn first_is_enough(&self) -> bool {
        let mails = self.mails();
        let complete = || mails.iter().filter(|mail| mail.is_complete());
        self.case.then.is_some()
            && !mails.iter().any(Mail::was_acknowledged)
            && (complete().any(|mail| self.knew_policy(mail.decided()))
                || self.attempts(complete()).len() >= TURNED_ATTEMPTS_MIN)
    }

    /// The mail for the case, by its time.
    fn mails(&self) -> Vec<Mail<'_>> {
        let mut mails: Vec<_> = self
            .history
            .links
            .iter()
            .filter(|attributed| attributed.strength == Strength::Exact)
            .flat_map(|attributed| {
                let link = &*attributed.link;
                link.transactions.iter().map(move |(_, received)| Mail { link, received })
            })
            .filter(|mail| mail.received.recipients.iter().any(|to| to.case == self.case.id))
            .collect();
        mails.sort_by_key(|mail| mail.received.began);
        mails
    }

    fn is_at_faulty_host(&self, mail: &Mail<'_>) -> bool {
        mail.link.entrance == Some(self.case.entrance(HostRole::Bad))
    }

    /// Whether this mail tells all that there is to be told.
    fn is_told_by(&self, mails: &[Mail<'_>]) -> bool {
        // In clear the envelope is enough.
        let came = |mail: &&Mail<'_>| mail.is_complete() || !mail.received.tls;
        let at_faulty = mails.iter().filter(|mail| self.is_at_faulty_host(mail));
        let delivered: Vec<_> = at_faulty.filter(came).collect();
        if self.counts(&delivered) {
            return true;
        }
        let complete = mails.iter().filter(|mail| mail.is_complete());
        let attempts = self.attempts(complete);
        // Who used the faulty host before it could know the policy has turned only when it knows that, or had time to.
        let open_until = delivered.first().filter(|_| self.case.has_policy()).map(|first| self.graced(first));
        let turned = attempts.iter().filter(|(from, until)| {
            open_until.is_none_or(|open_until| *from >= open_until || self.knew_policy(*from))
                && !delivered.iter().any(|mail| (*from..=*until).contains(&mail.received.began))
        });
        turned.count() >= TURNED_ATTEMPTS_MIN
    }

    /// Whether mail that came at the faulty host is the sender's last word: nothing worse can follow. Where there is an MTA-STS policy it is only
    /// if that was known before, or later attempts come there, too (RFC 8461 §5.1).
    fn counts(&self, delivered: &[&Mail<'_>]) -> bool {
        let Some(first) = delivered.first() else { return false };
        if !self.case.has_policy() || delivered.iter().any(|mail| self.knew_policy(mail.decided())) {
            return true;
        }
        let graced = self.graced(first);
        let later = |mail: &&&Mail<'_>| {
            mail.decided() >= graced && mail.decided() > after(first.decided(), self.pace.attempt_gap_s)
        };
        delivered.iter().any(|mail| later(&mail))
    }

    /// From when on a sender whose first mail is `first` has had time to fetch the policy.
    fn graced(&self, first: &Mail<'_>) -> Timestamp {
        let met = self.looked_up.first.map_or(first.decided(), |asked| asked.min(first.decided()));
        after(met, self.pace.sts_grace_s)
    }

    /// Whether the sender had fetched the policy before a time; of a policy that cannot be had, whether it had looked for it.
    fn knew_policy(&self, before: Timestamp) -> bool {
        let is_defective = self.case.mta_sts.as_ref().is_some_and(|policy| policy.defect.is_some());
        let LookedUp { policies, policy_records, .. } = self.looked_up;
        policies.iter().any(|(at, whole)| *at <= before && (*whole || is_defective))
            || is_defective && policy_records.iter().any(|at| *at <= before)
    }

    /// When the first of these mails began and the last was through, in each attempt at delivery.
    fn attempts<'m>(&self, mails: impl Iterator<Item = &'m Mail<'m>>) -> Vec<(Timestamp, Timestamp)> {
        let mut attempts: Vec<(Timestamp, Timestamp)> = Vec::new();
        for mail in mails {
            let at = mail.received.began;
            let left = mail.link.closing.as_ref().map(|closing| closing.at);
            let until = busy_until(self.pace, at, left);
            match attempts.last_mut() {
                Some((_, last)) if at <= after(*last, self.pace.attempt_gap_s) => *last = until.max(*last),
                _ => attempts.push((at, until)),
            }
        }
        attempts
    }
}
