//! Which addresses may be called: what a sender publishes must not make us call our own neighbours.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

/// What an address is that is not globally reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Special(&'static str);

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The rules. By default every address is refused that the IANA registries of special-purpose addresses do not
/// call globally reachable, also where it hides in an IPv4-mapped or NAT64 address. In a configuration they are the list
/// of [`Self::allowed`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<IpNet>")]
pub struct AddressRules {
    /// Networks that may be called all the same: labs, tests, the demo.
    pub allowed: Vec<IpNet>,
    /// Addresses of our own, which are not called either.
    pub own: Vec<IpAddr>,
}

impl From<Vec<IpNet>> for AddressRules {
    fn from(allowed: Vec<IpNet>) -> Self {
        Self { allowed, own: Vec::new() }
    }
}

impl AddressRules {
    /// Whether `address` may be called; else what it is.
    ///
    /// # Errors
    ///
    /// If it is a special address that the settings do not allow: which.
    pub fn check(&self, address: IpAddr) -> Result<(), Special> {
        let canonical = address.to_canonical();
        if self.allowed.iter().any(|net| net.contains(&address) || net.contains(&canonical)) {
            return Ok(());
        }
        if self.own.iter().any(|own| own.to_canonical() == canonical) {
            return Err(Special("our own"));
        }
        let special = match canonical {
            IpAddr::V4(address) => special_v4(address),
            IpAddr::V6(address) => match translated(address) {
                Some(inside) => return self.check(inside.into()),
                None => special_v6(address),
            },
        };
        special.map_or(Ok(()), Err)
    }
}

/// The IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast and class E.
const SPECIAL_V4: [([u8; 4], u8, &str); 18] = [
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "shared (carrier-grade NAT)"),
    ([127, 0, 0, 0], 8, "loopback"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "for protocols"),
    ([192, 0, 2, 0], 24, "for documentation"),
    ([192, 31, 196, 0], 24, "AS112"),
    ([192, 52, 193, 0], 24, "AMT"),
    ([192, 88, 99, 0], 24, "the 6to4 relay"),
    ([192, 168, 0, 0], 16, "private"),
    ([192, 175, 48, 0], 24, "AS112"),
    ([198, 18, 0, 0], 15, "for benchmarks"),
    ([198, 51, 100, 0], 24, "for documentation"),
    ([203, 0, 113, 0], 24, "for documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
];

/// The IANA IPv6 Special-Purpose Address Registry within 2000::/3; all outside of it is refused, since no
/// global unicast address is there.
const SPECIAL_V6: [(u128, u8, &str); 5] = [
    (0x2001_0000 << 96, 23, "for protocols"),
    (0x2001_0db8 << 96, 32, "for documentation"),
    (0x2620_004f_8000 << 80, 48, "AS112"),
    (0x3fff << 112, 20, "for documentation"),
    (0x2002 << 112, 16, "6to4"),
];

fn special_v4(address: Ipv4Addr) -> Option<Special> {
    let within = |(net, bits, _): &&([u8; 4], u8, &str)| {
        Ipv4Net::new(Ipv4Addr::from(*net), *bits).is_ok_and(|net| net.contains(&address))
    };
    SPECIAL_V4.iter().find(within).map(|(_, _, what)| Special(what))
}

fn special_v6(address: Ipv6Addr) -> Option<Special> {
    let within =
        |net: u128, bits: u8| Ipv6Net::new(Ipv6Addr::from(net), bits).is_ok_and(|net| net.contains(&address));
    if let Some((_, _, what)) = SPECIAL_V6.iter().find(|(net, bits, _)| within(*net, *bits)) {
        return Some(Special(what));
    }
    if within(0x2000 << 112, 3) {
        return None;
    }
    Some(Special(match address {
        Ipv6Addr::LOCALHOST => "loopback",
        Ipv6Addr::UNSPECIFIED => "unspecified",
        _ if address.is_multicast() => "multicast",
        _ if address.is_unicast_link_local() => "link-local",
        _ if address.is_unique_local() => "private",
        _ => "not global unicast",
    }))
}

/// Whom a connection to `address` reaches: an IPv4 host may hide in an IPv4-mapped or NAT64 address.
pub fn destination(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(canonical) => translated(canonical).map_or(canonical.into(), IpAddr::V4),
        canonical @ IpAddr::V4(_) => canonical,
    }
}

/// The IPv4 address that an address with the well-known prefix of NAT64 leads to (RFC 6052 §2.1). It is called
/// where the IPv4 address may be, so that a host with IPv6 alone reaches the others.
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &AddressRules, text: &str) -> Option<String> {
        rules.check(text.parse().unwrap()).err().map(|special| special.to_string())
    }

    #[test]
    fn only_what_is_globally_reachable_is_called() {
        let rules = AddressRules::default();
        for text in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2606:4700::1", "64:ff9b::808:808"]
        {
            assert_eq!(check(&rules, text), None, "{text}");
        }
        for (text, special) in [
            ("127.0.0.1", "loopback"),
            ("::1", "loopback"),
            ("::", "unspecified"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:10.0.0.1", "private"),
            ("::127.0.0.1", "not global unicast"),
            ("64:ff9b::10.0.0.1", "private"),
            ("64:ff9b:1::8.8.8.8", "not global unicast"),
            ("2002:808:808::1", "6to4"),
            ("169.254.169.254", "link-local"),
            ("172.31.255.255", "private"),
            ("100.127.255.255", "shared (carrier-grade NAT)"),
            ("192.0.2.1", "for documentation"),
            ("224.0.0.251", "multicast"),
            ("255.255.255.255", "reserved"),
            ("0.0.0.0", "this network"),
            ("fe80::1", "link-local"),
            ("fd00::1", "private"),
            ("ff02::1", "multicast"),
            ("2001:db8::1", "for documentation"),
            ("2001::1", "for protocols"),
            ("3fff::1", "for documentation"),
            ("4000::1", "not global unicast"),
        ] {
            assert_eq!(check(&rules, text).as_deref(), Some(special), "{text}");
        }
    }

    #[test]
    fn a_lab_opens_what_it_names_and_no_more() {
        let allowed = ["127.0.0.0/8", "fd00:1::/64"].map(|net| net.parse().unwrap()).to_vec();
        let rules = AddressRules { allowed, own: Vec::new() };
        for text in ["127.0.0.9", "::ffff:127.0.0.9", "fd00:1::5"] {
            assert_eq!(check(&rules, text), None, "{text}");
        }
        assert!(check(&rules, "10.0.0.1").is_some());
        assert!(check(&rules, "fd00:2::5").is_some());
    }

    #[test]
    fn our_own_addresses_are_not_called_unless_a_lab_names_them() {
        let own = ["8.8.8.8", "2a00:1450::1", "127.0.0.1"].map(|own| own.parse().unwrap()).to_vec();
        let rules = AddressRules { allowed: vec!["127.0.0.0/8".parse().unwrap()], own };
        for text in ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::1"] {
            assert_eq!(check(&rules, text).as_deref(), Some("our own"), "{text}");
        }
        assert_eq!((check(&rules, "8.8.4.4"), check(&rules, "127.0.0.1")), (None, None));
    }
}
