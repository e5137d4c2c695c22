//! When a trial may end, and when to look again.

use crate::sending::history::TrialEnd;
use crate::shared::time::Timestamp;

/// How far a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its end, if it may end now.
    pub end: Option<TrialEnd>,
    /// When to look again, even if nothing happens until then; none for a trial that may end.
    pub look_again: Option<Timestamp>,
}

impl Progress {
    /// That of two parts of a trial together.
    pub(super) fn and(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(one), Some(two)) => Some(if one == TrialEnd::Settled { two } else { one }),
            _ => None,
        };
        let look_again = [self.look_again, other.look_again].into_iter().flatten().min();
        Self { end, look_again: look_again.filter(|_| end.is_none()) }
    }
}
