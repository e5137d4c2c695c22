//! How many trials are open, and of whom.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::sending::trial::{Network, Source, site_of};
use crate::sending::trials::limits::{Limits, TooMany};

/// By what open trials are counted.
#[derive(Clone, Debug)]
pub(in crate::sending::trials) struct Counted {
    /// An IPv4 address, or an IPv6 /64, of which everybody has one.
    source: IpAddr,
    /// The /24, or in IPv6 the /48, that it is in.
    site: IpNet,
    /// Whether SPF or DKIM vouched for the mail that opens it: whoever forges a domain takes no place from its owner.
    vouched: bool,
    domain: Option<String>,
}

impl Counted {
    pub(in crate::sending::trials) fn new(source: &Source, domain: Option<String>, vouched: bool) -> Self {
        let source = match source.address {
            address @ IpAddr::V4(_) => address,
            address @ IpAddr::V6(_) => Network::of(address).address(),
        };
        Self { source, site: site_of(source), vouched, domain }
    }

    fn of_domain(&self) -> Option<(bool, String)> {
        self.domain.clone().map(|domain| (self.vouched, domain))
    }
}

/// How many trials are open, by what they are counted by.
#[derive(Debug, Default)]
pub(super) struct OpenCounts {
    of_source: HashMap<IpAddr, usize>,
    of_site: HashMap<IpNet, usize>,
    of_domain: HashMap<(bool, String), usize>,
    /// How many that nobody vouched for when they were opened.
    unvouched: usize,
}

impl OpenCounts {
    /// Why no such trial may be opened where so many are `open`; none if one may. Those that nobody vouched for take half
    /// of the places at most.
    pub(super) fn too_many(&self, limits: &Limits, counted: &Counted, open: usize) -> Option<TooMany> {
        let of_source = self.of_source.get(&counted.source).copied().unwrap_or(0);
        let of_site = self.of_site.get(&counted.site).copied().unwrap_or(0);
        let of_domain = counted.of_domain().and_then(|key| self.of_domain.get(&key)).copied().unwrap_or(0);
        if of_source >= limits.open_trials_per_source_max {
            Some(TooMany::OfSource)
        } else if of_site >= limits.open_trials_per_network_max {
            Some(TooMany::OfNetwork)
        } else if of_domain >= limits.open_trials_per_domain_max {
            Some(TooMany::OfDomain)
        } else {
            let unvouched = !counted.vouched && self.unvouched >= limits.open_trials_max.div_ceil(2);
            (unvouched || open >= limits.open_trials_max).then_some(TooMany::OfAll)
        }
    }

    pub(super) fn add(&mut self, counted: &Counted) {
        *self.of_source.entry(counted.source).or_default() += 1;
        *self.of_site.entry(counted.site).or_default() += 1;
        if let Some(key) = counted.of_domain() {
            *self.of_domain.entry(key).or_default() += 1;
        }
        self.unvouched += usize::from(!counted.vouched);
    }

    pub(super) fn remove(&mut self, counted: &Counted) {
        uncount(&mut self.of_source, &counted.source);
        uncount(&mut self.of_site, &counted.site);
        if let Some(key) = counted.of_domain() {
            uncount(&mut self.of_domain, &key);
        }
        self.unvouched -= usize::from(!counted.vouched);
    }
}

fn uncount<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}
