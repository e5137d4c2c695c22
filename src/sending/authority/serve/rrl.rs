//! Response rate limiting: a server that answers spoofed queries is an amplifier, and this is the cure that
//! authoritative servers share. Token buckets per network and kind of answer; TCP is exempt, since its source
//! address is proved.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::LowerName;
use ipnet::IpNet;
use serde::Deserialize;

use crate::shared::time::Timestamp;

/// How many like answers a network gets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateSettings {
    /// How many like answers a network gets in a second over UDP. Default 50. Zero: no limit.
    pub responses_per_s: u32,
    /// How many it gets at once after a pause. Default 150.
    pub burst: u32,
    /// Of the answers beyond the limit every so manieth is sent with the TC bit instead of being dropped, so
    /// that an honest resolver comes back over TCP. Default 2. Zero: all are dropped.
    pub slip: u32,
    /// How many pairs of network and kind of answer are remembered. Default 50 000.
    pub buckets_max: usize,
    /// Networks without limit. Default loopback.
    pub exempt: Vec<IpNet>,
}

impl Default for RateSettings {
    fn default() -> Self {
        let loopback = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network as text"));
        Self { responses_per_s: 50, burst: 150, slip: 2, buckets_max: 50_000, exempt: loopback.to_vec() }
    }
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Sent,
    /// It is sent without records and with the TC bit.
    Truncated,
    /// It is not sent.
    Dropped,
}

struct Bucket {
    /// Thousandths of an answer that may still be sent.
    milli_tokens: u64,
    filled_ms: i64,
    over: u32,
}

pub(super) struct Limiter {
    settings: RateSettings,
    buckets: HashMap<(IpAddr, LowerName), Bucket>,
}

impl Limiter {
    pub(super) fn new(settings: RateSettings) -> Self {
        Self { settings, buckets: HashMap::new() }
    }

    /// The fate of an answer of the kind `class` to `source`.
    pub(super) fn fate(&mut self, source: IpAddr, class: &LowerName, now: Timestamp) -> Fate {
        let source = source.to_canonical();
        let exempt = |net: &IpNet| net.contains(&source);
        if self.settings.responses_per_s == 0 || self.settings.exempt.iter().any(exempt) {
            return Fate::Sent;
        }
        let (rate, burst) = (u64::from(self.settings.responses_per_s), u64::from(self.settings.burst) * 1000);
        let now_ms = now.as_millisecond();
        self.make_room(now_ms);
        let full = Bucket { milli_tokens: burst, filled_ms: now_ms, over: 0 };
        let bucket = self.buckets.entry((network(source), class.clone())).or_insert(full);
        // `rate` answers a second are as many thousandths a millisecond.
        let gained = now_ms.saturating_sub(bucket.filled_ms).max(0).unsigned_abs().saturating_mul(rate);
        bucket.milli_tokens = bucket.milli_tokens.saturating_add(gained).min(burst);
        bucket.filled_ms = now_ms;
        if let Some(left) = bucket.milli_tokens.checked_sub(1000) {
            bucket.milli_tokens = left;
            return Fate::Sent;
        }
        bucket.over = bucket.over.wrapping_add(1);
        match self.settings.slip {
            0 => Fate::Dropped,
            slip if bucket.over.is_multiple_of(slip) => Fate::Truncated,
            _ => Fate::Dropped,
        }
    }

    /// Forgets buckets that are full again; where that frees less than half of the table, all of them, so that
    /// a flood from spoofed sources does not make every query look through the whole of it.
    fn make_room(&mut self, now_ms: i64) {
        if self.buckets.len() < self.settings.buckets_max {
            return;
        }
        let burst_ms =
            i64::from(self.settings.burst) * 1000 / i64::from(self.settings.responses_per_s.max(1));
        self.buckets.retain(|_, bucket| now_ms - bucket.filled_ms < burst_ms);
        if self.buckets.len() > self.settings.buckets_max / 2 {
            self.buckets.clear();
        }
    }
}

/// The /24 or /56 of an address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & !0xff).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 72 << 72).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(limiter: &mut Limiter, source: &str, class: &str, count: usize, at_ms: i64) -> Vec<Fate> {
        let class: LowerName = class.parse().expect("a name");
        let at = Timestamp::from_millisecond(at_ms).expect("a timestamp");
        let source = source.parse().expect("an address");
        (0..count).map(|_| limiter.fate(source, &class, at)).collect()
    }

    #[test]
    fn beyond_the_burst_every_second_answer_is_truncated_and_the_others_are_dropped() {
        let settings = RateSettings { responses_per_s: 10, burst: 2, ..RateSettings::default() };
        let mut limiter = Limiter::new(settings);
        let expected = [Fate::Sent, Fate::Sent, Fate::Dropped, Fate::Truncated, Fate::Dropped];
        assert_eq!(fates(&mut limiter, "192.0.2.1", "a.", 5, 0), expected);
        assert_eq!(fates(&mut limiter, "192.0.2.200", "a.", 1, 0), [Fate::Truncated], "the same /24");
        assert_eq!(fates(&mut limiter, "192.0.3.1", "a.", 1, 0), [Fate::Sent], "another network");
        assert_eq!(fates(&mut limiter, "192.0.2.1", "b.", 1, 0), [Fate::Sent], "another kind of answer");
        assert_eq!(
            fates(&mut limiter, "192.0.2.1", "a.", 2, 100),
            [Fate::Sent, Fate::Dropped],
            "a tenth later"
        );
        assert_eq!(fates(&mut limiter, "127.0.0.1", "a.", 9, 0), [Fate::Sent; 9], "exempt");
        assert_eq!(fates(&mut limiter, "::ffff:127.0.0.1", "a.", 9, 0), [Fate::Sent; 9], "mapped");
        assert_eq!(fates(&mut limiter, "2001:db8::1", "a.", 2, 0), [Fate::Sent; 2]);
        assert_eq!(fates(&mut limiter, "2001:db8:0:ff::1", "a.", 1, 0), [Fate::Dropped], "the same /56");
        assert_eq!(fates(&mut limiter, "2001:db8:0:100::1", "a.", 1, 0), [Fate::Sent], "another /56");
    }

    #[test]
    fn the_table_does_not_grow_beyond_its_limit() {
        let mut limiter = Limiter::new(RateSettings { buckets_max: 8, ..RateSettings::default() });
        for n in 0..100_u8 {
            fates(&mut limiter, &format!("192.0.{n}.1"), "a.", 1, i64::from(n));
            assert!(limiter.buckets.len() <= 8);
        }
        // Three of four are young: forgetting the old one alone would have to be repeated at the next query.
        let mut limiter = Limiter::new(RateSettings { buckets_max: 4, ..RateSettings::default() });
        for (n, at_ms) in [(0, 0), (1, 60_000), (2, 60_000), (3, 60_000), (4, 60_000)] {
            fates(&mut limiter, &format!("192.0.{n}.1"), "a.", 1, at_ms);
        }
        assert_eq!(limiter.buckets.len(), 1);
    }
}
