//! The MX hosts.

use std::net::IpAddr;

use futures_util::future::join_all;

use super::inquiry::Inquiry;
use super::servers;
use crate::shared::dns::records::{A, AAAA, CAA, NS};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{
    CaaRecord, Cut, DomainNames, Evidence, LookupResult, MxHost, NameAnswer, TlsaNames,
};

/// The MX hosts with their addresses, TLSA and CAA records, their name servers apart.
pub(super) async fn gather(inquiry: &Inquiry<'_>, domain: &str, names: &DomainNames) -> Vec<MxHost> {
    let mut listed = listed(domain, names);
    if listed.len() > Evidence::MX_HOSTS_MAX {
        inquiry.cut("mx".to_owned(), Some(listed.len()), Evidence::MX_HOSTS_MAX);
        listed.truncate(Evidence::MX_HOSTS_MAX);
    }
    let asking = listed.into_iter().map(|(host, preferences)| host_records(inquiry, host, preferences));
    let mut hosts = join_all(asking).await;
    let climbing = hosts.iter().map(|host| climb(inquiry, host));
    for (host, caa) in join_all(climbing).await.into_iter().enumerate() {
        hosts[host].caa = caa;
    }
    hosts
}

/// The hosts in the order of their preference, each once with all its preferences. A null MX is no host (RFC 7505).
/// Without any record it is the domain itself, if it has addresses (RFC 5321 §5.1).
fn listed(domain: &str, names: &DomainNames) -> Vec<(String, Vec<u16>)> {
    let mut hosts: Vec<(String, Vec<u16>)> = Vec::new();
    for record in names.mx.records().iter().filter(|record| !record.host.is_empty()) {
        match hosts.iter_mut().find(|(host, _)| *host == record.host) {
            Some((_, preferences)) => preferences.push(record.preference),
            None => hosts.push((record.host.clone(), vec![record.preference])),
        }
    }
    let has_addresses = !names.a.records().is_empty() || !names.aaaa.records().is_empty();
    if matches!(names.mx.answer, NameAnswer::NoData) && has_addresses {
        hosts.push((domain.to_owned(), vec![0]));
    }
    hosts
}

async fn host_records(inquiry: &Inquiry<'_>, host: String, preferences: Vec<u16>) -> MxHost {
    let mut found = MxHost {
        preferences,
        soa: LookupResult::not_asked(&host, "SOA"),
        a: LookupResult::not_asked(&host, "A"),
        aaaa: LookupResult::not_asked(&host, "AAAA"),
        tlsa: TlsaNames {
            expanded: None,
            original: LookupResult::not_asked(format!("_25._tcp.{host}"), "TLSA"),
        },
        caa: Vec::new(),
        zone: None,
        name_servers: Vec::new(),
        host,
    };
    // An address where a name should be: there is nothing to look up (RFC 5321 §5.1).
    if found.host.parse::<IpAddr>().is_ok() {
        return found;
    }
    let host = &found.host;
    let (a, aaaa, (soa, zone)) =
        tokio::join!(inquiry.look_up(host, A), inquiry.look_up(host, AAAA), inquiry.soa(host));
    found.tlsa = tlsa(inquiry, host, &a, &aaaa).await;
    MxHost { a, aaaa, soa, zone, ..found }
}

/// TLSA at the securely expanded name first, then at the name in the MX record (RFC 7672 §2.2.3). That one is asked
/// also where the addresses are insecure, which a sender would not do (§2.2.2): what is there is worth telling.
async fn tlsa(
    inquiry: &Inquiry<'_>,
    host: &str,
    a: &LookupResult<IpAddr>,
    aaaa: &LookupResult<IpAddr>,
) -> TlsaNames {
    let expanded = match [a, aaaa].into_iter().find_map(expanded) {
        Some(name) => Some(inquiry.tlsa(name).await),
        None => None,
    };
    let original = match &expanded {
        Some(expanded) if !expanded.records().is_empty() => {
            LookupResult::not_asked(format!("_25._tcp.{host}"), "TLSA")
        }
        _ => inquiry.tlsa(host).await,
    };
    TlsaNames { expanded, original }
}

/// The name behind all aliases, if they and the addresses are secure.
fn expanded(addresses: &LookupResult<IpAddr>) -> Option<&str> {
    let last = addresses.hops.last()?;
    let secure = !addresses.records().is_empty() && addresses.weakest() == Security::Secure;
    secure.then_some(last.to.as_str())
}

/// CAA at the host and at each name above it, until one has records or nothing is known (RFC 8659 §3).
async fn climb(inquiry: &Inquiry<'_>, host: &MxHost) -> Vec<LookupResult<CaaRecord>> {
    let mut climbed = Vec::new();
    if host.host.parse::<IpAddr>().is_ok() {
        return climbed;
    }
    let mut name = host.host.as_str();
    loop {
        let caa = inquiry.look_up(name, CAA).await;
        let ends = !caa.denied();
        climbed.push(caa);
        match name.split_once('.') {
            Some((_, above)) if !ends => name = above,
            _ => return climbed,
        }
    }
}

/// The name servers of the zones of the hosts, and whether they can be reached over IPv6.
pub(super) async fn servers(inquiry: &Inquiry<'_>, hosts: &mut [MxHost], direct: bool) {
    let asking = hosts.iter().map(|host| async {
        let Some(zone) = &host.zone else { return Vec::new() };
        let ns = inquiry.look_up(zone, NS).await;
        let mut found = servers::of_zone(inquiry, zone, &ns).await;
        if direct {
            servers::reach(inquiry, zone, &mut found, IpAddr::is_ipv6).await;
        }
        found
    });
    for (host, found) in join_all(asking).await.into_iter().enumerate() {
        hosts[host].name_servers = found;
    }
}

/// The addresses of a host that are looked at: at most [`Evidence::ADDRESSES_MAX`], both families in turn, so that
/// neither is left out.
pub fn chosen_addresses(host: &MxHost) -> (Vec<IpAddr>, Option<Cut>) {
    let (a, aaaa) = (host.a.records(), host.aaaa.records());
    let of = a.len() + aaaa.len();
    let in_turn = (0..of).flat_map(|at| [a.get(at), aaaa.get(at)]).flatten().copied();
    let chosen: Vec<IpAddr> = in_turn.take(Evidence::ADDRESSES_MAX).collect();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let cut = (chosen.len() < of).then(|| Cut {
        what: format!("addresses of {}", host.host),
        of: Some(number(of)),
        kept: number(chosen.len()),
    });
    (chosen, cut)
}
