//! IPv6 of name servers: those of the domain, and those of the zones of its MX hosts.

use crate::receiving::checks::ipv6::mx_ns_reach::mx_ns_reach;
use crate::receiving::checks::ipv6::ns_aaaa::ns_aaaa;
use crate::receiving::checks::ipv6::ns_reach::ns_reach;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{Connections, Cut, NameAnswer, NameServer, NotTried};

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
