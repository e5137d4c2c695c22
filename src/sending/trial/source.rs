//! Where links come from.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::shared::domain_name::registrable_domain;

/// Where a link came from: its address, and the registrable domain of the name it gave in EHLO.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// The address, an IPv4 address also where it came as IPv4-mapped IPv6.
    pub address: IpAddr,
    /// The registrable domain of the EHLO name, if it has one.
    pub domain: Option<String>,
}

/// How two sightings are tied: the wider, the weaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tie {
    /// The EHLO names share a registrable domain.
    Domain,
    /// The addresses share a /24 or a /64 and the EHLO names do not speak against it.
    Network,
    /// The same address.
    Address,
}

impl Source {
    /// A source as a listener sees it.
    pub fn new(address: IpAddr, ehlo: Option<&str>) -> Self {
        Self { address: address.to_canonical(), domain: ehlo.and_then(registrable_domain) }
    }

    /// How `self` and `other` are tied, if they are. Neighbours in a network that name different domains
    /// are different senders (a hoster's customers); where one names none, the network ties them.
    pub fn tie(&self, other: &Self) -> Option<Tie> {
        if self.address == other.address {
            return Some(Tie::Address);
        }
        let same_network = Network::of(self.address) == Network::of(other.address);
        match (&self.domain, &other.domain) {
            (Some(ours), Some(theirs)) if ours == theirs => {
                Some(if same_network { Tie::Network } else { Tie::Domain })
            }
            (Some(_), Some(_)) => None,
            _ => same_network.then_some(Tie::Network),
        }
    }
}

/// A /24 (IPv4) or a /64 (IPv6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Network(IpAddr);

impl Network {
    /// Its first address.
    pub fn address(self) -> IpAddr {
        self.0
    }

    /// The network of `address`.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                Ipv4Addr::new(a, b, c, 0).into()
            }
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, if self.0.is_ipv4() { 24 } else { 64 })
    }
}

/// What one site has as a rule, and one who floods: the /24 of an IPv4 address, the /48 of an IPv6 address
/// (RFC 6177 §2). The limits of the listeners are by it.
pub fn site_of(address: IpAddr) -> IpNet {
    let address = address.to_canonical();
    IpNet::new_assert(address, if address.is_ipv6() { 48 } else { 24 }).trunc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str, ehlo: Option<&str>) -> Source {
        Source::new(address.parse().expect("an address"), ehlo)
    }

    #[test]
    fn the_wider_the_weaker() {
        let one = source("192.0.2.1", Some("mx.example.net"));
        assert_eq!(one.tie(&source("192.0.2.1", Some("other.org"))), Some(Tie::Address));
        assert_eq!(one.tie(&source("192.0.2.9", Some("out.example.net"))), Some(Tie::Network));
        assert_eq!(one.tie(&source("192.0.2.9", None)), Some(Tie::Network));
        assert_eq!(one.tie(&source("192.0.2.9", Some("other.org"))), None);
        assert_eq!(one.tie(&source("198.51.100.9", Some("out.example.net"))), Some(Tie::Domain));
        assert_eq!(one.tie(&source("198.51.100.9", None)), None);
        assert!(Tie::Address > Tie::Network && Tie::Network > Tie::Domain);
    }

    #[test]
    fn mapped_addresses_are_ipv4() {
        assert_eq!(source("::ffff:192.0.2.1", None), source("192.0.2.1", None));
    }
}
