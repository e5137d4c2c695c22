//! How many links a network opened in this hour, and those that were turned away and left no other trace.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;
use parking_lot::Mutex;

use super::super::rules::Settings;
use crate::sending::history::ContactsLost;
use crate::sending::trial::site_of;
use crate::shared::time::{Timestamp, after};

/// How many networks are counted in an hour; whoever comes from another is let in uncounted.
const NETWORKS_MAX: usize = 65_536;
/// How many networks are told of one by one at a time, those that lost most; the others are told of together.
const TOLD_APART_MAX: usize = 50;
/// How often it is told of a network that links of it were turned away, in seconds.
pub(super) const LOST_TOLD_EVERY_S: u32 = 60;
/// What the links are counted in, in seconds.
const COUNTED_IN_S: i64 = 3_600;

/// Counts contacts by network.
#[derive(Debug)]
pub(super) struct Contacts {
    per_network_hour_max: u32,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    hour: i64,
    /// How many were let in, by network, in this hour.
    entered: HashMap<IpNet, u32>,
    /// What was turned away and is not told yet.
    lost: HashMap<IpNet, Lost>,
    /// What was turned away from networks that are not told apart, and is not told yet.
    others: Option<Lost>,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    count: u64,
    until: Timestamp,
    /// When it was last told of this network.
    told: Timestamp,
}

impl Contacts {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { per_network_hour_max: settings.links_per_network_hour_max, table: Mutex::default() }
    }

    /// Whether one more link from `address` may be served. It is counted, if so.
    pub(super) fn enter(&self, address: IpAddr, now: Timestamp) -> bool {
        let mut table = self.table.lock();
        let hour = now.as_second().div_euclid(COUNTED_IN_S);
        if table.hour != hour {
            table.hour = hour;
            table.entered.clear();
        }
        let network = site_of(address);
        let is_full = table.entered.len() >= NETWORKS_MAX;
        match table.entered.get_mut(&network) {
            _ if self.per_network_hour_max == 0 => true,
            Some(entered) if *entered >= self.per_network_hour_max => false,
            Some(entered) => {
                *entered += 1;
                true
            }
            None if is_full => true,
            None => {
                table.entered.insert(network, 1);
                true
            }
        }
    }

    /// Counts a link that was turned away, and gives what is to be noted now: the first of a network at once, so that
    /// nobody takes the absence of a link for silence, and further ones every so often.
    pub(super) fn turned_away(&self, address: IpAddr, now: Timestamp) -> Option<ContactsLost> {
        let mut table = self.table.lock();
        let network = site_of(address);
        let is_full = table.lost.len() >= NETWORKS_MAX;
        let known = table.lost.contains_key(&network);
        let never = Lost { count: 0, until: now, told: Timestamp::MIN };
        let (network, lost) = match is_full && !known {
            true => (None, table.others.get_or_insert(never)),
            false => (Some(network), table.lost.entry(network).or_insert(never)),
        };
        lost.count += 1;
        lost.until = lost.until.max(now);
        (now >= after(lost.told, LOST_TOLD_EVERY_S)).then(|| lost.tell(network, now))
    }

    /// What was turned away and not told yet. To be called every so often, and at the end.
    pub(super) fn untold(&self, now: Timestamp) -> Vec<ContactsLost> {
        let mut table = self.table.lock();
        let mut untold: Vec<_> = table.lost.iter_mut().filter(|(_, lost)| lost.count > 0).collect();
        untold.sort_unstable_by_key(|(network, lost)| (std::cmp::Reverse(lost.count), **network));
        let apart = untold.len().min(TOLD_APART_MAX);
        let together = untold.split_off(apart);
        let mut facts: Vec<_> =
            untold.into_iter().map(|(network, lost)| lost.tell(Some(*network), now)).collect();
        let mut rest: Option<ContactsLost> = None;
        for (_, lost) in together {
            let more = lost.tell(None, now);
            let rest = rest.get_or_insert(ContactsLost { count: 0, ..more.clone() });
            (rest.count, rest.until) = (rest.count + more.count, rest.until.max(more.until));
        }
        if let Some(lost) = table.others.as_mut().filter(|lost| lost.count > 0) {
            let more = lost.tell(None, now);
            let rest = rest.get_or_insert(ContactsLost { count: 0, ..more.clone() });
            (rest.count, rest.until) = (rest.count + more.count, rest.until.max(more.until));
        }
        facts.extend(rest);
        // Who was not turned away again meanwhile is told at once the next time.
        table.lost.retain(|_, lost| now < after(lost.told, LOST_TOLD_EVERY_S));
        facts
    }
}

impl Lost {
    fn tell(&mut self, network: Option<IpNet>, now: Timestamp) -> ContactsLost {
        self.told = now;
        ContactsLost { network, until: self.until, count: std::mem::take(&mut self.count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contacts(per_network_hour_max: u32) -> Contacts {
        Contacts::new(&Settings { links_per_network_hour_max: per_network_hour_max, ..Settings::default() })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn a_network_has_so_many_in_an_hour_and_others_have_theirs() {
        let contacts = contacts(3_000);
        let entered =
            |from: &str, at, times| (0..times).filter(|_| contacts.enter(address(from), second(at))).count();
        assert_eq!(entered("192.0.2.1", 0, 579), 579, "a scanner gets through");
        assert_eq!(entered("192.0.2.2", 60, 10_000), 2_421, "the rest of its network's");
        assert_eq!(entered("192.0.3.1", 60, 3_000), 3_000, "another network");
        assert_eq!(entered("2001:db8:1::1", 60, 3_001), 3_000);
        assert_eq!(entered("2001:db8:1:ffff::1", 60, 1), 0, "the same /48");
        assert_eq!(entered("2001:db8:2::1", 60, 1), 1, "another /48");
        assert_eq!(entered("192.0.2.1", 3_600, 1), 1, "the next hour");
    }

    #[test]
    fn none_is_no_limit() {
        assert!((0..100_000).all(|_| contacts(0).enter(address("192.0.2.1"), second(0))));
    }

    /// 100,000 that are turned away in ten minutes are some ten facts, and none of them is lost.
    #[test]
    fn what_was_turned_away_is_told_at_once_and_then_every_minute() {
        let contacts = contacts(1);
        let mut facts = Vec::new();
        for n in 0..100_000 {
            let now = second(n * 600 / 100_000);
            facts.extend(contacts.turned_away(address("192.0.2.1"), now));
            if n % 10_000 == 0 {
                facts.extend(contacts.untold(now));
            }
        }
        facts.extend(contacts.untold(second(600)));
        assert_eq!((facts[0].count, facts[0].until), (1, second(0)), "the first at once");
        assert!((10..=21).contains(&facts.len()), "{} facts", facts.len());
        assert_eq!(facts.iter().map(|fact| fact.count).sum::<u64>(), 100_000);
        assert!(facts.iter().all(|fact| fact.network == Some("192.0.2.0/24".parse().expect("a network"))));
        assert!(contacts.untold(second(700)).is_empty());
        assert!(contacts.table.lock().lost.is_empty(), "nothing is left of networks that keep still");
    }

    #[test]
    fn many_networks_are_told_of_together() {
        let contacts = contacts(1);
        for n in 0..=255_u8 {
            for _ in 0..=n {
                contacts.turned_away(address(&format!("192.0.{n}.1")), second(0));
            }
        }
        let facts = contacts.untold(second(1));
        let (apart, together): (Vec<_>, Vec<_>) = facts.iter().partition(|fact| fact.network.is_some());
        assert_eq!((apart.len(), together.len()), (50, 1));
        assert_eq!(apart[0].network, Some("192.0.255.0/24".parse().expect("a network")));
        // Each network's first was told at once.
        assert_eq!(facts.iter().map(|fact| fact.count).sum::<u64>(), (0..=255).sum::<u64>());
    }

    #[test]
    fn the_tables_do_not_grow_beyond_their_limits() {
        let contacts = contacts(1);
        for n in 0..100_000_u32 {
            let from = IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n * 256));
            assert!(contacts.enter(from, second(0)));
            contacts.turned_away(from, second(0));
        }
        let table = contacts.table.lock();
        assert!(table.entered.len() <= NETWORKS_MAX && table.lost.len() <= NETWORKS_MAX);
        assert!(table.others.is_some());
    }
}
