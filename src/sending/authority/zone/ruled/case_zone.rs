//! The zone of one ruled case: what does not change from answer to answer.

use std::net::IpAddr;

use hickory_proto::rr::rdata::{NS, SOA};
use hickory_proto::rr::{LowerName, Name, RData, RecordType};

use crate::sending::authority::zone::build::{Origin, address_data, tlsa_data};
use crate::sending::authority::zone::records::{Records, ZoneError, name};
use crate::sending::persona::{Catalogue, Entrance, Layout, Reach, RuledCase, ZoneState};
use crate::sending::trial::{CasePhase, HostRole, Label, Part};
use crate::shared::policy::TlsRptRecord;
use crate::shared::time::Timestamp;

/// How long anything of a ruled zone may be remembered at most, in seconds: when a trial ends its faults are withdrawn.
pub(super) const TTL_S_MAX: u32 = 60;

/// The name server of a zone that has one of its own.
const SERVER_LABEL: &str = "ns";

/// The name servers of the origin that answer from here, too.
pub(super) struct Servers {
    names: Vec<Name>,
    v6: Vec<IpAddr>,
}

impl Servers {
    /// Those that are at addresses of ours, by the origin's zone: others would not know the ruled zones. Where that cannot be
    /// told all, first of all those whose addresses it has.
    pub(super) fn of(own: &Records, answers_at: &[IpAddr]) -> Self {
        let data = |owner: &LowerName, rtype| {
            let set = own.get(owner, rtype).into_iter();
            set.flat_map(|set| set.records_without_rrsigs())
                .map(|record| record.data.clone())
                .collect::<Vec<_>>()
        };
        let all = data(own.apex(), RecordType::NS).into_iter().filter_map(|data| match data {
            RData::NS(NS(server)) => Some(server),
            _ => None,
        });
        let all: Vec<Name> = all.collect();
        let addresses = |server: &Name| -> Vec<IpAddr> {
            let data = [RecordType::A, RecordType::AAAA].map(|rtype| data(&server.into(), rtype)).concat();
            let addresses = data.into_iter().filter_map(|data| match data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            });
            addresses.collect()
        };
        let known = |server: &&Name| !addresses(server).is_empty();
        let ours = |server: &&Name| {
            let at = addresses(server);
            !at.is_empty() && at.iter().all(|address| answers_at.contains(address))
        };
        let of = |which: &dyn Fn(&&Name) -> bool| all.iter().filter(which).cloned().collect::<Vec<_>>();
        let names = [of(&ours), of(&known), all.clone()].into_iter().find(|names| !names.is_empty());
        let names = names.unwrap_or_default();
        let v6 = names.iter().flat_map(addresses).filter(IpAddr::is_ipv6).collect();
        Self { names, v6 }
    }
}

/// What all ruled zones have in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) ttl_s: u32,
    pub(super) soa: SOA,
    pub(super) policy_host: Vec<RData>,
    /// The text of the TLSRPT record.
    pub(super) reports: Option<String>,
    pub(super) catalogue: std::sync::Arc<Catalogue>,
}

impl Common {
    /// `own` is the origin's zone, whose SOA these follow.
    pub(super) fn new(origin: &Origin, own: &Records, now: Timestamp) -> Result<Self, ZoneError> {
        let (soa, _) = own.soa().ok_or_else(|| own.unfit("it has no SOA record".to_owned()))?;
        let ttl_s = origin.pace.mx_ttl_s().min(TTL_S_MAX);
        let mut soa = soa.clone();
        soa.minimum = soa.minimum.min(ttl_s);
        // Nobody takes these zones over, and so nobody compares it.
        soa.serial = u32::try_from(now.as_second() / 86_400).unwrap_or(1).max(1);
        let published = &origin.published;
        let reports = (!published.tls_reports.is_empty())
            .then(|| TlsRptRecord { rua: published.tls_reports.clone() }.to_string());
        Ok(Self {
            ttl_s,
            soa,
            policy_host: published.policy_host.iter().copied().map(address_data).collect(),
            reports,
            catalogue: std::sync::Arc::clone(&origin.catalogue),
        })
    }
}

/// What is served of a host.
#[derive(Clone, Debug, Default)]
pub(super) struct HostData {
    pub(super) addresses: Vec<RData>,
    pub(super) tlsa: Vec<RData>,
}

/// The zone of one ruled case.
#[derive(Debug)]
pub(in crate::sending::authority::zone) struct CaseZone {
    case: RuledCase,
    apex: LowerName,
    servers: Vec<Name>,
    /// The zone's own name server, and its addresses.
    server: Option<(LowerName, Vec<RData>)>,
    bad: HostData,
    good: HostData,
    /// Where sound hosts are met.
    sound: Vec<RData>,
}

impl CaseZone {
    /// The zone of `case`.
    pub(super) fn new(case: &RuledCase, origin: &Origin, servers: &Servers) -> Result<Self, ZoneError> {
        let apex = name(&format!("{}.{}", case.id, origin.catalogue.origin()))?;
        let mut zone = Self {
            case: case.clone(),
            apex: LowerName::from(&apex),
            servers: servers.names.clone(),
            server: None,
            bad: HostData::default(),
            good: HostData::default(),
            sound: data_of(&origin.addresses.of_ruled_entrance(case, Entrance::Good)),
        };
        if case.reach == Some(Reach::V6Zone) {
            let server = apex
                .prepend_label(SERVER_LABEL)
                .map_err(|error| ZoneError::Name { name: apex.to_ascii(), reason: error.to_string() })?;
            zone.servers = vec![server.clone()];
            let addresses = servers.v6.iter().copied().map(address_data).collect();
            zone.server = Some((LowerName::from(server), addresses));
        }
        for role in case.roles() {
            let data = host_data(case, *role, origin)?;
            match role {
                HostRole::Bad => zone.bad = data,
                HostRole::Good => zone.good = data,
            }
        }
        Ok(zone)
    }

    pub(super) fn id(&self) -> &str {
        &self.case.id.0
    }

    pub(super) fn case(&self) -> &RuledCase {
        &self.case
    }

    pub(super) fn apex(&self) -> &LowerName {
        &self.apex
    }

    pub(super) fn fixed_label(&self) -> Option<&Label> {
        self.case.fixed_label.as_ref()
    }

    /// Whether it has keys.
    pub(super) fn is_signed(&self) -> bool {
        self.case.zone != ZoneState::Insecure
    }

    pub(super) fn servers(&self) -> &[Name] {
        &self.servers
    }

    pub(super) fn server_name(&self) -> Option<&LowerName> {
        self.server.as_ref().map(|(name, _)| name)
    }

    /// The addresses of its own name server.
    pub(super) fn server_addresses(&self) -> &[RData] {
        self.server.as_ref().map_or(&[], |(_, addresses)| addresses)
    }

    pub(super) fn host(&self, role: HostRole) -> &HostData {
        match role {
            HostRole::Bad => &self.bad,
            HostRole::Good => &self.good,
        }
    }

    /// Where a host is met. When a trial is over a faulty one is where the sound ones are, which take its mail.
    pub(super) fn addresses(&self, role: HostRole, phase: CasePhase) -> &[RData] {
        match (role, phase) {
            (HostRole::Bad, CasePhase::Over) if !self.sound.is_empty() => &self.sound,
            _ => &self.host(role).addresses,
        }
    }

    /// Whether the first host is an alias.
    pub(super) fn has_alias(&self) -> bool {
        matches!(self.case.layout, Layout::Alias | Layout::InsecureAlias)
    }

    /// Whether names of this part exist, with or without records. What senders may ask for does: else a resolver that once
    /// heard that there is nothing would ask no more (RFC 8020).
    pub(super) fn has(&self, part: Part) -> bool {
        match part {
            Part::Domain | Part::PolicyRecord | Part::PolicyHost | Part::ReportRecord => true,
            Part::Host(role) | Part::Tlsa(role) => self.case.roles().contains(&role),
            Part::DomainTlsa => self.case.layout == Layout::Implicit,
            Part::Alias | Part::AliasTlsa => self.has_alias(),
        }
    }
}

fn data_of(addresses: &[IpAddr]) -> Vec<RData> {
    addresses.iter().copied().map(address_data).collect()
}

fn host_data(case: &RuledCase, role: HostRole, origin: &Origin) -> Result<HostData, ZoneError> {
    let addresses = data_of(&origin.addresses.of_ruled_host(case, role));
    if case.tlsa_of(role).is_empty() {
        return Ok(HostData { addresses, tlsa: Vec::new() });
    }
    let id = Catalogue::ruled_host_id(&case.id, role);
    let records = origin.tlsa.get(&id).filter(|records| !records.is_empty());
    let records = records.ok_or_else(|| ZoneError::Unfit {
        file: format!("case {}", case.id),
        reason: format!("{id} has TLSA records, but no key was given that they could follow from"),
    })?;
    Ok(HostData { addresses, tlsa: records.iter().map(tlsa_data).collect() })
}

/// Whether a name server of `origin` that answers at one of these addresses has an IPv6 address, by the text of its zone.
pub fn has_server_in_v6(origin: &str, text: &str, answers_at: &[IpAddr]) -> bool {
    let own = name(origin).and_then(|apex| Records::parse(&apex, origin, text));
    own.is_ok_and(|own| !Servers::of(&own, answers_at).v6.is_empty())
}
