//! Since when sources are known at the entrance where STARTTLS is withheld.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;
use parking_lot::Mutex;

use crate::sending::trial::{Network, site_of};
use crate::shared::time::{Timestamp, after};

/// For how long STARTTLS is withheld from a source, from its first EHLO, in seconds: longer than the retry that many
/// senders wait for.
const WITHHELD_S: u32 = 310;
/// When a source is new again, in seconds from its first EHLO: by then its trial is over.
const FORGOTTEN_S: u32 = 14_400;
/// How many sources are known. Whoever is one too many is offered none, as on his first call.
const SOURCES_MAX: usize = 10_000;
/// How many of one site, which has 65,536 networks in IPv6: nobody takes the room of all others.
const SOURCES_PER_SITE_MAX: usize = 100;

/// When each source said its first EHLO, by its site.
#[derive(Debug, Default)]
pub(super) struct Withheld(Mutex<HashMap<IpNet, HashMap<Network, Timestamp>>>);

impl Withheld {
    /// Whether STARTTLS is withheld from a source that says EHLO at `now`, perhaps for the first time.
    pub(super) fn is_withheld(&self, source: IpAddr, now: Timestamp) -> bool {
        let mut sites = self.0.lock();
        let is_known = |first: &Timestamp| now < after(*first, FORGOTTEN_S);
        if known(&sites) >= SOURCES_MAX {
            sites.retain(|_, site| {
                site.retain(|_, first| is_known(first));
                !site.is_empty()
            });
        }
        let is_full = known(&sites) >= SOURCES_MAX;
        let (site, source) = (site_of(source), Network::of(source));
        if is_full && !sites.contains_key(&site) {
            return true;
        }
        let site = sites.entry(site).or_default();
        if site.len() >= SOURCES_PER_SITE_MAX {
            site.retain(|_, first| is_known(first));
        }
        let is_full = is_full || site.len() >= SOURCES_PER_SITE_MAX;
        match site.get_mut(&source) {
            Some(first) if is_known(first) => now < after(*first, WITHHELD_S),
            Some(first) => {
                *first = now;
                true
            }
            None => {
                if !is_full {
                    site.insert(source, now);
                }
                true
            }
        }
    }
}

/// How many sources are known.
fn known(sites: &HashMap<IpNet, HashMap<Network, Timestamp>>) -> usize {
    sites.values().map(HashMap::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn starttls_comes_back_after_the_usual_retry_and_a_source_is_new_again_after_its_trial() {
        let (withheld, source) = (Withheld::default(), "192.0.2.1".parse().expect("an address"));
        let at = |s| withheld.is_withheld(source, second(s));
        assert_eq!([0, 300, 309, 310, 14_399].map(at), [true, true, true, false, false]);
        assert_eq!([14_400, 14_709, 14_710].map(at), [true, true, false]);
        assert!(
            withheld.is_withheld("192.0.3.1".parse().expect("an address"), second(400)),
            "another source"
        );
    }

    #[test]
    fn no_more_sources_are_known_than_there_may_be() {
        let withheld = Withheld::default();
        for n in 0..=SOURCES_MAX as u32 {
            assert!(withheld.is_withheld(std::net::Ipv4Addr::from(n << 8).into(), second(0)));
        }
        assert_eq!(known(&withheld.0.lock()), SOURCES_MAX);
        assert!(
            withheld.is_withheld([203, 0, 113, 1].into(), second(i64::from(FORGOTTEN_S))),
            "there is room again"
        );
        assert_eq!(known(&withheld.0.lock()), 1);
    }

    #[test]
    fn one_site_has_its_share_and_leaves_room_for_others() {
        let withheld = Withheld::default();
        let of_site = |n: u16| std::net::Ipv6Addr::new(0x2001, 0xdb8, 7, n, 0, 0, 0, 1).into();
        for n in 0..20_000 {
            assert!(withheld.is_withheld(of_site(n), second(0)));
        }
        assert_eq!(known(&withheld.0.lock()), SOURCES_PER_SITE_MAX);
        let other = "2001:db8:8::1".parse().expect("an address");
        assert!(withheld.is_withheld(other, second(0)));
        assert!(!withheld.is_withheld(other, second(i64::from(WITHHELD_S))), "it is known");
        let later = second(i64::from(FORGOTTEN_S));
        assert!(withheld.is_withheld(of_site(30_000), later));
        assert_eq!(withheld.0.lock()[&site_of(of_site(0))].len(), 1, "the site has room again");
    }
}
