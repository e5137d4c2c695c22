//! The visits to our policy host that may have been a sender's, by time and by visitor.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ipnet::IpNet;

use crate::sending::history::{Noted, Place, PolicyFetched, Seq};
use crate::sending::trial::Network;
use crate::shared::time::Timestamp;

use super::losses::Losses;

/// The visits that are remembered.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct FetchTable {
    by_time: BTreeMap<Place, Arc<PolicyFetched>>,
    by_network: HashMap<Network, BTreeSet<Place>>,
    losses: Losses,
}

impl FetchTable {
    pub(in crate::sending::trials) fn insert(&mut self, seq: Seq, at: Timestamp, fetched: &PolicyFetched) {
        let network = Network::of(fetched.address());
        self.by_time.insert((at, seq), Arc::new(fetched.clone()));
        self.by_network.entry(network).or_default().insert((at, seq));
    }

    /// Forgets what is older than `horizon`, and the oldest beyond `max`.
    pub(in crate::sending::trials) fn keep(&mut self, horizon: Timestamp, max: usize) {
        self.losses.keep(horizon);
        while let Some(first) = self.by_time.first_entry() {
            let at = first.key().0;
            if at >= horizon && self.by_time.len() <= max {
                return;
            }
            if at >= horizon {
                self.losses.note(None, at);
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

    /// Some visits up to a time are missing, of one site or of anybody; with `deleted`, none of that time is kept.
    pub(in crate::sending::trials) fn lost(
        &mut self,
        network: Option<IpNet>,
        until: Timestamp,
        deleted: bool,
    ) {
        self.losses.note(network, until);
        while deleted && self.by_time.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.forget_first();
        }
    }

    /// Whether none of these networks is missing from `from` on; `None`: none of anybody's.
    pub(in crate::sending::trials) fn is_complete_from(
        &self,
        from: Timestamp,
        networks: Option<&BTreeSet<Network>>,
    ) -> bool {
        self.losses.is_complete_from(from, networks)
    }

    /// How many are remembered.
    pub(in crate::sending::trials) fn len(&self) -> usize {
        self.by_time.len()
    }

    /// The visits of a network from a time on.
    pub(in crate::sending::trials) fn of_network(
        &self,
        network: Network,
        from: Timestamp,
    ) -> impl Iterator<Item = Place> {
        let places = self.by_network.get(&network).into_iter();
        places.flat_map(move |places| places.range((from, Seq(i64::MIN))..)).copied()
    }

    /// All visits between two times.
    pub(in crate::sending::trials) fn between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.by_time.range((from, Seq(i64::MIN))..=(until, Seq(i64::MAX))).map(|(place, _)| *place)
    }

    /// The visit at a place.
    pub(in crate::sending::trials) fn get(&self, place: &Place) -> Option<Noted<Arc<PolicyFetched>>> {
        let what = Arc::clone(self.by_time.get(place)?);
        Some(Noted { seq: place.1, at: place.0, what })
    }
}
