//! From the catalogue to records: what every persona and case needs in DNS, in the order of an epoch.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use hickory_proto::rr::rdata::{CAA, MX, NS, TLSA};
use hickory_proto::rr::{LowerName, Name, RData, RecordType};
use sha2::{Digest, Sha256};

use super::records::{Records, ZoneError, name};
use crate::sending::persona::{Addresses, Case, CaseId, Catalogue, Dnssec, Persona, PersonaId, TlsaSpec};
use crate::sending::trial::Pace;
use crate::shared::policy::{MtaStsRecord, TlsRptRecord, Tlsa};
use crate::shared::time::Timestamp;

/// The operator's origin and all that its zone is built of.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Apex, NS and glue as the operator writes them, in master-file format.
    pub text: String,
    /// Where the text came from, for errors.
    pub file: String,
    /// Personas and cases.
    pub catalogue: Arc<Catalogue>,
    /// Where the personas are met.
    pub addresses: Addresses,
    /// The TLSA records of each persona that has some; they follow from its key.
    pub tlsa: BTreeMap<PersonaId, Vec<Tlsa>>,
    /// How long an order of MX records lasts, and their TTL.
    pub pace: Pace,
    /// What else the service publishes.
    pub published: Published,
    /// The addresses at which questions reach this service: of the origin's name servers those at others would not know
    /// zones that are answered by rule. Empty: it is not known.
    pub answers_at: Vec<IpAddr>,
}

/// What the service's own domains publish beside their MX hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// The addresses of the MTA-STS policy host. None: no policy is published.
    pub policy_host: Vec<IpAddr>,
    /// The addresses of the site, at the origin itself.
    pub site: Vec<IpAddr>,
    /// The addresses that the service sends mail from, for SPF; all other domains of the service send none.
    pub sends_from: Vec<IpAddr>,
    /// The selector and the text of the DKIM key record.
    pub dkim: Option<(String, String)>,
    /// The labels and the text of the record of the key that documents are signed with.
    pub seal: Option<(String, String)>,
    /// Where TLS reports are wanted, as `mailto:` or `https:` addresses.
    pub tls_reports: Vec<String>,
    /// Where DMARC reports are wanted, as `mailto:` addresses.
    pub dmarc_reports: Vec<String>,
    /// The CA that alone may issue for the origin (RFC 8659). None: any may.
    pub caa_issuer: Option<String>,
}

/// Builds the zones of the origin: its own and one for each case that is a zone of its own. The flag says
/// whether the zone is signed.
pub(in crate::sending::authority) fn build(
    origin: &Origin,
    now: Timestamp,
) -> Result<Vec<(Records, bool)>, ZoneError> {
    let apex = name(origin.catalogue.origin())?;
    let own = Records::parse(&apex, &origin.file, &origin.text)?;
    let mut builder = Builder {
        origin,
        epoch: epoch(&origin.pace, now),
        ttl_s: origin.pace.mx_ttl_s(),
        zones: vec![(own, true)],
    };
    for case in origin.catalogue.fixed_cases() {
        builder.cut_out(case)?;
    }
    for case in origin.catalogue.fixed_cases() {
        builder.case(case)?;
    }
    builder.service(&apex)?;
    builder.zones.iter().try_for_each(|(zone, _)| zone.check())?;
    Ok(builder.zones)
}

/// The number of the order that is current at `now`.
pub fn epoch(pace: &Pace, now: Timestamp) -> i64 {
    now.as_second().div_euclid(i64::from(pace.rotation_s.max(1)))
}

/// When the order that is current at `now` began, in seconds of Unix time.
pub(in crate::sending::authority) fn epoch_start_s(pace: &Pace, now: Timestamp) -> i64 {
    epoch(pace, now) * i64::from(pace.rotation_s.max(1))
}

/// The order of the hosts of `case` in an epoch: each host is ranked by the digest of case, epoch and its
/// own name. So every permutation is as likely as any other, nodes agree without talking, and no retry
/// interval falls into step.
pub fn mx_order<'a>(
    case: &CaseId,
    epoch: i64,
    hosts: impl IntoIterator<Item = &'a PersonaId>,
) -> Vec<&'a PersonaId> {
    let rank = |host: &PersonaId| {
        let mut digest = Sha256::new();
        // Names have no NUL, so that no two inputs read alike.
        for part in [case.0.as_bytes(), b"\0", &epoch.to_be_bytes(), host.0.as_bytes()] {
            digest.update(part);
        }
        digest.finalize()
    };
    let mut hosts: Vec<_> = hosts.into_iter().collect();
    hosts.sort_by_cached_key(|host| rank(host));
    hosts
}

struct Builder<'a> {
    origin: &'a Origin,
    epoch: i64,
    ttl_s: u32,
    zones: Vec<(Records, bool)>,
}

impl Builder<'_> {
    /// Makes the zone of a case that is one of its own. The delegation follows when all zones are known.
    fn cut_out(&mut self, case: &Case) -> Result<(), ZoneError> {
        let domain = name(&self.origin.catalogue.domain(case))?;
        let (own, signed) = &mut self.zones[0];
        if case.dnssec == Dnssec::Signed {
            // Below a cut all that is built in would be glue, which nobody is answered with.
            let delegated = *own.apex() != LowerName::from(&domain)
                && own.get(&(&domain).into(), RecordType::NS).is_some();
            let reason =
                format!("it delegates {domain}, which is a case and served here; remove these NS records");
            return if delegated { Err(own.unfit(reason)) } else { Ok(()) };
        }
        if *own.apex() == LowerName::from(&domain) {
            *signed = false;
        } else {
            let zone = Records::like(own, &domain);
            self.zones.push((zone, false));
        }
        Ok(())
    }

    /// The zone that holds `owner`: the deepest that encloses it.
    fn zone_of(&mut self, owner: &Name) -> &mut Records {
        let owner = LowerName::from(owner);
        let holds = |zone: &&mut (Records, bool)| zone.0.apex().zone_of(&owner);
        let deepest = self.zones.iter_mut().filter(holds).max_by_key(|zone| zone.0.apex().num_labels());
        &mut deepest.expect("every case lies under the origin, whose zone is the first").0
    }

    fn add(&mut self, owner: &Name, data: RData) {
        let ttl_s = self.ttl_s;
        self.zone_of(owner).add(owner, ttl_s, data);
    }

    fn add_txt(&mut self, owner: &Name, kind: &str, text: &str) {
        let ttl_s = self.ttl_s;
        self.zone_of(owner).add_txt(owner, ttl_s, kind, text);
    }

    fn add_addresses(&mut self, owner: &Name, addresses: &[IpAddr]) {
        for address in addresses {
            self.add(owner, address_data(*address));
        }
    }

    /// MX list, hosts and policy of a case.
    fn case(&mut self, case: &Case) -> Result<(), ZoneError> {
        let catalogue = Arc::clone(&self.origin.catalogue);
        let domain = name(&catalogue.domain(case))?;
        self.zone_of(&domain).remove(&domain, RecordType::MX);
        let order = mx_order(&case.id, self.epoch, catalogue.hosts_of(&case.id).map(|persona| &persona.id));
        for (host, preference) in order.into_iter().zip((10..=u16::MAX).step_by(10)) {
            let Some(persona) = catalogue.persona(host) else { continue };
            let Some(host) = catalogue.host_name(persona) else { continue };
            let host = name(&host)?;
            self.add(&domain, RData::MX(MX::new(preference, host.clone())));
            self.host(persona, &host)?;
        }
        self.policy(case, &domain)
    }

    /// Addresses and TLSA records of an MX host. TLSA lies at port 25 whatever the port of a test.
    fn host(&mut self, persona: &Persona, host: &Name) -> Result<(), ZoneError> {
        self.add_addresses(host, &self.origin.addresses.of(&persona.id));
        let owner = below("_25._tcp", host)?;
        if persona.tlsa == TlsaSpec::None {
            // A resolver may answer from the NSEC of another name without asking us (RFC 8198), and the judge
            // must see who asks for TLSA. So the name exists, and its own NSEC denies the type.
            self.add_txt(&owner, "", "This host has no TLSA record, deliberately.");
            return Ok(());
        }
        let records = self.origin.tlsa.get(&persona.id).filter(|records| !records.is_empty());
        let records = records.ok_or_else(|| ZoneError::Unfit {
            file: format!("persona {}", persona.id),
            reason: "it has a TLSA record, but no key was given that it could follow from".to_owned(),
        })?;
        for tlsa in records {
            self.add(&owner, tlsa_data(tlsa));
        }
        Ok(())
    }

    /// The MTA-STS record and the policy host (RFC 8461 §3.1, §3.3).
    fn policy(&mut self, case: &Case, domain: &Name) -> Result<(), ZoneError> {
        let hosts = &self.origin.published.policy_host;
        let Some(policy) = self.origin.catalogue.policy(case).filter(|_| !hosts.is_empty()) else {
            return Ok(());
        };
        let record =
            MtaStsRecord { id: HEXLOWER.encode(&Sha256::digest(policy.to_string()))[..32].to_owned() };
        self.add_txt(&below("_mta-sts", domain)?, "v=STSv1", &record.to_string());
        self.add_addresses(&below("mta-sts", domain)?, hosts);
        Ok(())
    }

    /// What the origin and the domains of all cases publish about mail.
    fn service(&mut self, apex: &Name) -> Result<(), ZoneError> {
        let published = &self.origin.published;
        let catalogue = Arc::clone(&self.origin.catalogue);
        let mut domains = vec![apex.clone()];
        for case in catalogue.fixed_cases() {
            let domain = name(&catalogue.domain(case))?;
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        for domain in &domains {
            let sends_from: &[IpAddr] = if domain == apex { &published.sends_from } else { &[] };
            self.add_txt(domain, "v=spf1", &spf(sends_from));
            self.add_txt(&below("_dmarc", domain)?, "v=DMARC1", &dmarc(&published.dmarc_reports));
            if !published.tls_reports.is_empty() && !receives_reports(&published.tls_reports, domain) {
                let record = TlsRptRecord { rua: published.tls_reports.clone() };
                self.add_txt(&below("_smtp._tls", domain)?, "v=TLSRPTv1", &record.to_string());
            }
        }
        if let Some((selector, key)) = &published.dkim {
            self.add_txt(&below(&format!("{selector}._domainkey"), apex)?, "v=DKIM1", key);
        }
        if let Some((labels, key)) = &published.seal {
            self.add_txt(&below(labels, apex)?, "v=mailassay1", key);
        }
        if let Some(issuer) = &published.caa_issuer {
            self.add(apex, RData::CAA(CAA::new_issue(false, Some(name(issuer)?), Vec::new())));
        }
        self.add_addresses(apex, &published.site);
        Ok(())
    }
}

/// Whether one of these addresses for reports is at `domain`: then it asks for none itself, or every report would be followed
/// by one about its delivery, for ever (RFC 8460 §3 lets senders report on that, too).
fn receives_reports(addresses: &[String], domain: &Name) -> bool {
    let domain = domain.to_ascii();
    let at = |address: &String| address.rsplit_once('@').map(|(_, at)| at.to_owned());
    addresses
        .iter()
        .filter(|address| address.starts_with("mailto:"))
        .filter_map(at)
        .any(|at| at.trim_end_matches('.').eq_ignore_ascii_case(domain.trim_end_matches('.')))
}

/// `labels` below `parent`.
fn below(labels: &str, parent: &Name) -> Result<Name, ZoneError> {
    let name = Name::from_ascii(labels).and_then(|labels| labels.append_domain(parent));
    name.map_err(|error| ZoneError::Name { name: format!("{labels}.{parent}"), reason: error.to_string() })
}

pub(super) fn address_data(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(address) => RData::A(address.into()),
        IpAddr::V6(address) => RData::AAAA(address.into()),
    }
}

pub(super) fn tlsa_data(tlsa: &Tlsa) -> RData {
    RData::TLSA(TLSA::new(tlsa.usage.into(), tlsa.selector.into(), tlsa.matching.into(), tlsa.data.clone()))
}

/// RFC 7208: these addresses and no others.
fn spf(sends_from: &[IpAddr]) -> String {
    let mechanisms = sends_from.iter().map(|address| match address {
        IpAddr::V4(address) => format!("ip4:{address} "),
        IpAddr::V6(address) => format!("ip6:{address} "),
    });
    format!("v=spf1 {}-all", mechanisms.collect::<String>())
}

/// DMARC: mail from the service that is neither signed nor from its addresses is not the service's.
fn dmarc(reports: &[String]) -> String {
    match reports {
        [] => "v=DMARC1; p=reject".to_owned(),
        reports => format!("v=DMARC1; p=reject; rua={}", reports.join(",")),
    }
}

/// Ties zones together: NS, glue and, where the child is signed, DS records of a zone go into the nearest
/// zone above it that is served here, too. What the operator wrote there stays.
pub(in crate::sending::authority) fn delegate(
    zones: &mut [(Records, bool)],
    ds: impl Fn(&LowerName) -> Result<Vec<RData>, ZoneError>,
) -> Result<(), ZoneError> {
    for child in 0..zones.len() {
        let Some(parent) = parent_of(zones, child) else { continue };
        let apex = zones[child].0.apex().clone();
        let owner = Name::from(&apex);
        if zones[parent].0.get(&apex, RecordType::NS).is_none() {
            for (ttl_s, data) in data_of(&zones[child].0, &apex, RecordType::NS) {
                zones[parent].0.add(&owner, ttl_s, data);
            }
        }
        if zones[child].1 && zones[parent].0.get(&apex, RecordType::DS).is_none() {
            for ds in ds(&apex)? {
                zones[parent].0.add(&owner, DS_TTL_S, ds);
            }
        }
    }
    for parent in 0..zones.len() {
        add_glue(zones, parent);
    }
    Ok(())
}

const DS_TTL_S: u32 = 3600;

/// Whether the DS records of `child` lie in a zone that is served here, and follow by themselves: the operator wrote none.
pub(in crate::sending::authority) fn has_parent_here(zones: &[(Records, bool)], child: usize) -> bool {
    let written = |parent: usize| zones[parent].0.get(zones[child].0.apex(), RecordType::DS).is_some();
    parent_of(zones, child).is_some_and(|parent| !written(parent))
}

/// The nearest zone above that of `child`.
fn parent_of(zones: &[(Records, bool)], child: usize) -> Option<usize> {
    let apex = zones[child].0.apex();
    let above = |at: &usize| zones[*at].0.apex() != apex && zones[*at].0.apex().zone_of(apex);
    (0..zones.len()).filter(above).max_by_key(|at| zones[*at].0.apex().num_labels())
}

/// The addresses of name servers that lie below a cut of the zone, from whichever zone knows them.
fn add_glue(zones: &mut [(Records, bool)], parent: usize) {
    let records = &zones[parent].0;
    let cuts: Vec<LowerName> = records
        .owners()
        .filter(|(owner, sets)| *owner != records.apex() && sets.contains_key(&RecordType::NS))
        .map(|(owner, _)| owner.clone())
        .collect();
    let servers: Vec<LowerName> = records
        .owners()
        .flat_map(|(owner, _)| data_of(records, owner, RecordType::NS))
        .filter_map(|(_, data)| match data {
            RData::NS(NS(server)) => Some(LowerName::from(server)),
            _ => None,
        })
        .filter(|server| cuts.iter().any(|cut| cut.zone_of(server)))
        .collect();
    for server in servers {
        for rtype in [RecordType::A, RecordType::AAAA] {
            if zones[parent].0.get(&server, rtype).is_some() {
                continue;
            }
            let knows = |zone: &&(Records, bool)| zone.0.apex().zone_of(&server);
            let deepest = zones.iter().filter(knows).max_by_key(|zone| zone.0.apex().num_labels());
            let glue = deepest.map(|zone| data_of(&zone.0, &server, rtype)).unwrap_or_default();
            for (ttl_s, data) in glue {
                zones[parent].0.add(&Name::from(&server), ttl_s, data);
            }
        }
    }
}

fn data_of(records: &Records, owner: &LowerName, rtype: RecordType) -> Vec<(u32, RData)> {
    let set = records.get(owner, rtype).into_iter();
    set.flat_map(|set| set.records_without_rrsigs()).map(|record| (record.ttl, record.data.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_as_likely_as_any_other() {
        let hosts: Vec<PersonaId> = ["a", "b", "c"].map(PersonaId::from).to_vec();
        let mut seen: BTreeMap<Vec<&PersonaId>, u32> = BTreeMap::new();
        for epoch in 0..6000 {
            *seen.entry(mx_order(&"et".into(), epoch, &hosts)).or_default() += 1;
        }
        assert_eq!(seen.len(), 6);
        // Each order is expected 1000 times with a standard deviation of 29.
        assert!(seen.values().all(|count| (850..1150).contains(count)), "{seen:?}");
        assert_eq!(mx_order(&"et".into(), 7, &hosts), mx_order(&"et".into(), 7, hosts.iter().rev()));
    }

    #[test]
    fn epochs_follow_each_other() {
        let pace = Pace { rotation_s: 300, ..Pace::default() };
        let at = |second| Timestamp::from_second(second).expect("a timestamp");
        assert_eq!([299, 300, 599, 600].map(|second| epoch(&pace, at(second))), [0, 1, 1, 2]);
        assert_eq!(epoch_start_s(&pace, at(599)), 300);
    }
}
