//! What ruled cases need, and what of it a service lacks: which of them are offered.

use std::net::IpAddr;

use crate::sending::trial::HostRole;

use super::{AddressFamily, Addresses, Entrance, Reach, RuledCase};

/// What a ruled case needs and a service does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// This entrance has no address.
    Address(Entrance),
    /// This entrance has no address of the family that the case is about.
    AddressOfFamily(Entrance, AddressFamily),
    /// The policy host has no address.
    PolicyHost,
    /// No name server of the origin that answers from here has an IPv6 address.
    ServerInV6,
}

impl Addresses {
    /// What a ruled case lacks to be offered; nothing, if it is. Each of its hosts needs its entrance, and the sound ones
    /// need theirs, which is all that is left of a case when its trial is over.
    pub fn lacks(&self, case: &RuledCase) -> Vec<Lack> {
        let own = case.roles().iter().map(|role| (case.entrance(*role), case.family_of_addresses()));
        let mut lacks: Vec<_> = own
            .chain([(Entrance::Good, None)])
            .filter_map(|(entrance, family)| self.lacks_at(entrance, family))
            .collect();
        lacks.extend((case.has_policy() && self.no_policy_host).then_some(Lack::PolicyHost));
        let wants_v6_server = case.reach == Some(Reach::V6Zone);
        lacks.extend((wants_v6_server && self.no_server_in_v6).then_some(Lack::ServerInV6));
        lacks.sort_unstable();
        lacks.dedup();
        lacks
    }

    fn lacks_at(&self, entrance: Entrance, family: Option<AddressFamily>) -> Option<Lack> {
        let addresses = self.of_entrance(entrance);
        match family {
            _ if addresses.is_empty() => Some(Lack::Address(entrance)),
            Some(family) if !addresses.iter().any(|address| family.has(*address)) => {
                Some(Lack::AddressOfFamily(entrance, family))
            }
            _ => None,
        }
    }

    /// Whether a ruled case is offered.
    pub fn offers(&self, case: &RuledCase) -> bool {
        self.lacks(case).is_empty()
    }

    /// Where a host of a ruled case is met: at the addresses of its entrance that are of the family that the case is about.
    pub fn of_ruled_host(&self, case: &RuledCase, role: HostRole) -> Vec<IpAddr> {
        self.of_ruled_entrance(case, case.entrance(role))
    }

    /// The addresses of an entrance that a ruled case publishes.
    pub fn of_ruled_entrance(&self, case: &RuledCase, entrance: Entrance) -> Vec<IpAddr> {
        let family = case.family_of_addresses();
        let fits = |address: &IpAddr| family.is_none_or(|family| family.has(*address));
        self.of_entrance(entrance).iter().copied().filter(fits).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Catalogue, CatalogueFiles};
    use super::*;

    fn lacks(catalogue: &Catalogue, addresses: &Addresses, id: &str) -> Vec<Lack> {
        let lacks = addresses.lacks(catalogue.ruled_case(&id.into()).expect("a case"));
        assert_eq!(
            lacks.is_empty(),
            addresses.offers(catalogue.ruled_case(&id.into()).expect("a case")),
            "{id}"
        );
        lacks
    }

    #[test]
    fn a_case_is_offered_where_nothing_is_lacking_and_nowhere_else() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let count = u8::try_from(Entrance::ALL.len()).expect("few");
        let v4: Vec<IpAddr> = (1..=count).map(|n| [192, 0, 2, n].into()).collect();
        let v4_alone = Addresses::default().with_entrances(&v4);
        assert_eq!(lacks(&catalogue, &v4_alone, "dane-good"), []);
        // Without IPv6 nobody reaches its hosts: all it would show is our own fault.
        let expected = Lack::AddressOfFamily(Entrance::Trusted, AddressFamily::V6);
        assert_eq!(lacks(&catalogue, &v4_alone, "v6only-mx"), [expected]);
        assert_eq!(lacks(&catalogue, &v4_alone, "v6only-zone"), []);
        assert_eq!(lacks(&catalogue, &v4_alone, "sts-unlisted"), []);
        let less = Addresses { no_policy_host: true, no_server_in_v6: true, ..v4_alone };
        assert_eq!(lacks(&catalogue, &less, "v6only-zone"), [Lack::ServerInV6]);
        assert_eq!(lacks(&catalogue, &less, "sts-unlisted"), [Lack::PolicyHost]);
        assert_eq!(lacks(&catalogue, &less, "dane-good"), []);
        assert_eq!(lacks(&catalogue, &Addresses::default(), "null-mx"), [Lack::Address(Entrance::Good)]);
    }

    #[test]
    fn a_host_is_met_at_addresses_of_its_cases_family_alone() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let both: Vec<IpAddr> = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]
            .map(|text| text.parse().expect("an address"))
            .to_vec();
        let addresses = Addresses::default().with_entrances(&both);
        let met_at = |id: &str| {
            let case = catalogue.ruled_case(&id.into()).expect("a case");
            addresses.of_ruled_host(case, HostRole::Bad)
        };
        assert_eq!(met_at("v6only-mx"), [both[3]]);
        assert_eq!(met_at("dane-good"), [both[1], both[3]]);
    }
}
