//! IPv6 of name servers: those of the domain, and those of the zones of its MX hosts.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, unknown, unknown_after};
use super::super::subjects::{Said, domain, each_host};
use super::tally::{Tally, ipv6};
use crate::shared::evidence::scan::{
    Connections, Cut, Evidence, MxHost, NameServer, NameServerReach, NotTried,
};

/// Name servers by what is known of their IPv6 addresses.
struct Families {
    /// So many have one.
    with: usize,
    /// Why it is not known of others.
    unknown: Option<Unknown>,
}

/// `known` is how many name servers there are, of which some may have been left out.
fn families(evidence: &Evidence, servers: &[NameServer], known: usize) -> Families {
    let with = servers.iter().filter(|server| server.aaaa.records().iter().any(ipv6)).count();
    let failed = servers.iter().find_map(|server| not_whole(evidence, server));
    Families { with, unknown: failed.or((known > servers.len()).then_some(Unknown::Cut)) }
}

/// Why the IPv6 addresses of a name server are not all known; none: they are.
fn not_whole(evidence: &Evidence, server: &NameServer) -> Option<Unknown> {
    unknown(&server.aaaa).or_else(|| lines::cut(evidence, &server.aaaa))
}

/// Whether name servers of a zone were left out.
fn cut_servers(evidence: &Evidence, zone: &str) -> bool {
    let left_out = [format!("name servers of {zone}"), Cut::records(zone, "NS")];
    evidence.cuts.iter().any(|cut| left_out.contains(&cut.what))
}

/// Two or more name servers with IPv6 are wanted; from then on the others do not matter.
pub(in super::super) fn ns_aaaa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let families = families(evidence, &names.name_servers, names.ns.records().len());
    let said = match (unknown_after(&names.ns, &names.soa), families) {
        (Some(why), _) => Said::inconclusive(why),
        (None, Families { with: 2.., .. }) => Said::is(Word::All),
        (None, Families { unknown: Some(why), .. }) => Said::inconclusive(why),
        (None, Families { with: 1, .. }) => Said::is(Word::One),
        (None, Families { with: 0, .. }) => Said::is(Word::Absent),
    };
    let said = said.details(names.name_servers.iter().map(row)).seen(lines::of(&names.ns));
    let said = said.seen(names.name_servers.iter().flat_map(|server| lines::of(&server.aaaa)));
    domain(Check::NsAaaa, evidence, said)
}

/// Every IPv6 address answers over UDP or TCP.
pub(in super::super) fn ns_reach(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let families = families(evidence, &names.name_servers, names.ns.records().len());
    let why_unknown = unknown_after(&names.ns, &names.soa).or(families.unknown);
    let all = if families.with == 1 { Word::One } else { Word::All };
    let said = reach(evidence, &names.name_servers, why_unknown)
        .map_or_else(|| Said::not_applicable(Inapplicable::NoIpv6NameServer), |tally| tally.said(all));
    let said = detailed(said, &names.name_servers);
    let said = if names.name_servers.is_empty() { said.seen(lines::of(&names.ns)) } else { said };
    domain(Check::NsReach, evidence, said)
}

/// Likewise, the name servers of the zone that an MX host lies in: who cannot find the host cannot deliver.
pub(in super::super) fn mx_ns_reach(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxNsReach, evidence, |host| {
        let servers = servers_of(evidence, host);
        let cut = host.zone.as_deref().is_some_and(|zone| cut_servers(evidence, zone));
        let why_unknown = if servers.is_empty() {
            Some(unknown(&host.soa).unwrap_or(Unknown::Cut))
        } else {
            servers.iter().find_map(|server| not_whole(evidence, server)).or(cut.then_some(Unknown::Cut))
        };
        let said = reach(evidence, servers, why_unknown)
            .map_or_else(|| Said::is(Word::Absent), |tally| tally.said(Word::All));
        let said = detailed(said, servers).details(host.zone.clone());
        if servers.is_empty() { said.seen(lines::of(&host.soa)) } else { said }
    })
}

/// A host in the domain's own zone has the domain's name servers.
fn servers_of<'a>(evidence: &'a Evidence, host: &'a MxHost) -> &'a [NameServer] {
    let own = host.zone.is_some() && host.zone == evidence.names.zone;
    if own && host.name_servers.is_empty() { &evidence.names.name_servers } else { &host.name_servers }
}

/// What is known of their IPv6 addresses; none: they have none.
fn reach(evidence: &Evidence, servers: &[NameServer], why_unknown: Option<Unknown>) -> Option<Tally> {
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

fn detailed(said: Said, servers: &[NameServer]) -> Said {
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

fn row(server: &NameServer) -> String {
    let addresses: Vec<_> =
        server.aaaa.records().iter().chain(server.a.records()).map(ToString::to_string).collect();
    format!("{}: {}", server.name, if addresses.is_empty() { "-".to_owned() } else { addresses.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::NameAnswer;

    fn without_ipv6(server: &mut NameServer) {
        server.aaaa.answer = NameAnswer::NoData;
        server.reach.retain(|reach| reach.ip.is_ipv4());
    }

    fn silent(server: &mut NameServer) {
        server.reach.iter_mut().for_each(|reach| (reach.udp, reach.tcp) = (Some(false), Some(false)));
    }

    #[test]
    fn words_of_their_addresses() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::All)),
            (|e| without_ipv6(&mut e.names.name_servers[0]), is(Word::One)),
            (|e| e.names.name_servers.iter_mut().for_each(without_ipv6), is(Word::Absent)),
            (
                |e| {
                    let mapped = vec![sample::ip("::ffff:192.0.2.53")];
                    e.names.name_servers[0].aaaa.answer = NameAnswer::Records { records: mapped };
                },
                is(Word::One),
            ),
            (|e| sample::times_out(&mut e.names.name_servers[0].aaaa), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.ns), inconclusive(Unknown::DnsBogus)),
            (
                |e| {
                    e.names.ns.answer = NameAnswer::NotAsked;
                    sample::times_out(&mut e.names.soa);
                    e.names.name_servers.clear();
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (|e| drop(e.names.name_servers.pop()), inconclusive(Unknown::Cut)),
        ];
        sample::check_all(ns_aaaa, cases);
    }

    #[test]
    fn words_of_their_reach() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::All)),
            (|e| without_ipv6(&mut e.names.name_servers[1]), is(Word::One)),
            (
                |e| {
                    let third =
                        NameServer { name: "ns3.example.net".to_owned(), ..e.names.name_servers[0].clone() };
                    e.names.name_servers.push(third);
                    without_ipv6(&mut e.names.name_servers[2]);
                },
                is(Word::All),
            ),
            (
                |e| e.names.name_servers[1].reach.iter_mut().for_each(|reach| reach.udp = Some(false)),
                is(Word::All),
            ),
            (|e| silent(&mut e.names.name_servers[1]), is(Word::Partly)),
            (|e| e.names.name_servers.iter_mut().for_each(silent), is(Word::Unreachable)),
            (
                |e| e.names.name_servers.iter_mut().for_each(without_ipv6),
                not_applicable(Inapplicable::NoIpv6NameServer),
            ),
            (
                |e| {
                    e.control.ipv6 = Some(false);
                    e.names.name_servers.iter_mut().for_each(silent);
                },
                inconclusive(Unknown::NoIpv6Here),
            ),
            (
                |e| e.names.name_servers[1].reach.clear(),
                inconclusive(Unknown::NotTried { why: NotTried::TooMany }),
            ),
            (
                |e| {
                    e.names.name_servers[1].reach.clear();
                    e.connections = Connections::NotVouchedFor;
                },
                inconclusive(Unknown::NotTried { why: NotTried::NotVouchedFor }),
            ),
            (
                |e| {
                    e.names.name_servers[1]
                        .reach
                        .iter_mut()
                        .for_each(|reach| (reach.udp, reach.tcp) = (None, None))
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| sample::breaks(&mut e.names.name_servers[1].aaaa), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(ns_reach, cases);
    }

    #[test]
    fn words_of_the_reach_of_those_of_mx_hosts() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::All)),
            (|e| e.mx[0].name_servers.clear(), is(Word::All)),
            (|e| silent(&mut e.mx[0].name_servers[0]), is(Word::Partly)),
            (|e| e.mx[0].name_servers.iter_mut().for_each(silent), is(Word::Unreachable)),
            (|e| e.mx[0].name_servers.iter_mut().for_each(without_ipv6), is(Word::Absent)),
            // One that was left out may have one.
            (
                |e| {
                    e.mx[0].name_servers.iter_mut().for_each(without_ipv6);
                    let zone = e.mx[0].zone.clone().unwrap();
                    e.cuts.push(Cut { what: format!("name servers of {zone}"), of: Some(20), kept: 12 });
                },
                inconclusive(Unknown::Cut),
            ),
            (
                |e| {
                    e.mx[0].name_servers.iter_mut().for_each(without_ipv6);
                    sample::leaves_out(e, |e| e.mx[0].name_servers[0].aaaa.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (
                |e| {
                    e.mx[0].zone = Some("other.example".to_owned());
                    e.mx[0].name_servers.clear();
                    sample::times_out(&mut e.mx[0].soa);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    e.control.ipv6 = Some(false);
                    e.mx[0].name_servers.iter_mut().for_each(silent);
                },
                inconclusive(Unknown::NoIpv6Here),
            ),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_ns_reach, cases);
    }
}
