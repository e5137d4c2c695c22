//! The networks of one group of addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::receiving::checks::lines::{self, unknown, unknown_after};
use crate::receiving::checks::subjects::{self, Said, hosts};
use crate::receiving::checks::{Inapplicable, Unknown};
use crate::shared::evidence::scan::{Evidence, MxHost, NameServer, Network, Purpose, Rpki};

/// The routes of a group.
pub(in crate::receiving::checks) struct Group<'a> {
    /// What RPKI says of each announcement, a list for each network that is routed.
    pub(in crate::receiving::checks) routed: Vec<Vec<Rpki>>,
    /// Why it is not known for others.
    pub(in crate::receiving::checks) unknown: Option<Unknown>,
    networks: Vec<&'a Network>,
    purpose: Purpose,
}

/// The group, or what is to be said where it has no address.
pub(in crate::receiving::checks) fn group(evidence: &Evidence, purpose: Purpose) -> Result<Group<'_>, Said> {
    let addresses = addresses(evidence, purpose);
    if addresses.is_empty() {
        return Err(empty(evidence, purpose));
    }
    let within = |network: &&Network| network.addresses.iter().any(|(_, group)| *group == purpose);
    let networks: Vec<_> = evidence.networks.iter().filter(within).collect();
    let covered = |ip: &IpAddr| networks.iter().any(|network| network.addresses.contains(&(*ip, purpose)));
    let uncovered = addresses.iter().any(|ip| !covered(ip));
    let mut group = Group { routed: Vec::new(), unknown: None, networks, purpose };
    if uncovered {
        let asked = !evidence.networks.is_empty();
        group.unknown = Some(if asked { Unknown::Cut } else { Unknown::NoSource });
    }
    for network in &group.networks {
        match known(network) {
            Some(true) => {
                group.routed.push(network.origins.iter().filter_map(|origin| origin.rpki).collect())
            }
            Some(false) => {}
            None => {
                let why = if network.failed { Unknown::SourceFailed } else { Unknown::NoSource };
                group.unknown = group.unknown.or(Some(why));
            }
        }
    }
    Ok(group)
}

/// Whether a network is routed; none: that, or the validity of an announcement, is not known.
fn known(network: &Network) -> Option<bool> {
    let validated = network.origins.iter().all(|origin| origin.rpki.is_some());
    network.routed.filter(|routed| !routed || validated && !network.origins.is_empty())
}

fn addresses(evidence: &Evidence, purpose: Purpose) -> BTreeSet<IpAddr> {
    let of = |servers: &[NameServer]| -> Vec<IpAddr> {
        servers
            .iter()
            .flat_map(|server| server.a.records().iter().chain(server.aaaa.records()))
            .copied()
            .collect()
    };
    match purpose {
        Purpose::Mx => {
            hosts(evidence).flat_map(|host| evidence.servers_of(&host.host)).map(|server| server.ip).collect()
        }
        Purpose::NameServer => of(&evidence.names.name_servers).into_iter().collect(),
        Purpose::MxNameServer => hosts(evidence).flat_map(|host| of(&host.name_servers)).collect(),
    }
}

fn empty(evidence: &Evidence, purpose: Purpose) -> Said {
    let failed = |why: Option<Unknown>| match why {
        Some(why) => Said::inconclusive(why),
        None => Said::not_applicable(Inapplicable::NoAddress),
    };
    let of_servers =
        |servers: &[NameServer]| servers.iter().find_map(|one| unknown(&one.a).or(unknown(&one.aaaa)));
    let names = &evidence.names;
    let of_host = |host: &MxHost| [lines::of(&host.a), lines::of(&host.aaaa)].concat();
    let of_zone = |host: &MxHost| [lines::of(&host.soa), of_name_servers(&host.name_servers)].concat();
    match purpose {
        Purpose::NameServer => {
            failed(unknown_after(&names.ns, &names.soa).or(of_servers(&names.name_servers)))
                .seen(lines::of(&names.ns))
                .seen(of_name_servers(&names.name_servers))
        }
        _ if hosts(evidence).next().is_none() => subjects::no_host(evidence),
        Purpose::Mx => failed(hosts(evidence).find_map(|host| unknown(&host.a).or(unknown(&host.aaaa))))
            .seen(hosts(evidence).flat_map(of_host)),
        Purpose::MxNameServer => {
            failed(hosts(evidence).find_map(|host| unknown(&host.soa).or(of_servers(&host.name_servers))))
                .seen(hosts(evidence).flat_map(of_zone))
        }
    }
}

fn of_name_servers(servers: &[NameServer]) -> Vec<String> {
    servers.iter().flat_map(|server| [lines::of(&server.a), lines::of(&server.aaaa)].concat()).collect()
}

impl Group<'_> {
    /// With what is known of each network.
    pub(in crate::receiving::checks) fn detailed(&self, said: Said) -> Said {
        let rows = self.networks.iter().map(|network| {
            let names = [&network.name, &network.organisation, &network.country];
            let names: Vec<_> = names.into_iter().flatten().cloned().collect();
            let prefix = network.prefix.as_deref().unwrap_or("-");
            format!("{prefix} {}: {}", names.join(", "), self.listed(network)).replace(" :", ":")
        });
        let lines = self.networks.iter().flat_map(|network| {
            let prefix = network.prefix.as_deref().unwrap_or("-");
            let routes = network.origins.iter().map(move |origin| {
                let found = origin.rpki.map_or("?", word);
                format!("ROUTE {prefix} AS{}: {found} ({})", origin.asn, self.listed(network))
            });
            let unrouted =
                (network.routed == Some(false)).then(|| format!("ROUTE {}: none", self.listed(network)));
            routes.chain(unrouted).chain(network.missing.iter().cloned()).collect::<Vec<_>>()
        });
        said.details(rows).seen(lines)
    }

    fn listed(&self, network: &Network) -> String {
        let of_group = network.addresses.iter().filter(|(_, purpose)| *purpose == self.purpose);
        of_group.map(|(ip, _)| ip.to_string()).collect::<Vec<_>>().join(", ")
    }
}

fn word(rpki: Rpki) -> &'static str {
    match rpki {
        Rpki::Valid => "valid",
        Rpki::Invalid => "invalid",
        Rpki::NotFound => "not found",
    }
}
