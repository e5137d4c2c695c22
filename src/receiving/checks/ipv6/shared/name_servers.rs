//! IPv6 of name servers: those of the domain, and those of the zones of its MX hosts.

use crate::receiving::checks::Unknown;
use crate::receiving::checks::ipv6::shared::tally::{Tally, ipv6};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::Said;
use crate::shared::evidence::scan::{Connections, Evidence, NameServer, NameServerReach, NotTried};

/// Name servers by what is known of their IPv6 addresses.
pub(in crate::receiving::checks) struct Families {
    /// So many have one.
    pub(in crate::receiving::checks) with: usize,
    /// Why it is not known of others.
    pub(in crate::receiving::checks) unknown: Option<Unknown>,
}

/// `known` is how many name servers there are, of which some may have been left out.
pub(in crate::receiving::checks) fn families(
    evidence: &Evidence,
    servers: &[NameServer],
    known: usize,
) -> Families {
    let with = servers.iter().filter(|server| server.aaaa.records().iter().any(ipv6)).count();
    let failed = servers.iter().find_map(|server| not_whole(evidence, server));
    Families { with, unknown: failed.or((known > servers.len()).then_some(Unknown::Cut)) }
}

/// Why the IPv6 addresses of a name server are not all known; none: they are.
pub(in crate::receiving::checks) fn not_whole(evidence: &Evidence, server: &NameServer) -> Option<Unknown> {
    unknown(&server.aaaa).or_else(|| lines::cut(evidence, &server.aaaa))
}

/// What is known of their IPv6 addresses; none: they have none.
pub(in crate::receiving::checks) fn reach(
    evidence: &Evidence,
    servers: &[NameServer],
    why_unknown: Option<Unknown>,
) -> Option<Tally> {
    let addresses = || {
        let of = |server: &NameServer| server.aaaa.records().iter().copied().filter(ipv6).collect::<Vec<_>>();
        servers.iter().flat_map(move |server| of(server).into_iter().map(move |ip| (server, ip)))
    };
    if addresses().next().is_none() && why_unknown.is_none() {
        return None;
    }
    let mut tally = Tally { unknown: why_unknown, ..Tally::default() };
    for (server, ip) in addresses() {
        let seen = server.reach.iter().find(|reach| reach.ip == ip);
        let here = evidence.control.ipv6 != Some(false);
        tally.note(match seen {
            Some(NameServerReach { udp, tcp, .. }) if *udp == Some(true) || *tcp == Some(true) => Ok(true),
            _ if !here => Err(Unknown::NoIpv6Here),
            Some(NameServerReach { udp: Some(false), tcp: Some(false), .. }) => Ok(false),
            Some(_) => Err(Unknown::Cut),
            None => Err(match evidence.connections {
                Connections::NotVouchedFor => Unknown::NotTried { why: NotTried::NotVouchedFor },
                Connections::Allowed => Unknown::NotTried { why: NotTried::TooMany },
            }),
        });
    }
    if evidence.control.ipv6 == Some(false) {
        tally.unknown = tally.unknown.or(Some(Unknown::NoIpv6Here));
    }
    Some(tally)
}

pub(in crate::receiving::checks) fn detailed(said: Said, servers: &[NameServer]) -> Said {
    let reached = servers.iter().flat_map(|server| {
        server.reach.iter().filter(|reach| ipv6(&reach.ip)).flat_map(move |reach| {
            [("UDP", reach.udp), ("TCP", reach.tcp)].map(|(protocol, answers)| {
                let answer = match answers {
                    Some(true) => "answer",
                    Some(false) => "no answer",
                    None => "-",
                };
                format!("{protocol} {} port 53 ({}): {answer}", reach.ip, server.name)
            })
        })
    });
    let none = servers.iter().all(|server| server.reach.iter().all(|reach| !ipv6(&reach.ip)));
    let addresses = servers.iter().filter(|_| none).flat_map(|server| lines::of(&server.aaaa));
    said.details(servers.iter().map(row)).seen(reached).seen(addresses)
}

pub(in crate::receiving::checks) fn row(server: &NameServer) -> String {
    let addresses: Vec<_> =
        server.aaaa.records().iter().chain(server.a.records()).map(ToString::to_string).collect();
    format!("{}: {}", server.name, if addresses.is_empty() { "-".to_owned() } else { addresses.join(", ") })
}
