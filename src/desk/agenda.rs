//! Which trials are to be looked at, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::history::{Attribution, Fact, Observation};
use crate::journal::{Follower, lock};
use crate::trial::{Timestamp, TrialId};

/// The trials that new evidence touched, and the time at which each open trial wants to be looked at. Follows
/// the journal and feeds the fold of trials, so that it alone is to be registered.
pub struct Agenda {
    fold: Arc<Mutex<Attribution>>,
    state: Mutex<State>,
    touched: Notify,
}

#[derive(Default)]
struct State {
    /// Set when the replay is over: before that, everything touches everything.
    live: bool,
    touched: BTreeSet<TrialId>,
    deadlines: BTreeMap<TrialId, Timestamp>,
}

impl Agenda {
    /// An agenda for the trials of `fold`.
    pub fn new(fold: Arc<Mutex<Attribution>>) -> Self {
        Self { fold, state: Mutex::default(), touched: Notify::new() }
    }

    /// The trials.
    pub fn fold(&self) -> &Arc<Mutex<Attribution>> {
        &self.fold
    }

    /// The replay is over: every open trial is to be looked at.
    pub(super) fn begin(&self) {
        let open = lock(&self.fold).open_trials();
        let mut state = lock(&self.state);
        state.live = true;
        state.touched.extend(open);
        self.touched.notify_one();
    }

    /// Takes out the trials that are touched or due at `now`.
    pub(super) fn take(&self, now: Timestamp) -> BTreeSet<TrialId> {
        let mut state = lock(&self.state);
        let mut trials = std::mem::take(&mut state.touched);
        trials.extend(state.deadlines.extract_if(.., |_, due| *due <= now).map(|(trial, _)| trial));
        trials
    }

    /// Sets when a trial is to be looked at again.
    pub(super) fn look_again(&self, trial: TrialId, at: Timestamp) {
        lock(&self.state).deadlines.insert(trial, at);
    }

    /// Strikes a trial that has ended.
    pub(super) fn strike(&self, trial: &TrialId) {
        let mut state = lock(&self.state);
        state.deadlines.remove(trial);
        state.touched.remove(trial);
    }

    /// The earliest time at which a trial wants to be looked at.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        lock(&self.state).deadlines.values().min().copied()
    }

    /// Waits until a trial is touched.
    pub(super) async fn wait_for_touch(&self) {
        self.touched.notified().await;
    }
}

impl Follower for Agenda {
    fn committed(&self, observation: &Observation) {
        let mut fold = lock(&self.fold);
        fold.note(observation);
        if !lock(&self.state).live || !may_settle(&observation.fact) {
            return;
        }
        let touched = fold.touched_by(observation);
        drop(fold);
        if !touched.is_empty() {
            lock(&self.state).touched.extend(touched);
            self.touched.notify_one();
        }
    }
}

/// Whether a fact may bring a trial to its end. How a link began says nothing yet.
fn may_settle(fact: &Fact) -> bool {
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
        | Fact::Scanned(_)
        | Fact::VerdictHandled(_) => false,
    }
}
