//! How often something may be had within a time, by whoever it is counted for.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::shared::time::Timestamp;

/// How many are counted; beyond it nobody new is let in before the time of some is over.
const COUNTED_MAX: usize = 65_536;

/// Counts within windows of a fixed length, of which the first begins in 1970.
#[derive(Debug)]
pub(super) struct Budget<K> {
    window_s: u32,
    max: u32,
    window: i64,
    spent: HashMap<K, u32>,
}

impl<K: Eq + Hash> Budget<K> {
    /// So many within so many seconds.
    pub(super) fn new(max: u32, window_s: u32) -> Self {
        Self { window_s: window_s.max(1), max, window: 0, spent: HashMap::new() }
    }

    /// Whether one more may be had; if not, in how many seconds.
    pub(super) fn left(&mut self, of: &K, now: Timestamp) -> Result<(), u32> {
        self.left_beside(of, now, 0)
    }

    /// The same where so many are kept for others.
    pub(super) fn left_beside(&mut self, of: &K, now: Timestamp, kept: u32) -> Result<(), u32> {
        let window_s = i64::from(self.window_s);
        let window = now.as_second().div_euclid(window_s);
        if window != self.window {
            self.window = window;
            self.spent.clear();
        }
        let spent = self.spent.get(of).copied();
        let full = spent.is_none() && self.spent.len() >= COUNTED_MAX;
        match spent.unwrap_or(0) >= self.max.saturating_sub(kept) || full {
            false => Ok(()),
            true => Err(u32::try_from((window + 1) * window_s - now.as_second()).unwrap_or(self.window_s)),
        }
    }

    /// A part of all, to be kept for others.
    pub(super) fn part(&self, of: u32) -> u32 {
        self.max / of
    }

    /// How many may still be had, and in how many seconds all may be had again.
    pub(super) fn rest(&self, of: &K, now: Timestamp) -> (u32, u32) {
        let window_s = i64::from(self.window_s);
        let window = now.as_second().div_euclid(window_s);
        let spent = if window == self.window { self.spent.get(of).copied().unwrap_or(0) } else { 0 };
        let until = u32::try_from((window + 1) * window_s - now.as_second()).unwrap_or(self.window_s);
        (self.max.saturating_sub(spent), until)
    }

    /// Takes one, which [`Self::left`] has granted.
    pub(super) fn take(&mut self, of: K) {
        *self.spent.entry(of).or_default() += 1;
    }
}

/// Whom a client is counted as: its address, in IPv6 its /64, of which it may have all.
pub(super) fn client(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V4(ip) => Ipv4Net::from(ip).into(),
        IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 64).trunc().into(),
    }
}

/// The network that a client is counted with besides: a /24, in IPv6 a /48.
pub(super) fn network(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V4(ip) => Ipv4Net::new_assert(ip, 24).trunc().into(),
        IpAddr::V6(ip) => Ipv6Net::new_assert(ip, 48).trunc().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_had_its_share_waits_for_the_next_window() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        let mut budget = Budget::new(2, 3_600);
        for rest in [2, 1] {
            assert_eq!(budget.rest(&"a", at(7_300)), (rest, 3_500));
            assert_eq!(budget.left(&"a", at(7_300)), Ok(()));
            budget.take("a");
        }
        assert_eq!(budget.rest(&"a", at(7_300)), (0, 3_500));
        assert_eq!(budget.rest(&"a", at(10_800)), (2, 3_600));
        assert_eq!(budget.left(&"a", at(7_300)), Err(3_500));
        assert_eq!(budget.left(&"b", at(7_300)), Ok(()));
        assert_eq!(budget.left(&"a", at(10_799)), Err(1));
        assert_eq!(budget.left(&"a", at(10_800)), Ok(()));
    }

    #[test]
    fn beyond_what_is_counted_nobody_new_is_let_in() {
        let mut budget = Budget::new(1, 60);
        let now = Timestamp::UNIX_EPOCH;
        for number in 0..COUNTED_MAX {
            assert_eq!(budget.left(&number, now), Ok(()));
            budget.take(number);
        }
        assert_eq!(budget.left(&COUNTED_MAX, now), Err(60));
    }

    #[test]
    fn a_network_of_one_client_is_one_client() {
        let client = |text: &str| client(text.parse().expect("an address"));
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:2"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("192.0.2.1"), client("::ffff:192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
    }
}
