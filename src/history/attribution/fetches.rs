//! The visits to our policy host that may have been a sender's, by time and by visitor.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::trial::{Network, Timestamp};

use super::super::past::Place;
use super::super::{Noted, PolicyFetched, Seq};

/// The visits that are remembered.
#[derive(Debug, Default)]
pub(super) struct FetchBook {
    by_time: BTreeMap<Place, Arc<PolicyFetched>>,
    by_network: HashMap<Network, BTreeSet<Place>>,
    /// The time up to which some are missing.
    lost_until: Timestamp,
}

impl FetchBook {
    pub(super) fn insert(&mut self, seq: Seq, at: Timestamp, fetched: &PolicyFetched) {
        let network = Network::of(fetched.address());
        self.by_time.insert((at, seq), Arc::new(fetched.clone()));
        self.by_network.entry(network).or_default().insert((at, seq));
    }

    /// Forgets what is older than `horizon`, and the oldest beyond `max`.
    pub(super) fn keep(&mut self, horizon: Timestamp, max: usize) {
        while let Some(first) = self.by_time.first_entry() {
            let at = first.key().0;
            if at >= horizon && self.by_time.len() <= max {
                return;
            }
            if at >= horizon {
                self.lost_until = self.lost_until.max(at);
            }
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some((place, fetched)) = self.by_time.pop_first() else { return };
        let network = Network::of(fetched.address());
        if let Some(places) = self.by_network.get_mut(&network) {
            places.remove(&place);
            if places.is_empty() {
                self.by_network.remove(&network);
            }
        }
    }

    /// Some visits up to a time are missing; with `deleted`, none of that time is kept.
    pub(super) fn lost(&mut self, until: Timestamp, deleted: bool) {
        self.lost_until = self.lost_until.max(until);
        while deleted && self.by_time.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.forget_first();
        }
    }

    /// Whether none is missing from `from` on.
    pub(super) fn is_complete_from(&self, from: Timestamp) -> bool {
        self.lost_until < from
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.by_time.len()
    }

    /// The visits of a network from a time on.
    pub(super) fn of_network(&self, network: Network, from: Timestamp) -> impl Iterator<Item = Place> {
        let places = self.by_network.get(&network).into_iter();
        places.flat_map(move |places| places.range((from, Seq(i64::MIN))..)).copied()
    }

    /// All visits between two times.
    pub(super) fn between(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Place> {
        self.by_time.range((from, Seq(i64::MIN))..=(until, Seq(i64::MAX))).map(|(place, _)| *place)
    }

    /// The visit at a place.
    pub(super) fn get(&self, place: &Place) -> Option<Noted<Arc<PolicyFetched>>> {
        let what = Arc::clone(self.by_time.get(place)?);
        Some(Noted { seq: place.1, at: place.0, what })
    }
}
