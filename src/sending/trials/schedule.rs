//! Which trials are to be looked at, and when.

use std::collections::{BTreeSet, HashMap};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::sending::history::Fact;
use crate::sending::trial::TrialId;
use crate::shared::time::Timestamp;

/// How many trials that were open at the start are looked at together: those that new evidence touches do not wait for
/// thousands of them.
const RESUMED_AT_ONCE_MAX: usize = 64;

/// The trials that new evidence touched, and the time at which each open trial wants to be looked at.
#[derive(Default)]
pub(super) struct Schedule {
    state: Mutex<State>,
    touched: Notify,
}

#[derive(Default)]
struct State {
    /// Set when the replay is over: before that, everything touches everything.
    live: bool,
    touched: BTreeSet<TrialId>,
    /// Those that were open at the start, and were not looked at since.
    resumed: BTreeSet<TrialId>,
    due: BTreeSet<(Timestamp, TrialId)>,
    due_of: HashMap<TrialId, Timestamp>,
}

impl State {
    fn set(&mut self, trial: TrialId, at: Timestamp) {
        if let Some(before) = self.due_of.insert(trial.clone(), at) {
            self.due.remove(&(before, trial.clone()));
        }
        self.due.insert((at, trial));
    }

    fn unset(&mut self, trial: &TrialId) {
        if let Some(at) = self.due_of.remove(trial) {
            self.due.remove(&(at, trial.clone()));
        }
    }
}

impl Schedule {
    /// The replay is over: these trials are to be looked at, and from now on those that evidence touches.
    pub(super) fn begin(&self, open: Vec<TrialId>) {
        let mut state = self.state.lock();
        state.live = true;
        state.resumed.extend(open);
        self.touched.notify_one();
    }

    /// Whether the replay is over.
    pub(super) fn is_live(&self) -> bool {
        self.state.lock().live
    }

    /// These trials are to be looked at.
    pub(super) fn touch(&self, trials: &[TrialId]) {
        if !trials.is_empty() {
            self.state.lock().touched.extend(trials.iter().cloned());
            self.touched.notify_one();
        }
    }

    /// Takes out the trials that are touched or due at `now`, and some of those that were open at the start.
    pub(super) fn take(&self, now: Timestamp) -> BTreeSet<TrialId> {
        let mut state = self.state.lock();
        let mut trials = std::mem::take(&mut state.touched);
        while let Some((at, trial)) = state.due.pop_first() {
            if at > now {
                state.due.insert((at, trial));
                break;
            }
            state.due_of.remove(&trial);
            trials.insert(trial);
        }
        for trial in &trials {
            state.resumed.remove(trial);
        }
        trials.extend((0..RESUMED_AT_ONCE_MAX).map_while(|_| state.resumed.pop_first()));
        trials
    }

    /// Sets when a trial is to be looked at again.
    pub(super) fn look_again(&self, trial: TrialId, at: Timestamp) {
        self.state.lock().set(trial, at);
    }

    /// Strikes a trial that has ended.
    pub(super) fn unschedule(&self, trial: &TrialId) {
        let mut state = self.state.lock();
        state.unset(trial);
        state.touched.remove(trial);
        state.resumed.remove(trial);
    }

    /// The earliest time at which a trial wants to be looked at: any, while some were not looked at since the start.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let state = self.state.lock();
        if !state.resumed.is_empty() {
            return Some(Timestamp::MIN);
        }
        state.due.first().map(|(at, _)| *at)
    }

    /// Waits until a trial is touched.
    pub(super) async fn wait_for_touch(&self) {
        self.touched.notified().await;
    }
}

/// Whether a fact may bring a trial to its end. How a link began says nothing yet.
pub(super) fn may_settle(fact: &Fact) -> bool {
    match fact {
        Fact::LinkClosed(_)
        | Fact::Received(_)
        | Fact::Answered { .. }
        | Fact::Queried(_)
        | Fact::PolicyFetched(_)
        | Fact::SelfChecked(_) => true,
        Fact::LinkOpened { .. }
        | Fact::Greeted { .. }
        | Fact::StarttlsAsked { .. }
        | Fact::HelloSeen { .. }
        | Fact::HandshakeEnded { .. }
        | Fact::Irregular { .. }
        | Fact::TrialEnded(_)
        | Fact::QueriesLost(_)
        | Fact::FetchesLost(_)
        | Fact::ContactsLost(_)
        | Fact::Scanned(_)
        | Fact::LabelsIssued(_)
        | Fact::ReportReceived(_)
        | Fact::VerdictHandled(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::trial::LinkId;

    #[test]
    fn those_that_were_open_at_the_start_keep_nobody_waiting() {
        let trial = |nth: u16| TrialId::new(b"secret", LinkId(1), nth);
        let (schedule, now) = (Schedule::default(), Timestamp::UNIX_EPOCH);
        schedule.begin((0..200).map(trial).collect());
        let mut seen = schedule.take(now);
        assert_eq!(seen.len(), RESUMED_AT_ONCE_MAX);
        assert_eq!(schedule.next_due(), Some(Timestamp::MIN), "the rest is looked at next");
        // Whatever evidence touches comes at once, and is not looked at twice.
        schedule.touch(&[trial(199), trial(500)]);
        let next = schedule.take(now);
        assert!(next.contains(&trial(199)) && next.contains(&trial(500)));
        seen.extend(next);
        let ended = (0..200).map(trial).find(|trial| !seen.contains(trial)).unwrap();
        schedule.unschedule(&ended);
        while schedule.next_due().is_some() {
            let next = schedule.take(now);
            assert!(next.iter().all(|trial| seen.insert(trial.clone())));
        }
        assert!(!seen.contains(&ended));
        assert_eq!(seen.len(), 200, "one came that was not open, and one ended");
    }
}
