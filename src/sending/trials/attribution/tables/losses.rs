//! What is missing of questions and of visits.

use std::collections::{BTreeSet, HashMap};

use ipnet::IpNet;

use crate::sending::trial::{Network, site_of};
use crate::shared::time::Timestamp;

/// Up to when facts are missing, and whose.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// Up to when facts are missing that may be anybody's.
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
