//! Addresses of MX hosts, and whether port 25 can be reached at them.

use crate::receiving::checks::ipv6::mx_aaaa::mx_aaaa;
use crate::receiving::checks::ipv6::mx_reach::mx_reach;
use crate::receiving::checks::ipv6::mx_reach_ipv4::mx_reach_ipv4;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{Evidence, NameAnswer, NotTried, Reach};

/// The reach of mx1's addresses of one family.
fn set(evidence: &mut Evidence, ipv6: bool, reach: &Reach) {
    let of_family = evidence.servers.iter_mut().filter(|server| server.ip.is_ipv6() == ipv6);
    of_family.for_each(|server| reach.clone_into(&mut server.reach));
}

fn second(evidence: &mut Evidence, reach: Reach) {
    let ip = sample::ip("2001:db8:1::2");
    evidence.mx[0].aaaa = sample::secure("mx1.example.net", "AAAA", vec![sample::ip("2001:db8:1::1"), ip]);
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
