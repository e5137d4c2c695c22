//! Route origin validation (RFC 6811).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::shared::evidence::scan::Rpki;

/// A validated ROA payload: who may announce a prefix, and how finely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vrp {
    /// The prefix.
    pub prefix: IpNet,
    /// The longest prefix within it that may be announced.
    pub length_max: u8,
    /// Who may; 0 is nobody (RFC 6483 §4).
    pub asn: u32,
}

/// All payloads of a validator: 12 octets for one of IPv4, 32 for one of IPv6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vrps {
    /// Length of the prefix, prefix, longest announcement, who.
    v4: Vec<(u8, u32, u8, u32)>,
    v6: Vec<(u8, u128, u8, u32)>,
}

impl FromIterator<Vrp> for Vrps {
    fn from_iter<I: IntoIterator<Item = Vrp>>(payloads: I) -> Self {
        let mut vrps = Self::default();
        for Vrp { prefix, length_max, asn } in payloads {
            match prefix.trunc() {
                IpNet::V4(net) => {
                    vrps.v4.push((net.prefix_len(), net.network().into(), length_max, asn));
                }
                IpNet::V6(net) => {
                    vrps.v6.push((net.prefix_len(), net.network().into(), length_max, asn));
                }
            }
        }
        vrps.v4.sort_unstable();
        vrps.v6.sort_unstable();
        vrps
    }
}

impl Vrps {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `asn` may announce `prefix` (RFC 6811 §2).
    pub fn validity(&self, prefix: IpNet, asn: u32) -> Rpki {
        let prefix = prefix.trunc();
        let (mut covered, mut allowed) = (false, false);
        let mut look = |length_max: u8, by: u32| {
            covered = true;
            allowed |= by != 0 && by == asn && prefix.prefix_len() <= length_max;
        };
        match prefix.network() {
            IpAddr::V4(network) => covering(&self.v4, prefix.prefix_len(), &mut look, |bits| {
                u32::from(network) & u32::MAX.checked_shl(u32::from(32 - bits)).unwrap_or(0)
            }),
            IpAddr::V6(network) => covering(&self.v6, prefix.prefix_len(), &mut look, |bits| {
                u128::from(network) & u128::MAX.checked_shl(u32::from(128 - bits)).unwrap_or(0)
            }),
        }
        match (covered, allowed) {
            (_, true) => Rpki::Valid,
            (true, false) => Rpki::Invalid,
            (false, false) => Rpki::NotFound,
        }
    }
}

/// Calls `look` with every payload whose prefix is `masked` at some length up to `bits_max`.
fn covering<P: Ord + Copy>(
    payloads: &[(u8, P, u8, u32)],
    bits_max: u8,
    look: &mut impl FnMut(u8, u32),
    masked: impl Fn(u8) -> P,
) {
    for bits in 0..=bits_max {
        let prefix = masked(bits);
        let first = payloads.partition_point(|(other, at, ..)| (*other, *at) < (bits, prefix));
        let same = payloads[first..].iter().take_while(|(other, at, ..)| (*other, *at) == (bits, prefix));
        same.for_each(|(.., length_max, asn)| look(*length_max, *asn));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_is_valid_invalid_or_not_found() {
        let vrp = |prefix: &str, length_max, asn| Vrp { prefix: prefix.parse().unwrap(), length_max, asn };
        let vrps: Vrps = [
            vrp("192.0.2.0/24", 24, 64500),
            vrp("198.51.0.0/16", 20, 64500),
            vrp("198.51.96.0/20", 24, 64501),
            vrp("203.0.113.0/24", 24, 0),
            vrp("2001:db8::/32", 48, 64500),
        ]
        .into_iter()
        .collect();
        for (prefix, asn, validity) in [
            ("192.0.2.0/24", 64500, Rpki::Valid),
            ("192.0.2.0/24", 64501, Rpki::Invalid),
            ("192.0.2.0/25", 64500, Rpki::Invalid),
            ("192.0.0.0/16", 64500, Rpki::NotFound),
            ("198.51.100.0/24", 64500, Rpki::Invalid),
            ("198.51.100.0/24", 64501, Rpki::Valid),
            ("203.0.113.0/24", 0, Rpki::Invalid),
            ("2001:db8:1::/48", 64500, Rpki::Valid),
            ("2001:db8:1::/49", 64500, Rpki::Invalid),
            ("2001:db9::/32", 64500, Rpki::NotFound),
        ] {
            assert_eq!(vrps.validity(prefix.parse().unwrap(), asn), validity, "{prefix} AS{asn}");
        }
    }
}
