//! What is missing from the journal, and what is to be noted of it, so that nobody takes an absence for silence.

mod owed;

use std::collections::BTreeMap;

use ipnet::IpNet;
use parking_lot::Mutex;

use crate::sending::history::{ContactsLost, Fact, FetchesLost, Lost, QueriesLost};
use crate::shared::time::Timestamp;

/// How many networks' links are counted apart; those of others are of no network that is told.
const NETWORKS_MAX: usize = 16;

/// What was dropped, as the handle and the writer know it.
#[derive(Default)]
pub(in crate::sending::journal) struct Dropped(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    facts: u64,
    untold: Missing,
}

/// What was dropped and is not noted yet.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// The latest of what is known of it.
    until: Option<Timestamp>,
    /// Whether anything may be missing, of a time when nobody counted.
    is_unknown: bool,
    queries: bool,
    fetches: bool,
    /// Facts of links that are known otherwise.
    of_links: bool,
    links: u64,
    /// Links of networks that had more than their share; 0: facts of links that are known otherwise.
    of_networks: BTreeMap<IpNet, u64>,
}

impl Dropped {
    /// How many facts were dropped.
    pub(in crate::sending::journal) fn facts(&self) -> u64 {
        self.0.lock().facts
    }

    /// Counts a fact that is not written.
    pub(in crate::sending::journal) fn count(&self, at: Timestamp, fact: &Fact) {
        let mut counted = self.0.lock();
        counted.facts += 1;
        let untold = &mut counted.untold;
        untold.until = untold.until.max(Some(at));
        match fact {
            Fact::Queried(_) | Fact::QueriesLost(_) => untold.queries = true,
            Fact::PolicyFetched(_) | Fact::FetchesLost(_) => untold.fetches = true,
            Fact::LinkOpened { .. } => untold.links += 1,
            Fact::ContactsLost(lost) => untold.links += lost.count,
            fact => untold.of_links |= fact.link().is_some(),
        }
    }

    /// Counts a fact of a link that is not written since so much was for its network.
    pub(in crate::sending::journal) fn count_of(&self, at: Timestamp, network: IpNet, fact: &Fact) {
        let mut counted = self.0.lock();
        let networks = &mut counted.untold.of_networks;
        if !networks.contains_key(&network) && networks.len() >= NETWORKS_MAX {
            drop(counted);
            return self.count(at, fact);
        }
        *networks.entry(network).or_default() += u64::from(matches!(fact, Fact::LinkOpened { .. }));
        counted.facts += 1;
        counted.untold.until = counted.untold.until.max(Some(at));
    }

    /// Any facts may be missing, and nobody knows which.
    pub(super) fn count_unknown(&self) {
        self.0.lock().untold.add(Missing::unknown());
    }

    /// Whether something was dropped that is not noted.
    pub(super) fn is_untold(&self) -> bool {
        self.0.lock().untold != Missing::default()
    }

    /// Whether anything may be missing, and that is not noted.
    pub(super) fn is_unknown(&self) -> bool {
        self.0.lock().untold.is_unknown
    }

    /// Whether something was dropped that is not noted, all of it of a known time.
    pub(super) fn is_known(&self) -> bool {
        let untold = &self.0.lock().untold;
        untold.until.is_some() && !untold.is_unknown
    }

    /// What was dropped since the last call.
    pub(super) fn take(&self) -> Missing {
        std::mem::take(&mut self.0.lock().untold)
    }

    /// What was taken could not be noted.
    pub(super) fn put_back(&self, missing: Missing) {
        self.0.lock().untold.add(missing);
    }
}

impl Missing {
    /// Any facts, and nobody knows which.
    pub(super) fn unknown() -> Self {
        Self { is_unknown: true, queries: true, fetches: true, of_links: true, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.until = self.until.max(other.until);
        self.is_unknown |= other.is_unknown;
        self.queries |= other.queries;
        self.fetches |= other.fetches;
        self.of_links |= other.of_links;
        self.links += other.links;
        for (network, count) in other.of_networks {
            *self.of_networks.entry(network).or_default() += count;
        }
    }

    /// When that is to be noted which came with what is noted at `latest`: what was dropped may be later than what was held.
    pub(super) fn until(&self, latest: Timestamp) -> Timestamp {
        self.until.map_or(latest, |until| until.max(latest))
    }

    /// The facts that say so; all of it came up to `until`.
    pub(super) fn facts(&self, until: Timestamp) -> impl Iterator<Item = Fact> + use<'_> {
        let (network, why) = (None, Lost::Dropped);
        let queries = self.queries.then_some(Fact::QueriesLost(QueriesLost { network, until, why }));
        let fetches = self.fetches.then_some(Fact::FetchesLost(FetchesLost { network, until, why }));
        let any = self.of_links || self.links > 0;
        // Of a link without its end, or its mail, nothing can be said either.
        let count = self.links.max(1);
        let links = any.then_some(Fact::ContactsLost(ContactsLost { network: None, until, count }));
        let of_networks = self.of_networks.iter().map(move |(network, count)| {
            Fact::ContactsLost(ContactsLost { network: Some(*network), until, count: (*count).max(1) })
        });
        queries.into_iter().chain(fetches).chain(links).chain(of_networks)
    }
}
