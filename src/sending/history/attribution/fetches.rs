//! The visits to our policy host that may have been a sender's, by time and by visitor; and what is missing, of them and
//! of questions.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ipnet::IpNet;

use crate::sending::trial::{Network, site_of};
use crate::shared::time::Timestamp;

use super::super::past::Place;
use super::super::{Noted, PolicyFetched, Seq};

/// The visits that are remembered.
#[derive(Debug, Default)]
pub(super) struct FetchBook {
    by_time: BTreeMap<Place, Arc<PolicyFetched>>,
    by_network: HashMap<Network, BTreeSet<Place>>,
    losses: Losses,
}

/// Up to when facts are missing, and whose.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Anybody's.
    of_all: Timestamp,
    /// Those of single sites alone.
    of_site: HashMap<IpNet, Timestamp>,
}

/// How many sites are remembered whose facts are missing; what is missing of another counts for all.
const LOST_SITES_MAX: usize = 1_000;

impl Losses {
    /// Some up to a time are missing: those of a site, or anybody's.
    pub(super) fn note(&mut self, network: Option<IpNet>, until: Timestamp) {
        // What is no site, such as in a journal of another make, is found by none.
        let site = network.filter(|network| site_of(network.addr()) == *network);
        let is_full = self.of_site.len() >= LOST_SITES_MAX;
        let known = site.filter(|site| !is_full || self.of_site.contains_key(site));
        let lost = match known {
            Some(site) => self.of_site.entry(site).or_default(),
            None => &mut self.of_all,
        };
        *lost = until.max(*lost);
    }

    /// Forgets of which sites facts before `horizon` are missing.
    pub(super) fn keep(&mut self, horizon: Timestamp) {
        self.of_site.retain(|_, until| *until >= horizon);
    }

    /// Whether none of these networks is missing from `from` on; `None`: none of anybody's.
    pub(super) fn is_complete_from(&self, from: Timestamp, networks: Option<&BTreeSet<Network>>) -> bool {
        let lost = |until: &Timestamp| *until >= from;
        let of_sites = match networks {
            Some(networks) => {
                let of = |network: &Network| self.of_site.get(&site_of(network.address())).is_some_and(lost);
                networks.iter().any(of)
            }
            None => self.of_site.values().any(lost),
        };
        !of_sites && !lost(&self.of_all)
    }
}

impl FetchBook {
    pub(super) fn insert(&mut self, seq: Seq, at: Timestamp, fetched: &PolicyFetched) {
        let network = Network::of(fetched.address());
        self.by_time.insert((at, seq), Arc::new(fetched.clone()));
        self.by_network.entry(network).or_default().insert((at, seq));
    }

    /// Forgets what is older than `horizon`, and the oldest beyond `max`.
    pub(super) fn keep(&mut self, horizon: Timestamp, max: usize) {
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
    pub(super) fn lost(&mut self, network: Option<IpNet>, until: Timestamp, deleted: bool) {
        self.losses.note(network, until);
        while deleted && self.by_time.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.forget_first();
        }
    }

    /// Whether none of these networks is missing from `from` on; `None`: none of anybody's.
    pub(super) fn is_complete_from(&self, from: Timestamp, networks: Option<&BTreeSet<Network>>) -> bool {
        self.losses.is_complete_from(from, networks)
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
