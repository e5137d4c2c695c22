//! Who hears of every observation once it is on disk.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::history::Observation;

/// Hears of every observation, in order: at the opening of those stored, then of each one after its commit
/// and before whoever waits for that commit goes on. Called by the writer, so it must be quick.
pub trait Follower: Send + Sync {
    /// An observation that is on disk.
    fn committed(&self, observation: &Observation);
}

/// Locks, also where another holder panicked: what folds hold is whole after every observation.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
