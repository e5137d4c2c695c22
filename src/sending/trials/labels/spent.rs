//! Which trials that are named after labels there were.

use std::collections::{HashSet, VecDeque};

use crate::sending::trial::TrialId;

/// How many are remembered; whoever ends a trial finds the others in the journal.
const SPENT_MAX: usize = 200_000;

/// The names of trials with labels that ended so long ago that their labels may be used again. The journal has an end for
/// each, and no other trial may have the name.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct Spent {
    names: HashSet<TrialId>,
    in_order: VecDeque<TrialId>,
}

impl Spent {
    pub(in crate::sending::trials) fn insert(&mut self, id: &TrialId) {
        if self.names.insert(id.clone()) {
            self.in_order.push_back(id.clone());
        }
        while self.in_order.len() > SPENT_MAX {
            let Some(oldest) = self.in_order.pop_front() else { return };
            self.names.remove(&oldest);
        }
    }

    pub(in crate::sending::trials) fn contains(&self, id: &TrialId) -> bool {
        self.names.contains(id)
    }
}
