//! What writing costs, for those who watch the service.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The upper ends of the times that commits are counted by, in seconds.
pub const COMMIT_BUCKETS_S: [f64; 6] = [0.005, 0.02, 0.1, 0.5, 2.0, 10.0];

/// How much was written since the start, and how long it took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Commits by how long they took: within each of [`COMMIT_BUCKETS_S`] and no earlier one, and beyond all.
    pub commits: [u64; COMMIT_BUCKETS_S.len() + 1],
    /// How long all of them took, in seconds.
    pub commits_s: f64,
    /// How many groups of facts could not be written.
    pub failed: u64,
    pub facts: u64,
    /// How many facts wait to be written, in the queue and held back.
    pub waiting: u64,
    /// How many facts were dropped.
    pub dropped: u64,
}

/// The same as the writer counts it.
#[derive(Debug, Default)]
pub(in crate::sending::journal) struct Measured {
    commits: [AtomicU64; COMMIT_BUCKETS_S.len() + 1],
    micros: AtomicU64,
    failed: AtomicU64,
    facts: AtomicU64,
    held: AtomicU64,
}

impl Measured {
    /// A transaction took so long, and wrote so many facts; none: it failed.
    pub(super) fn note(&self, took: Duration, facts: Option<usize>) {
        let Some(facts) = facts else {
            self.failed.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let took_s = took.as_secs_f64();
        let bucket =
            COMMIT_BUCKETS_S.iter().position(|most| took_s <= *most).unwrap_or(COMMIT_BUCKETS_S.len());
        self.commits[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.facts.fetch_add(facts as u64, Ordering::Relaxed);
    }

    /// So many facts are held back.
    pub(super) fn hold(&self, facts: usize) {
        self.held.store(facts as u64, Ordering::Relaxed);
    }

    /// What was counted, beside what the handle knows.
    pub(in crate::sending::journal) fn figures(&self, queued: usize, dropped: u64) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            commits: std::array::from_fn(|bucket| read(&self.commits[bucket])),
            commits_s: Duration::from_micros(read(&self.micros)).as_secs_f64(),
            failed: read(&self.failed),
            facts: read(&self.facts),
            waiting: queued as u64 + read(&self.held),
            dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_in_one_bucket_and_a_failure_in_none() {
        let measured = Measured::default();
        measured.note(Duration::from_millis(5), Some(3));
        measured.note(Duration::from_millis(6), Some(1));
        measured.note(Duration::from_mins(1), Some(0));
        measured.note(Duration::from_secs(1), None);
        measured.hold(2);
        let figures = measured.figures(5, 7);
        assert_eq!(figures.commits, [1, 1, 0, 0, 0, 0, 1]);
        assert_eq!((figures.facts, figures.failed, figures.waiting, figures.dropped), (4, 1, 7, 7));
        assert!((figures.commits_s - 60.011).abs() < 1e-9, "{}", figures.commits_s);
    }
}
