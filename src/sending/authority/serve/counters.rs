//! What the server has done since its start.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) answered: AtomicU64,
    pub(super) limited: AtomicU64,
    pub(super) unnoted: AtomicU64,
    pub(super) reports: AtomicU64,
    pub(super) transfers: AtomicU64,
}

impl Counters {
    /// How many answers were sent since the start.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Answers that rate limiting dropped or truncated.
    pub fn limited(&self) -> u64 {
        self.limited.load(Ordering::Relaxed)
    }

    /// Queries that were answered and not noted, beyond the limit of notes.
    pub fn unnoted(&self) -> u64 {
        self.unnoted.load(Ordering::Relaxed)
    }

    /// Reports of resolvers that could not use an answer of ours (RFC 9567).
    pub fn reports(&self) -> u64 {
        self.reports.load(Ordering::Relaxed)
    }

    /// Zones that secondaries took over, whole or in part, or found to be those that they have.
    pub fn transfers(&self) -> u64 {
        self.transfers.load(Ordering::Relaxed)
    }
}

/// Counts one more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
