//! Other trials that a contact may belong to.

use crate::sending::trial::{Network, Source, Tie, TrialId};
use crate::sending::trials::ties::{Ties, nearest_tie};
use crate::shared::time::Timestamp;

use super::Attribution;
use super::tables::Trial;

/// How many trials of one network, or of one resolver, are compared with one; where there are more, what they could
/// dispute counts as disputed.
pub(super) const RIVALS_MAX: usize = 256;

/// Other trials that a contact may belong to.
pub(super) enum Rivals<'a> {
    Few(Vec<&'a Ties>),
    TooMany,
}

impl Attribution {
    /// Other trials with a message and a source in the network of `near`, that were active at some time between `from`
    /// and `until`.
    pub(super) fn rivals(
        &self,
        id: &TrialId,
        near: &Source,
        (from, until): (Timestamp, Timestamp),
    ) -> Rivals<'_> {
        let mut rivals = Vec::new();
        for (looked_at, other) in self.trials.in_network(Network::of(near.address)).enumerate() {
            if looked_at >= RIVALS_MAX {
                return Rivals::TooMany;
            }
            let Some(ties) = self.trials.near_ties(other).filter(|_| other != id) else { continue };
            if ties.has_message && ties.claims_from <= until && ties.is_active(from, until) {
                rivals.push(ties);
            }
        }
        Rivals::Few(rivals)
    }

    /// Whether a resolver is as near to a trial's sources as to any other trial's.
    pub(super) fn is_nearest(&self, id: &TrialId, trial: &Trial, resolver: Network, from: Timestamp) -> bool {
        let resolver = Source::new(resolver.address(), None);
        nearest_tie(&trial.ties.sources, &resolver) >= self.nearest_rival(id, &resolver, from)
    }

    /// The nearest tie of other trials to somebody who gives no name.
    pub(super) fn nearest_rival(&self, id: &TrialId, visitor: &Source, from: Timestamp) -> Option<Tie> {
        match self.rivals(id, visitor, (from, Timestamp::MAX)) {
            Rivals::Few(rivals) => {
                rivals.into_iter().filter_map(|rival| nearest_tie(&rival.sources, visitor)).max()
            }
            Rivals::TooMany => Some(Tie::Address),
        }
    }
}
