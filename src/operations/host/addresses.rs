//! The addresses of this host.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::shared::dial::AddressRules;

/// An address of this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAddress {
    pub address: IpAddr,
    /// Whether the world can reach such an address.
    pub is_global: bool,
    /// Whether the system takes it by itself when it calls the world.
    pub is_chosen: bool,
}

/// Whom a route is looked for to: root servers of DNS, a.root-servers.net. Nothing is sent to them.
const FAR: [&str; 2] = ["198.41.0.4:53", "[2001:503:ba3e::2:30]:53"];

/// The addresses of this host that are neither loopback nor link-local, IPv4 first, the chosen ones before others.
///
/// # Errors
///
/// If the system does not tell them.
pub fn own_addresses() -> io::Result<Vec<OwnAddress>> {
    let chosen: Vec<IpAddr> = FAR.iter().filter_map(|far| source_to(far.parse().ok()?)).collect();
    let found = if_addrs::get_if_addrs()?;
    let found = found.into_iter().map(|interface| interface.ip()).filter(|address| match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    });
    let rules = AddressRules::default();
    let mut found: Vec<OwnAddress> = found
        .map(|address| OwnAddress {
            address,
            is_global: rules.check(address).is_ok(),
            is_chosen: chosen.contains(&address),
        })
        .collect();
    found.sort_by_key(|own| (own.address.is_ipv6(), !own.is_chosen, own.address));
    found.dedup();
    Ok(found)
}

/// From which address the system would call `far`; none: it has no way there.
fn source_to(far: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if far.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).ok()?;
    // Connecting a datagram socket sends nothing.
    socket.connect(far).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_other_hosts_and_of_loopback_are_not_among_them() {
        let own = own_addresses().unwrap();
        assert!(own.iter().all(|own| !own.address.is_loopback()), "{own:?}");
        // Each of them can be bound, which that of another host cannot.
        for own in own {
            UdpSocket::bind((own.address, 0)).unwrap_or_else(|error| panic!("{}: {error}", own.address));
        }
    }

    #[test]
    fn the_way_to_loopback_begins_there() {
        let loopback: IpAddr = [127, 0, 0, 1].into();
        assert_eq!(source_to((loopback, 53).into()), Some(loopback));
    }
}
