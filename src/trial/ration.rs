//! How many facts of strangers are noted in a time, so that one who makes many does not displace those of others.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Timestamp, site_of};

/// How many networks are counted apart in one time; whoever comes from another is counted in all alone.
const NETWORKS_MAX: usize = 65_536;

/// How often it is said at least that facts are lost, in seconds.
const SAID_EVERY_S: u32 = 60;

/// Counts facts in windows of time, by network and in all.
#[derive(Debug)]
pub struct Ration {
    window_s: u32,
    all_max: u32,
    per_network_max: u32,
    /// The number of the window that is counted.
    window: i64,
    all: u32,
    of: HashMap<IpNet, u32>,
    /// Up to when it was said that some are lost.
    said_until: Timestamp,
}

/// Whether a fact is to be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rationed {
    /// It is.
    Noted,
    /// It is lost, and it is to be noted, before its time is over, that some are missing: so that nobody takes the
    /// absence of one for silence.
    Lost {
        /// The time up to which this holds, the end of the window or of the minute; none where it was said before.
        say_until: Option<Timestamp>,
    },
}

impl Ration {
    /// So many in `window_s` seconds, of which so many from one network: a /24, in IPv6 a /48. 0: no limit.
    pub fn new(window_s: u32, all_max: u32, per_network_max: u32) -> Self {
        let unlimited = |max: u32| if max == 0 { u32::MAX } else { max };
        Self {
            window_s: window_s.max(1),
            all_max: unlimited(all_max),
            per_network_max: unlimited(per_network_max),
            window: i64::MIN,
            all: 0,
            of: HashMap::new(),
            said_until: Timestamp::MIN,
        }
    }

    /// Counts a fact about `address`.
    pub fn take(&mut self, address: IpAddr, now: Timestamp) -> Rationed {
        let window = now.as_second().div_euclid(i64::from(self.window_s));
        if window != self.window {
            (self.window, self.all) = (window, 0);
            self.of.clear();
        }
        let network = site_of(address);
        let of_network = self.of.get(&network).copied().unwrap_or(0);
        if self.all >= self.all_max || of_network >= self.per_network_max {
            let until = self.say_until(now);
            let is_new = until != std::mem::replace(&mut self.said_until, until);
            return Rationed::Lost { say_until: is_new.then_some(until) };
        }
        self.all += 1;
        if of_network > 0 || self.of.len() < NETWORKS_MAX {
            self.of.insert(network, of_network + 1);
        }
        Rationed::Noted
    }

    /// The end of the window, or of the minute: so that silence means something again soon after a flood.
    fn say_until(&self, now: Timestamp) -> Timestamp {
        let step = i64::from(self.window_s.min(SAID_EVERY_S));
        let end = now.as_second().div_euclid(step).saturating_add(1).saturating_mul(step);
        Timestamp::from_second(end).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(ration: &mut Ration, address: &str, second: i64, times: usize) -> (usize, Vec<Timestamp>) {
        let (address, now) =
            (address.parse().expect("an address"), Timestamp::from_second(second).expect("a time"));
        let (mut noted, mut said) = (0, Vec::new());
        for _ in 0..times {
            match ration.take(address, now) {
                Rationed::Noted => noted += 1,
                Rationed::Lost { say_until } => said.extend(say_until),
            }
        }
        (noted, said)
    }

    #[test]
    fn one_network_has_its_share_and_others_have_theirs() {
        let mut ration = Ration::new(60, 600, 60);
        let end = Timestamp::from_second(60).expect("a time");
        assert_eq!(take(&mut ration, "192.0.2.1", 0, 60), (60, vec![]));
        assert_eq!(take(&mut ration, "192.0.2.9", 1, 30_000), (0, vec![end]), "the same /24, said once");
        assert_eq!(take(&mut ration, "198.51.100.1", 59, 30), (30, vec![]), "another network");
        assert_eq!(take(&mut ration, "2001:db8::1", 59, 61), (60, vec![]));
        assert_eq!(take(&mut ration, "2001:db8:0:9::1", 59, 1), (0, vec![]), "the same /48");
        assert_eq!(take(&mut ration, "192.0.2.1", 60, 61).0, 60, "the next minute");
    }

    #[test]
    fn all_have_a_limit_together() {
        let mut ration = Ration::new(1, 500, 200);
        let noted: usize = (0..50).map(|n| take(&mut ration, &format!("10.0.{n}.1"), 7, 200).0).sum();
        assert_eq!(noted, 500);
        let mut hour = Ration::new(3_600, 0, 10);
        let minute = |minute: i64| Timestamp::from_second(minute * 60).expect("a time");
        assert_eq!(take(&mut hour, "192.0.2.1", 30, 20), (10, vec![minute(1)]));
        assert_eq!(take(&mut hour, "192.0.2.1", 150, 20), (0, vec![minute(3)]), "each minute, not each hour");
        let mut unlimited = Ration::new(1, 0, 0);
        assert_eq!(take(&mut unlimited, "192.0.2.1", 0, 100_000), (100_000, vec![]));
    }

    #[test]
    fn the_table_does_not_grow_beyond_its_limit() {
        let mut ration = Ration::new(3_600, 0, 1);
        for n in 0..100_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n * 256));
            assert_eq!(ration.take(address, Timestamp::UNIX_EPOCH), Rationed::Noted);
        }
        assert_eq!(ration.of.len(), NETWORKS_MAX);
    }
}
