//! What a worker has claimed, and what became of it.

use tokio::time::Instant;

use crate::sending::history::VerdictHandled;
use crate::sending::journal::OutboxEntry;
use crate::sending::trial::{LinkId, Mailbox, TrialId};
use crate::shared::time::Timestamp;

/// A trial that is worked on.
pub(super) struct Begun {
    /// The number of the last claim of ours.
    pub(super) claim: u32,
    /// What became of it where that could not be noted: it is noted when it can be, and nothing is sent again.
    pub(super) closing: Option<Closing>,
}

/// A verdict that was claimed.
pub(super) struct Claimed {
    pub(super) entry: OutboxEntry,
    pub(super) now: Timestamp,
    /// Until when nobody else can have claimed it.
    pub(super) until: Instant,
}

/// What became of a verdict, to be noted.
#[derive(Clone)]
pub(super) struct Closing {
    pub(super) handled: VerdictHandled,
    pub(super) to: Option<Mailbox>,
    pub(super) forget: Vec<(LinkId, u16)>,
}

/// Tells the operator that somebody else has a verdict by now, who notes what becomes of it.
pub(super) fn say_late(trial: &TrialId) {
    tracing::warn!(
        trial = trial.log_name(),
        "the claim of a verdict was over before it was handled, as after this process stood still; whoever claims it \
         next notes what becomes of it"
    );
}
