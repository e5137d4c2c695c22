//! Addresses as a redacted history has them: the network, and which of its addresses, by number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::sending::trial::{Network, site_of};

/// How many addresses an IPv4 network of a redacted history can tell apart: as many as it has.
const IPV4_HOSTS_MAX: u32 = 256;

/// The network of an address: a /24, or one /64 of a /48, by number. Written `192.0.2.0/24` or `2001:db8:1::/48#2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedactedNetwork {
    site: IpNet,
    /// Which /64 of an IPv6 site, from 1.
    subnet: u16,
}

/// An address without its host part: its network, and a number that tells it from the other addresses there. Written
/// `192.0.2.0/24#1` or `2001:db8:1::/48#2.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedactedAddress {
    network: RedactedNetwork,
    /// From 1.
    host: u32,
}

/// A text that names no redacted address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no redacted address, such as 192.0.2.0/24#1 or 2001:db8:1::/48#2.1")]
pub struct NotRedacted(String);

impl RedactedNetwork {
    fn is_ipv4(self) -> bool {
        self.site.network().is_ipv4()
    }

    /// The network that stands for it where a judge wants one: the numbers take the place of what is withheld.
    pub(super) fn stand_in(self) -> Network {
        Network::of(RedactedAddress { network: self, host: 1 }.stand_in())
    }
}

impl RedactedAddress {
    /// The network it is in.
    pub fn network(self) -> RedactedNetwork {
        self.network
    }

    /// The address that stands for it where a judge wants one: in the same network, with its number as the host part.
    pub fn stand_in(self) -> IpAddr {
        match self.network.site.network() {
            IpAddr::V4(site) => {
                let [a, b, c, _] = site.octets();
                let host = u8::try_from(self.host - 1).unwrap_or(u8::MAX);
                Ipv4Addr::new(a, b, c, host).into()
            }
            IpAddr::V6(site) => {
                let [a, b, c, ..] = site.segments();
                let [high, low] =
                    [self.host >> 16, self.host & 0xffff].map(|part| u16::try_from(part).unwrap_or(0));
                Ipv6Addr::new(a, b, c, self.network.subnet, 0, 0, high, low).into()
            }
        }
    }
}

impl fmt::Display for RedactedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_ipv4() {
            true => write!(f, "{}", self.site),
            false => write!(f, "{}#{}", self.site, self.subnet),
        }
    }
}

impl fmt::Display for RedactedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if self.network.is_ipv4() { '#' } else { '.' };
        write!(f, "{}{between}{}", self.network, self.host)
    }
}

impl FromStr for RedactedNetwork {
    type Err = NotRedacted;

    fn from_str(text: &str) -> Result<Self, NotRedacted> {
        let read = || {
            let (site, subnet) =
                text.split_once('#').map_or((text, None), |(site, number)| (site, Some(number)));
            let site: IpNet = site.parse().ok()?;
            let subnet = match (site.network(), subnet) {
                (IpAddr::V4(_), None) => 0,
                (IpAddr::V6(_), Some(number)) => number.parse().ok().filter(|number| *number > 0)?,
                _ => return None,
            };
            (site == site_of(site.network())).then_some(Self { site, subnet })
        };
        read().ok_or_else(|| not_redacted(text))
    }
}

impl FromStr for RedactedAddress {
    type Err = NotRedacted;

    fn from_str(text: &str) -> Result<Self, NotRedacted> {
        let (network, host) = text.rsplit_once(['#', '.']).ok_or_else(|| not_redacted(text))?;
        let network: RedactedNetwork = network.parse()?;
        let most = if network.is_ipv4() { IPV4_HOSTS_MAX } else { u32::MAX };
        let host = host.parse().ok().filter(|host| (1..=most).contains(host));
        host.map(|host| Self { network, host }).ok_or_else(|| not_redacted(text))
    }
}

fn not_redacted(text: &str) -> NotRedacted {
    NotRedacted(text.chars().take(64).collect())
}

impl TryFrom<String> for RedactedNetwork {
    type Error = NotRedacted;

    fn try_from(text: String) -> Result<Self, NotRedacted> {
        text.parse()
    }
}

impl TryFrom<String> for RedactedAddress {
    type Error = NotRedacted;

    fn try_from(text: String) -> Result<Self, NotRedacted> {
        text.parse()
    }
}

impl From<RedactedNetwork> for String {
    fn from(network: RedactedNetwork) -> Self {
        network.to_string()
    }
}

impl From<RedactedAddress> for String {
    fn from(address: RedactedAddress) -> Self {
        address.to_string()
    }
}

/// Which number each address of a history has. They are counted in the order of addresses, so that whatever goes by that
/// order comes out the same.
pub(super) struct Numbered {
    addresses: BTreeMap<IpAddr, RedactedAddress>,
    networks: BTreeMap<Network, RedactedNetwork>,
}

impl Numbered {
    /// Numbers these addresses and these networks.
    pub(super) fn new(
        addresses: impl IntoIterator<Item = IpAddr>,
        networks: impl IntoIterator<Item = Network>,
    ) -> Self {
        let addresses: BTreeSet<IpAddr> =
            addresses.into_iter().map(|address| address.to_canonical()).collect();
        let mut found: BTreeSet<Network> = addresses.iter().map(|address| Network::of(*address)).collect();
        found.extend(networks);
        let mut subnets: BTreeMap<IpNet, u16> = BTreeMap::new();
        let networks: BTreeMap<Network, RedactedNetwork> = found
            .into_iter()
            .map(|network| {
                let site = site_of(network.address());
                let subnet = subnets.entry(site).or_default();
                *subnet = subnet.saturating_add(1);
                let subnet = if network.address().is_ipv4() { 0 } else { *subnet };
                (network, RedactedNetwork { site, subnet })
            })
            .collect();
        let mut hosts: BTreeMap<Network, u32> = BTreeMap::new();
        let numbered = addresses.into_iter().map(|address| {
            let host = hosts.entry(Network::of(address)).or_default();
            *host = host.saturating_add(1);
            (address, RedactedAddress { network: networks[&Network::of(address)], host: *host })
        });
        Self { addresses: numbered.collect(), networks }
    }

    /// How an address of the history is written.
    pub(super) fn address(&self, address: IpAddr) -> RedactedAddress {
        self.addresses[&address.to_canonical()]
    }

    /// How a network of the history is written.
    pub(super) fn network(&self, network: Network) -> RedactedNetwork {
        self.networks[&network]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_addresses_apart_and_stand_in_for_them() {
        let written = [
            "192.0.2.9",
            "192.0.2.200",
            "198.51.100.1",
            "2001:db8:1:7::5",
            "2001:db8:1:7::9",
            "2001:db8:1:a::5",
        ];
        let addresses = written.map(|text| text.parse::<IpAddr>().expect("an address"));
        let numbered =
            Numbered::new(addresses, [Network::of("2001:db8:1:8::1".parse().expect("an address"))]);
        let shown = addresses.map(|address| numbered.address(address).to_string());
        assert_eq!(
            shown,
            [
                "192.0.2.0/24#1",
                "192.0.2.0/24#2",
                "198.51.100.0/24#1",
                "2001:db8:1::/48#1.1",
                "2001:db8:1::/48#1.2",
                "2001:db8:1::/48#3.1"
            ]
        );
        for (address, shown) in addresses.into_iter().zip(shown) {
            assert_eq!(shown.parse(), Ok(numbered.address(address)));
        }
        let stand_ins = addresses.map(|address| numbered.address(address).stand_in());
        assert!(stand_ins.is_sorted(), "{stand_ins:?}");
        for (one, one_for) in addresses.iter().zip(&stand_ins) {
            for (other, other_for) in addresses.iter().zip(&stand_ins) {
                assert_eq!(one == other, one_for == other_for);
                assert_eq!(
                    Network::of(*one) == Network::of(*other),
                    Network::of(*one_for) == Network::of(*other_for)
                );
            }
        }
    }

    #[test]
    fn what_is_no_redacted_address_is_refused() {
        for text in [
            "",
            "192.0.2.7",
            "192.0.2.0/24",
            "192.0.2.7/24#1",
            "192.0.2.0/24#0",
            "192.0.2.0/24#257",
            "192.0.2.0/24#1.1",
            "192.0.2.0/25#1",
            "2001:db8:1::/48#1",
            "2001:db8:1::/48#0.1",
            "2001:db8:1::/64#1.1",
        ] {
            assert!(text.parse::<RedactedAddress>().is_err(), "{text}");
        }
    }
}
