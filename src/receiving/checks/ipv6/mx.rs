//! Addresses of MX hosts, and whether port 25 can be reached at them.

use std::net::IpAddr;

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, Shown, unknown};
use super::super::reach;
use super::super::subjects::{Said, each_host};
use super::tally::{Tally, ipv6};
use crate::shared::evidence::scan::{Evidence, Looked, MxHost, NotTried};

/// An IPv6 address of its own.
pub(in super::super) fn mx_aaaa(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxAaaa, evidence, |host| {
        let present = host.aaaa.records().iter().any(ipv6);
        let said = match unknown(&host.aaaa) {
            Some(why) => Said::inconclusive(why),
            None if present => Said::is(Word::Present),
            None => lines::cut(evidence, &host.aaaa).map_or(Said::is(Word::Absent), Said::inconclusive),
        };
        said.details(host.aaaa.records().iter().map(Shown::shown)).seen(lines::of(&host.aaaa))
    })
}

/// Over IPv6.
pub(in super::super) fn mx_reach(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxReach, evidence, |host| {
        let none = || Said::not_applicable(Inapplicable::NoAddress);
        said(evidence, host, &host.aaaa, ipv6, none)
    })
}

/// Over IPv4.
pub(in super::super) fn mx_reach_ipv4(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxReach4, evidence, |host| {
        said(evidence, host, &host.a, IpAddr::is_ipv4, || Said::is(Word::Absent))
    })
}

/// TCP counts here, whatever the server says on it. An address that was not tried is not known, be it for our own
/// limit; a family that this host lacks leaves all of it unknown.
fn said(
    evidence: &Evidence,
    host: &MxHost,
    looked: &Looked<IpAddr>,
    family: fn(&IpAddr) -> bool,
    none: impl Fn() -> Said,
) -> Said {
    let addresses: Vec<_> = looked.records().iter().filter(|ip| family(ip)).collect();
    if let Some(why) = unknown(looked) {
        return Said::inconclusive(why).seen(lines::of(looked));
    }
    if let Some(why) = lines::cut(evidence, looked).filter(|_| addresses.is_empty()) {
        return Said::inconclusive(why).seen(lines::of(looked));
    }
    if addresses.is_empty() {
        return none().seen(lines::of(looked));
    }
    let of_host = host.a.records().len() + host.aaaa.records().len();
    let mut tally = Tally { unknown: lines::cut(evidence, looked), ..Tally::default() };
    for ip in &addresses {
        let server = evidence.servers_of(&host.host).find(|server| server.ip == **ip);
        tally.note(match server.map(|server| reach::unreached(evidence, server)) {
            Some(None) => Ok(true),
            Some(Some(Unknown::NoConnection)) => Ok(false),
            Some(Some(why)) => Err(why),
            None if of_host > Evidence::ADDRESSES_MAX => Err(Unknown::NotTried { why: NotTried::TooMany }),
            None => Err(Unknown::Cut),
        });
    }
    tally
        .said(Word::All)
        .details(addresses.iter().map(|ip| ip.shown()))
        .seen(evidence.servers_of(&host.host).filter(|server| family(&server.ip)).map(reach::line))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{NameAnswer, Reach};

    /// The reach of mx1's addresses of one family.
    fn set(evidence: &mut Evidence, ipv6: bool, reach: &Reach) {
        let of_family = evidence.servers.iter_mut().filter(|server| server.ip.is_ipv6() == ipv6);
        of_family.for_each(|server| reach.clone_into(&mut server.reach));
    }

    fn second(evidence: &mut Evidence, reach: Reach) {
        let ip = sample::ip("2001:db8:1::2");
        evidence.mx[0].aaaa =
            sample::secure("mx1.example.net", "AAAA", vec![sample::ip("2001:db8:1::1"), ip]);
        let server = evidence.servers[1].clone();
        evidence.servers.insert(2, crate::shared::evidence::scan::Server { ip, reach, ..server });
    }

    #[test]
    fn words_of_addresses() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| e.mx[0].aaaa.answer = NameAnswer::NoData, is(Word::Absent)),
            (
                |e| {
                    let records = vec![sample::ip("::ffff:192.0.2.1")];
                    e.mx[0].aaaa.answer = NameAnswer::Records { records };
                },
                is(Word::Absent),
            ),
            (
                |e| {
                    let records = vec![sample::ip("::ffff:192.0.2.1")];
                    e.mx[0].aaaa.answer = NameAnswer::Records { records };
                    sample::leaves_out(e, |e| e.mx[0].aaaa.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| sample::times_out(&mut e.mx[0].aaaa), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.mx[0].aaaa), inconclusive(Unknown::DnsBogus)),
            (|e| sample::rename(e, 0, "192.0.2.1"), not_applicable(Inapplicable::NoAddress)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_aaaa, cases);
    }

    #[test]
    fn words_of_reach() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::All)),
            (|e| second(e, Reach::TimedOut), is(Word::Partly)),
            (|e| second(e, Reach::Reached), is(Word::All)),
            (|e| set(e, true, &Reach::Refused), is(Word::Unreachable)),
            (|e| set(e, true, &Reach::Unreachable { reason: "no route".to_owned() }), is(Word::Unreachable)),
            (|e| e.mx[0].aaaa.answer = NameAnswer::NoData, not_applicable(Inapplicable::NoAddress)),
            (
                |e| {
                    e.control.ipv6 = Some(false);
                    set(e, true, &Reach::NotTried { why: NotTried::NoIpv6Here });
                },
                inconclusive(Unknown::NoIpv6Here),
            ),
            (
                |e| {
                    e.control.port_25 = Some(false);
                    set(e, true, &Reach::TimedOut);
                },
                inconclusive(Unknown::Port25ClosedHere),
            ),
            (
                |e| set(e, true, &Reach::NotTried { why: NotTried::NotVouchedFor }),
                inconclusive(Unknown::NotTried { why: NotTried::NotVouchedFor }),
            ),
            (
                |e| {
                    second(e, Reach::Reached);
                    e.servers.remove(2);
                },
                inconclusive(Unknown::Cut),
            ),
            (
                |e| {
                    let five = (1..=5).map(|number| sample::ip(&format!("2001:db8:1::{number}")));
                    e.mx[0].aaaa = sample::secure("mx1.example.net", "AAAA", five.collect());
                },
                inconclusive(Unknown::NotTried { why: NotTried::TooMany }),
            ),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_reach, cases);
    }

    #[test]
    fn words_of_reach_over_ipv4() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::All)),
            (
                |e| {
                    set(e, false, &Reach::Refused);
                    sample::leaves_out(e, |e| e.mx[0].a.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| set(e, false, &Reach::Refused), is(Word::Unreachable)),
            (|e| e.mx[0].a.answer = NameAnswer::NoData, is(Word::Absent)),
            (
                |e| {
                    let ip = sample::ip("192.0.2.2");
                    e.mx[0].a = sample::secure("mx1.example.net", "A", vec![sample::ip("192.0.2.1"), ip]);
                    let server = e.servers[0].clone();
                    e.servers.push(crate::shared::evidence::scan::Server {
                        ip,
                        reach: Reach::TimedOut,
                        ..server
                    });
                },
                is(Word::Partly),
            ),
            (
                |e| {
                    e.control.port_25 = Some(false);
                    set(e, false, &Reach::TimedOut);
                },
                inconclusive(Unknown::Port25ClosedHere),
            ),
            (|e| sample::breaks(&mut e.mx[0].a), inconclusive(Unknown::DnsBogus)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_reach_ipv4, cases);
    }
}
