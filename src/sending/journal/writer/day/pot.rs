//! What was taken of one share of a day, in all and by site.

use std::collections::HashMap;

use ipnet::IpNet;

/// How many sites are counted apart.
const SITES_MAX: usize = 4_096;

/// What was taken of one share of the day.
#[derive(Default)]
pub(super) struct Pot {
    octets: u64,
    /// Whether the operator was told that it is empty.
    told: bool,
    of_sites: Sites,
}

/// What is spent of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    All,
    Site(IpNet),
}

/// What the largest took: one that is not among [`SITES_MAX`] takes the place of the smallest, and its count, which is at
/// most that part of all. So none is ever counted for less than it is.
/// (Metwally et al., "Efficient computation of frequent and top-k elements in data streams", 2005)
#[derive(Default)]
struct Sites(HashMap<IpNet, Count>);

#[derive(Default)]
struct Count {
    octets: u64,
    /// Whether the operator was told that it is at its end.
    told: bool,
}

impl Sites {
    fn add(&mut self, site: IpNet, octets: u64) {
        let mut from = 0;
        if !self.0.contains_key(&site) && self.0.len() >= SITES_MAX {
            let smallest = self.0.iter().min_by_key(|(_, count)| count.octets).map(|(site, _)| *site);
            from = smallest.and_then(|site| self.0.remove(&site)).map_or(0, |count| count.octets);
        }
        let count = self.0.entry(site).or_insert(Count { octets: from, told: false });
        count.octets = count.octets.saturating_add(octets);
    }

    /// Whether a site is beyond `octets_max`, and whether that is said for the first time.
    fn is_over(&mut self, site: IpNet, octets_max: u64) -> Option<bool> {
        let count = self.0.get_mut(&site).filter(|count| count.octets >= octets_max)?;
        Some(!std::mem::replace(&mut count.told, true))
    }
}

impl Pot {
    pub(super) fn new(octets: u64) -> Self {
        Self { octets, ..Self::default() }
    }

    pub(super) fn add(&mut self, site: Option<IpNet>, octets: u64) {
        self.octets = self.octets.saturating_add(octets);
        if let Some(site) = site {
            self.of_sites.add(site, octets);
        }
    }

    /// What is spent where all may take `octets_max`, and a site so many; and whether that is said for the first time.
    pub(super) fn over(&mut self, octets_max: u64, site: Option<(IpNet, u64)>) -> Option<(Over, bool)> {
        if self.octets >= octets_max {
            return Some((Over::All, !std::mem::replace(&mut self.told, true)));
        }
        let (site, octets_max) = site?;
        self.of_sites.is_over(site, octets_max).map(|is_new| (Over::Site(site), is_new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::trial::site_of;

    #[test]
    fn a_site_that_floods_is_known_among_more_than_are_counted() {
        let mut sites = Sites::default();
        let site = |number: u32| site_of((number << 8).to_be_bytes().into());
        (0..10_000).for_each(|number| sites.add(site(number), 100));
        assert_eq!(sites.0.len(), SITES_MAX);
        for number in 10_000..20_000 {
            sites.add(site(1 << 20), 100);
            sites.add(site(number), 100);
        }
        assert!(sites.is_over(site(1 << 20), 1_000_000).is_some());
        let largest =
            (0..20_000).filter_map(|number| sites.0.get(&site(number))).map(|count| count.octets).max();
        assert!(largest.is_some_and(|octets| octets <= 1_000), "nobody else is taken for one: {largest:?}");
    }
}
