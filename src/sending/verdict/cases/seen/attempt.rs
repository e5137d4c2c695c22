//! Attempts at a case: what was seen of it, put together by time.

use crate::sending::history::Seq;
use crate::sending::persona::SmtpBehaviour;
use crate::sending::trial::{HostRole, Pace};
use crate::shared::time::{Timestamp, after};

use super::super::finding::CaseOutcome;
use super::{Mail, Seen, Visit};

/// What belongs together by its time: one run of a queue.
#[derive(Clone, Debug, Default)]
pub(in crate::sending::verdict) struct Attempt<'s> {
    pub(in crate::sending::verdict) mails: Vec<&'s Mail>,
    pub(in crate::sending::verdict) visits: Vec<&'s Visit>,
}

impl Attempt<'_> {
    pub(in crate::sending::verdict) fn from(&self) -> Option<Timestamp> {
        let visits = self.visits.iter().map(|visit| visit.at);
        self.mails.iter().map(|mail| mail.at).chain(visits).min()
    }

    /// Whether it counts, where what shows something does so from `known` on.
    pub(in crate::sending::verdict) fn counts(&self, known: Option<Timestamp>) -> bool {
        known.is_none_or(|known| self.from().is_some_and(|from| from >= known))
    }

    /// Mail at the faulty host: the worst of it. Who goes on in a handshake that is at fault by design would have sent it
    /// there.
    pub(in crate::sending::verdict) fn at_bad(&self) -> Option<CaseOutcome> {
        self.each_at_bad().min()
    }

    /// All of it.
    pub(in crate::sending::verdict) fn each_at_bad(&self) -> impl Iterator<Item = CaseOutcome> {
        let at_bad = self.mails.iter().filter(|mail| mail.role == HostRole::Bad);
        let came = at_bad.map(|mail| if mail.tls { CaseOutcome::Delivered } else { CaseOutcome::Clear });
        came.chain(self.went_on().then_some(CaseOutcome::Delivered))
    }

    /// Whether the sender went on in a handshake that is at fault by design.
    pub(in crate::sending::verdict) fn went_on(&self) -> bool {
        self.left_bad().any(|visit| visit.went_on)
    }

    /// Whether mail came at the sound host.
    pub(in crate::sending::verdict) fn at_good(&self) -> bool {
        self.mails.iter().any(|mail| mail.role == HostRole::Good)
    }

    /// Visits to the faulty host that were left without mail.
    fn left_bad(&self) -> impl Iterator<Item = &&Visit> {
        self.visits.iter().filter(|visit| visit.role == HostRole::Bad)
    }

    /// Whether the faulty host was met, and what it showed refused, or may have been.
    pub(in crate::sending::verdict) fn refused(&self) -> bool {
        self.left_bad().any(|visit| visit.refused)
    }

    /// Whether the faulty host was met, and no mail came at it: for certain, or perhaps.
    pub(in crate::sending::verdict) fn met(&self) -> Option<bool> {
        self.left_bad().map(|visit| visit.surely).max()
    }

    /// Whether TLS failed at the faulty host for what we lack.
    pub(in crate::sending::verdict) fn our_limit(&self) -> bool {
        self.left_bad().any(|visit| visit.our_limit)
    }

    pub(in crate::sending::verdict) fn seqs(&self) -> Vec<Seq> {
        let visits = self.left_bad().flat_map(|visit| visit.seqs.iter().copied());
        self.mails.iter().map(|mail| mail.seq).chain(visits).collect()
    }
}

/// The attempts at a case, in order. What came before its second phase, where it has one, is none.
pub(in crate::sending::verdict) fn attempts<'s>(pace: &Pace, seen: &'s Seen<'_>) -> Vec<Attempt<'s>> {
    let second = seen.second_from();
    grouped(pace, seen, |seq| seen.case.then.is_none() || second.is_some_and(|second| seq > second))
}

/// The attempts at a case that wants two mails, until the first of them is acknowledged.
pub(in crate::sending::verdict) fn first_attempts<'s>(pace: &Pace, seen: &'s Seen<'_>) -> Vec<Attempt<'s>> {
    let second = seen.second_from();
    grouped(pace, seen, |seq| second.is_none_or(|second| seq <= second))
}

fn grouped<'s>(pace: &Pace, seen: &'s Seen<'_>, judged: impl Fn(Seq) -> bool) -> Vec<Attempt<'s>> {
    enum Event<'s> {
        Mail(&'s Mail),
        Visit(&'s Visit),
    }
    let mails = seen.mails.iter().filter(|mail| judged(mail.seq)).map(|mail| (mail.at, Event::Mail(mail)));
    let visits = seen.visits.iter().filter(|visit| visit.seqs.first().is_some_and(|seq| judged(*seq)));
    let visits = visits.map(|visit| (visit.at, Event::Visit(visit)));
    let mut events: Vec<_> = mails.chain(visits).collect();
    events.sort_by_key(|(at, _)| *at);
    let mut attempts: Vec<Attempt<'s>> = Vec::new();
    let mut last: Option<Timestamp> = None;
    for (at, event) in events {
        if last.is_none_or(|last| at > after(last, pace.attempt_gap_s)) {
            attempts.push(Attempt::default());
        }
        last = last.max(Some(at));
        let Some(attempt) = attempts.last_mut() else { continue };
        match event {
            Event::Mail(mail) => {
                last = last.max(Some(busy_until(pace, mail.at, mail.left)));
                attempt.mails.push(mail);
            }
            Event::Visit(visit) => attempt.visits.push(visit),
        }
    }
    attempts
}

/// Until when a sender was busy with a mail: while its link lasted, unless it kept that for others. The next host has its turn
/// then. A link that is open yet may last as long as it likes: what is acknowledged now must count when it has ended.
fn busy_until(pace: &Pace, from: Timestamp, left: Option<Timestamp>) -> Timestamp {
    let at_most = after(from, pace.attempt_gap_s);
    left.map_or(at_most, |left| left.clamp(from, at_most))
}

/// Whether an earlier attempt passed the faulty host over, knowing the policy, and a later one used it: its sender may be laxer
/// on retry, or could not reach the host.
pub(in super::super) fn perhaps_laxer(seen: &Seen<'_>, attempts: &[Attempt<'_>]) -> bool {
    let passes =
        |attempt: &Attempt<'_>| is_knowing(seen, attempt) && attempt.at_good() && attempt.at_bad().is_none();
    is_undone(attempts, passes)
}

/// Whether the policy was known in an attempt, if it was fetched at all: what is done before may be stricter, too, where DANE
/// alone decided until then.
fn is_knowing(seen: &Seen<'_>, attempt: &Attempt<'_>) -> bool {
    attempt.counts(seen.fetched.first().map(|(_, at)| *at))
}

/// Whether mail came at the faulty host behind an attempt that was `strict`.
fn is_undone(attempts: &[Attempt<'_>], strict: impl Fn(&Attempt<'_>) -> bool) -> bool {
    let first = attempts.iter().position(strict);
    first.is_some_and(|first| attempts[first..].iter().any(|attempt| attempt.at_bad().is_some()))
}

/// Whether an earlier attempt refused what a later one took. Where other cases share the faulty host's entrance, what was left
/// there without a name says nothing.
pub(in super::super) fn laxer_on_retry(seen: &Seen<'_>, attempts: &[Attempt<'_>], shares: bool) -> bool {
    // Where STARTTLS is withheld for a time, it is we who come to offer more.
    if seen.case.bad.smtp == SmtpBehaviour::Withheld {
        return false;
    }
    let surely = |attempt: &Attempt<'_>| {
        attempt.left_bad().any(|visit| visit.refused && (visit.surely || !shares && attempt.at_good()))
    };
    let strict =
        |attempt: &Attempt<'_>| is_knowing(seen, attempt) && surely(attempt) && attempt.at_bad().is_none();
    is_undone(attempts, strict)
}
