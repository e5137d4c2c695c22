//! What the operator reads of trials in the log: a line when one opens, when its mail is taken, and when it ends;
//! of its scan and its verdict whoever makes them tells. Who sends, from where and what is not in it; a trial goes by its
//! short name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::operations::metrics::Tally;
use crate::sending::history::{Fact, Observation, TrialEnd};
use crate::sending::journal::Subscriber;
use crate::sending::trials::Trials;

/// Follows the journal behind the trials.
pub(super) struct Diary {
    trials: Arc<Trials>,
    tally: Arc<Tally>,
    /// What is replayed was logged when it happened.
    begun: AtomicBool,
}

impl Diary {
    pub(super) fn new(trials: Arc<Trials>, tally: Arc<Tally>) -> Self {
        Self { trials, tally, begun: AtomicBool::new(false) }
    }

    /// The replay is over.
    pub(super) fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }
}

impl Subscriber for Diary {
    fn committed(&self, observation: &Observation) {
        if !self.begun.load(Ordering::Relaxed) {
            return;
        }
        match &observation.fact {
            Fact::Received(received) => {
                let Some(trial) = self.trials.trial_of(received.link, received.number) else { return };
                if self.trials.has_opened(observation) {
                    self.tally.trial_opened();
                    tracing::info!(trial = trial.log_name(), "trial opened");
                }
            }
            // Attempts that are held are as many as a sender likes; the one that is taken is one.
            Fact::Answered { link, number, code: 250 } => {
                let Some(trial) = self.trials.trial_of(*link, *number) else { return };
                tracing::info!(trial = trial.log_name(), "mail acknowledged");
            }
            Fact::TrialEnded(ended) => {
                let how = match ended.end {
                    TrialEnd::Settled => "all that could be told is known",
                    TrialEnd::Expired => "its time was up",
                    TrialEnd::Unjudged => "it could not be judged, which is a fault of ours",
                };
                tracing::info!(trial = ended.trial.log_name(), how, "trial ended");
            }
            _ => {}
        }
    }
}
