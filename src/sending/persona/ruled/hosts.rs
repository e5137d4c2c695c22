//! The hosts of a ruled case: which it has, what they are called and where they are met.

use crate::sending::trial::{HostRole, Part};

use super::entrance::Entrance;
use super::spec::{AddressFamily, HostSpec, Layout, LookupFault, Reach, RuledCase, TlsaPlan};

impl RuledCase {
    /// The specification of a host.
    pub fn host(&self, role: HostRole) -> &HostSpec {
        match role {
            HostRole::Bad => &self.bad,
            HostRole::Good => &self.good,
        }
    }

    /// The hosts that it has, by preference.
    pub fn roles(&self) -> &'static [HostRole] {
        match self.layout {
            Layout::Pair | Layout::Alias | Layout::InsecureAlias | Layout::Elsewhere => &HostRole::ALL,
            Layout::Single | Layout::Implicit => &[HostRole::Bad],
            Layout::NullMx => &[],
        }
    }

    /// The TLSA records of a host.
    pub fn tlsa_of(&self, role: HostRole) -> &[TlsaPlan] {
        self.host(role).tlsa.as_deref().unwrap_or(&self.tlsa)
    }

    /// The family of addresses that its hosts are met at alone, if there is one.
    pub fn family_of_addresses(&self) -> Option<AddressFamily> {
        match self.reach {
            Some(Reach::V4Hosts) => Some(AddressFamily::V4),
            Some(Reach::V6Hosts) => Some(AddressFamily::V6),
            Some(Reach::V6Zone | Reach::LargeAnswers) | None => None,
        }
    }

    /// Whether it shows something only by answers that do not validate.
    pub fn is_bogus(&self) -> bool {
        self.zone.is_bogus() || self.bad.tlsa_lookup.is_some_and(LookupFault::is_bogus)
    }

    /// What of the case a host's name is about: the domain itself where that is the host (RFC 5321 §5.1).
    pub fn part_of(&self, role: HostRole) -> Part {
        match (self.layout, role) {
            (Layout::Implicit, HostRole::Bad) => Part::Domain,
            _ => Part::Host(role),
        }
    }

    /// The host that a name about this part is of, if it is one's.
    pub fn host_at(&self, part: Part) -> Option<HostRole> {
        match part {
            Part::Host(role) => Some(role),
            Part::Domain if self.layout == Layout::Implicit => Some(HostRole::Bad),
            // Senders with DANE say where the alias ends (RFC 7672 §2.2.2).
            Part::Alias if self.layout.is_alias() => Some(HostRole::Bad),
            _ => None,
        }
    }

    /// The hosts that are met at an entrance.
    pub fn roles_at(&self, entrance: Entrance) -> impl Iterator<Item = HostRole> {
        self.roles().iter().copied().filter(move |role| self.entrance(*role) == entrance)
    }
}

impl Layout {
    /// Whether the first host is an alias.
    pub fn is_alias(self) -> bool {
        matches!(self, Self::Alias | Self::InsecureAlias)
    }
}
