//! How many facts of strangers are noted in a time, so that one who makes many does not displace those of others.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::site_of;
use crate::shared::time::Timestamp;

/// How many networks are counted apart in one time; whoever comes from another is counted in all alone.
const NETWORKS_MAX: usize = 65_536;

/// How often it is said that facts of a site are lost, and at least of any, in seconds.
const SAID_EVERY_S: u32 = 60;

/// Of how many sites it is said apart in that time that facts of theirs are lost.
const SAID_APART_MAX: usize = 1_000;

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
}

/// Of whom it was said that facts are lost, so that it is said once in a time.
#[derive(Debug, Default)]
pub struct Said {
    /// The number of the minute that `sites` is about.
    minute: i64,
    sites: HashSet<IpNet>,
    /// Up to when it was said that some are lost, whoever's.
    until: Option<Timestamp>,
}

/// What is to be said of lost facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The site whose share was spent, a /24 or in IPv6 a /48; none where that of all was: then anybody's are missing.
    pub network: Option<IpNet>,
    /// The time up to which some are missing.
    pub until: Timestamp,
}

/// Whether a fact is to be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rationed {
    Noted,
    /// It is lost, and it is to be noted, before its time is over, that some are missing: so that nobody takes the
    /// absence of one for silence.
    Lost {
        /// Of whom, and up to when: the end of the window or of the minute; none where it was said before.
        say: Option<Missing>,
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
        }
    }

    /// Counts a fact about `address`. Where it is lost, `said` tells whether that was said before.
    pub fn take(&mut self, address: IpAddr, now: Timestamp, said: &mut Said) -> Rationed {
        let window = now.as_second().div_euclid(i64::from(self.window_s));
        if window != self.window {
            (self.window, self.all) = (window, 0);
            self.of.clear();
        }
        let network = site_of(address);
        let of_network = self.of.get(&network).copied().unwrap_or(0);
        // Whose own share is spent displaces nobody else, though that of all may be spent, too.
        if of_network >= self.per_network_max {
            return Rationed::Lost { say: said.of_site(network, now) };
        }
        if self.all >= self.all_max {
            return Rationed::Lost { say: said.of_all(end_of(self.window_s.min(SAID_EVERY_S), now)) };
        }
        self.all += 1;
        if of_network > 0 || self.of.len() < NETWORKS_MAX {
            self.of.insert(network, of_network + 1);
        }
        Rationed::Noted
    }
}

impl Said {
    /// What is to be said of a site, if it was not said in this minute; of sites that are too many to be told apart, what
    /// is said of all.
    fn of_site(&mut self, site: IpNet, now: Timestamp) -> Option<Missing> {
        let minute = now.as_second().div_euclid(i64::from(SAID_EVERY_S));
        if minute != self.minute {
            self.minute = minute;
            self.sites.clear();
        }
        let until = end_of(SAID_EVERY_S, now);
        if self.sites.contains(&site) {
            return None;
        }
        if self.sites.len() >= SAID_APART_MAX {
            return self.of_all(until);
        }
        self.sites.insert(site);
        Some(Missing { network: Some(site), until })
    }

    fn of_all(&mut self, until: Timestamp) -> Option<Missing> {
        let is_new = self.until.is_none_or(|said| until > said);
        is_new.then(|| {
            self.until = Some(until);
            Missing { network: None, until }
        })
    }
}

/// The end of the step of time that `now` is in: so that silence means something again soon after a flood.
fn end_of(step_s: u32, now: Timestamp) -> Timestamp {
    let step = i64::from(step_s.max(1));
    let end = now.as_second().div_euclid(step).saturating_add(1).saturating_mul(step);
    Timestamp::from_second(end).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expected`: of whom facts are missing, and up to which second.
    fn told(said: &[Missing], expected: &[(Option<&str>, i64)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(network, until)| Missing {
                network: network.map(|network| network.parse().expect("a network")),
                until: Timestamp::from_second(*until).expect("a time"),
            })
            .collect();
        assert_eq!(said, expected);
    }

    /// How many of so many are noted, and what is said of the others.
    fn take(
        ration: &mut Ration,
        said: &mut Said,
        address: &str,
        (second, times): (i64, usize),
    ) -> (usize, Vec<Missing>) {
        let (address, now) =
            (address.parse().expect("an address"), Timestamp::from_second(second).expect("a time"));
        let (mut noted, mut missing) = (0, Vec::new());
        for _ in 0..times {
            match ration.take(address, now, said) {
                Rationed::Noted => noted += 1,
                Rationed::Lost { say } => missing.extend(say),
            }
        }
        (noted, missing)
    }

    #[test]
    fn one_network_has_its_share_and_others_have_theirs() {
        let (mut ration, mut said) = (Ration::new(60, 600, 60), Said::default());
        for (address, second, times, noted, says) in [
            ("192.0.2.1", 0, 60, 60, vec![]),
            // The same /24, said once.
            ("192.0.2.9", 1, 30_000, 0, vec![(Some("192.0.2.0/24"), 60)]),
            ("198.51.100.1", 59, 30, 30, vec![]),
            ("2001:db8::1", 59, 61, 60, vec![(Some("2001:db8::/48"), 60)]),
            // The same /48.
            ("2001:db8:0:9::1", 59, 1, 0, vec![]),
            ("192.0.2.1", 60, 61, 60, vec![(Some("192.0.2.0/24"), 120)]),
        ] {
            let (taken, missing) = take(&mut ration, &mut said, address, (second, times));
            assert_eq!(taken, noted, "{address} at {second}");
            told(&missing, &says);
        }
    }

    #[test]
    fn all_have_a_limit_together() {
        let (mut ration, mut said) = (Ration::new(1, 500, 200), Said::default());
        let mut missing = Vec::new();
        let noted: usize = (0..50)
            .map(|n| {
                let (noted, more) = take(&mut ration, &mut said, &format!("10.0.{n}.1"), (7, 200));
                missing.extend(more);
                noted
            })
            .sum();
        assert_eq!(noted, 500);
        told(&missing, &[(None, 8)]);
        // Whose own share was spent is told apart, all the same.
        told(&take(&mut ration, &mut said, "10.0.0.1", (7, 1)).1, &[(Some("10.0.0.0/24"), 60)]);
        let mut unlimited = Ration::new(1, 0, 0);
        assert_eq!(take(&mut unlimited, &mut said, "192.0.2.1", (0, 100_000)), (100_000, vec![]));
    }

    #[test]
    fn a_site_is_spoken_of_each_minute_and_no_oftener() {
        let (mut second, mut hour) = (Ration::new(1, 0, 5), Ration::new(3_600, 0, 10));
        let mut said = Said::default();
        let site = Some("192.0.2.0/24");
        told(&take(&mut second, &mut said, "192.0.2.1", (30, 20)).1, &[(site, 60)]);
        told(&take(&mut second, &mut said, "192.0.2.1", (31, 20)).1, &[]);
        told(&take(&mut hour, &mut said, "192.0.2.1", (32, 20)).1, &[]);
        told(&take(&mut hour, &mut said, "192.0.2.1", (150, 20)).1, &[(site, 180)]);
    }

    #[test]
    fn too_many_sites_are_not_told_apart() {
        let (mut ration, mut said) = (Ration::new(1, 0, 1), Said::default());
        let mut missing = Vec::new();
        for n in 0..2_000 {
            let address = format!("10.{}.{}.1", n / 256, n % 256);
            missing.extend(take(&mut ration, &mut said, &address, (7, 3)).1);
        }
        assert_eq!((missing.len(), said.sites.len()), (SAID_APART_MAX + 1, SAID_APART_MAX));
        told(&missing[SAID_APART_MAX..], &[(None, 60)]);
    }

    #[test]
    fn the_table_does_not_grow_beyond_its_limit() {
        let (mut ration, mut said) = (Ration::new(3_600, 0, 1), Said::default());
        for n in 0..100_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n * 256));
            assert_eq!(ration.take(address, Timestamp::UNIX_EPOCH, &mut said), Rationed::Noted);
        }
        assert_eq!(ration.of.len(), NETWORKS_MAX);
    }
}
