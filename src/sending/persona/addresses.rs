//! The addresses that personas are met at.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::{Entrance, PersonaId};

/// Which addresses the MX hosts have: all of them the shared ones, and some their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Every host without addresses of its own has these.
    pub shared: Vec<IpAddr>,
    /// Hosts that are known by address as well as by SNI.
    pub own: BTreeMap<PersonaId, Vec<IpAddr>>,
    /// The entrances of ruled cases. A case with a host whose entrance has no address is not offered.
    pub entrances: BTreeMap<Entrance, Vec<IpAddr>>,
    /// Whether the MTA-STS policy host has no address: cases with a policy are not offered.
    pub no_policy_host: bool,
    /// Whether no name server of the origin that answers from here has an IPv6 address: cases that are reached by such a one
    /// alone are not offered.
    pub no_server_in_v6: bool,
}

impl Addresses {
    /// The addresses to publish for `persona`: its own in place of shared ones of the same family.
    pub fn of(&self, persona: &PersonaId) -> Vec<IpAddr> {
        let own = self.own.get(persona).cloned().unwrap_or_default();
        let shared =
            self.shared.iter().filter(|shared| !own.iter().any(|own| own.is_ipv4() == shared.is_ipv4()));
        own.iter().chain(shared).copied().collect()
    }

    /// Gives `addresses` to the entrances in their order, for each family of addresses by itself.
    #[must_use]
    pub fn with_entrances(mut self, addresses: &[IpAddr]) -> Self {
        for is_ipv4 in [true, false] {
            let of_family = addresses.iter().filter(|address| address.is_ipv4() == is_ipv4);
            for (entrance, address) in Entrance::ALL.iter().zip(of_family) {
                self.entrances.entry(*entrance).or_default().push(*address);
            }
        }
        self
    }

    /// The addresses of an entrance.
    pub fn of_entrance(&self, entrance: Entrance) -> &[IpAddr] {
        self.entrances.get(&entrance).map_or(&[], Vec::as_slice)
    }

    /// Where the entrances are listened at, on the port of the first of `smtp`, but where one of these listens anyway.
    pub fn entrance_sockets(&self, smtp: &[SocketAddr]) -> Vec<SocketAddr> {
        let Some(port) = smtp.first().map(SocketAddr::port) else { return Vec::new() };
        let listens = |ip: IpAddr| {
            // A socket for all addresses of IPv6 takes those of IPv4, too.
            let any = |bound: IpAddr| bound.is_unspecified() && (bound.is_ipv6() || ip.is_ipv4());
            smtp.iter().any(|bound| bound.port() == port && (bound.ip() == ip || any(bound.ip())))
        };
        let addresses = self.entrances.values().flatten();
        addresses.filter(|ip| !listens(**ip)).map(|ip| SocketAddr::new(*ip, port)).collect()
    }

    /// The entrance that has `address`.
    pub fn entrance_at(&self, address: IpAddr) -> Option<Entrance> {
        let address = address.to_canonical();
        self.entrances.iter().find(|(_, own)| own.contains(&address)).map(|(entrance, _)| *entrance)
    }

    /// The persona that alone has `address`.
    pub fn persona_at(&self, address: IpAddr) -> Option<&PersonaId> {
        let address = address.to_canonical();
        self.own.iter().find(|(_, own)| own.contains(&address)).map(|(persona, _)| persona)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entrances_are_listened_at_where_nobody_does_yet() {
        let cases = ["192.0.2.1", "192.0.2.2", "2001:db8::2"].map(|text| text.parse().expect("an address"));
        let addresses = Addresses::default().with_entrances(&cases);
        let found = |smtp: &[&str]| {
            let smtp: Vec<SocketAddr> = smtp.iter().map(|text| text.parse().expect("a socket")).collect();
            let mut found =
                addresses.entrance_sockets(&smtp).iter().map(ToString::to_string).collect::<Vec<_>>();
            found.sort();
            found
        };
        assert_eq!(found(&["192.0.2.1:25"]), ["192.0.2.2:25", "[2001:db8::2]:25"]);
        assert_eq!(found(&["0.0.0.0:2525"]), ["[2001:db8::2]:2525"]);
        assert!(found(&["[::]:25"]).is_empty() && found(&[]).is_empty());
    }

    #[test]
    fn an_own_address_replaces_the_shared_one_of_its_family() {
        let shared: Vec<IpAddr> =
            ["192.0.2.1", "2001:db8::1"].map(|text| text.parse().expect("address")).to_vec();
        let own: IpAddr = "2001:db8::3".parse().expect("address");
        let addresses = Addresses {
            shared: shared.clone(),
            own: [("mx03.et".into(), vec![own])].into(),
            ..Addresses::default()
        };
        assert_eq!(addresses.of(&"mx03.et".into()), [own, shared[0]]);
        assert_eq!(addresses.of(&"mx04.et".into()), shared);
        assert_eq!(addresses.persona_at(own), Some(&"mx03.et".into()));
        assert_eq!(addresses.persona_at(shared[0]), None);
    }
}
