//! Whether the address has a name that has the address.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Unknown, Word};
use super::super::lines::{self, Shown, unknown};
use super::super::subjects::{Said, each_address};
use crate::shared::evidence::scan::{Evidence, Server};

/// One name that leads back is enough (RFC 8601 §3, `iprev`). DNS tells, whether or not the server answers.
pub(in super::super) fn ptr(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Ptr, evidence, |_, server| {
        said(evidence, server)
            .details(server.ptr.records().iter().map(Shown::shown))
            .seen(lines::of(&server.ptr))
            .seen(server.ptr_addresses.iter().flat_map(lines::of))
    })
}

fn said(evidence: &Evidence, server: &Server) -> Said {
    let forward = &server.ptr_addresses;
    if let Some(why) = unknown(&server.ptr) {
        return Said::inconclusive(why);
    }
    if server.ptr.records().is_empty() {
        return Said::is(Word::Absent);
    }
    let leads_back = forward.iter().filter(|looked| unknown(looked).is_none());
    if leads_back.flat_map(|looked| looked.records()).any(|ip| *ip == server.ip) {
        return Said::is(Word::Confirmed);
    }
    // The name that leads back, or the address, may be among those that were left out.
    let cut = forward.iter().find_map(|looked| lines::cut(evidence, looked));
    let cut = cut.or(lines::cut(evidence, &server.ptr));
    let names = (forward.len() < server.ptr.records().len()).then_some(Unknown::Cut);
    match forward.iter().find_map(unknown).or(cut).or(names) {
        Some(why) => Said::inconclusive(why),
        None => Said::is(Word::Unconfirmed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Inapplicable;
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{NameAnswer, Reach};

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Confirmed)),
            (|e| e.servers[0].reach = Reach::TimedOut, is(Word::Confirmed)),
            (|e| e.servers[0].ptr.answer = NameAnswer::NoName, is(Word::Absent)),
            (|e| e.servers[0].ptr_addresses[0].answer = NameAnswer::NoName, is(Word::Unconfirmed)),
            (
                |e| {
                    let records = vec![sample::ip("192.0.2.99")];
                    e.servers[0].ptr_addresses[0].answer = NameAnswer::Records { records };
                },
                is(Word::Unconfirmed),
            ),
            (
                |e| {
                    let mut other = e.servers[0].ptr_addresses[0].clone();
                    sample::times_out(&mut other);
                    e.servers[0].ptr_addresses.insert(0, other);
                },
                is(Word::Confirmed),
            ),
            (|e| sample::times_out(&mut e.servers[0].ptr_addresses[0]), inconclusive(Unknown::DnsFailed)),
            (
                |e| {
                    e.servers[0].ptr_addresses[0].answer = NameAnswer::NoName;
                    sample::leaves_out(e, |e| e.servers[0].ptr.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| e.servers[0].ptr_addresses.clear(), inconclusive(Unknown::Cut)),
            (|e| sample::times_out(&mut e.servers[0].ptr), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.servers[0].ptr), inconclusive(Unknown::DnsBogus)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
            (
                |e| {
                    e.servers.clear();
                    e.mx[0].a.answer = NameAnswer::NoName;
                    e.mx[0].aaaa.answer = NameAnswer::NoName;
                },
                not_applicable(Inapplicable::NoAddress),
            ),
        ];
        sample::check_all(ptr, cases);
    }
}
