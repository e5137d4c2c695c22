//! The names of MX hosts: are they signed, do they validate, and their addresses and TLSA records.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines;
use super::super::subjects::{Said, each_host};
use super::state::{own_state, state, weakest, word};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Evidence, MxHost, NameAnswer};

fn addresses(host: &MxHost) -> Result<Security, Unknown> {
    weakest([state(&host.a), state(&host.aaaa)])
}

/// Whether the zone that the name lies in is signed.
pub(in super::super) fn mx_signed(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxSigned, evidence, |host| {
        let said = match own_state(&host.soa) {
            Ok(Security::Secure | Security::Bogus) => Said::is(Word::Present),
            Ok(Security::Insecure) => Said::is(Word::Absent),
            Ok(Security::Indeterminate) => word(Ok(Security::Indeterminate)),
            Err(why) => Said::inconclusive(why),
        };
        said.details(host.zone.clone()).seen(lines::of(&host.soa))
    })
}

/// A signed alias of an unsigned name is insecure; of an unsigned name the question does not arise.
pub(in super::super) fn mx_valid(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxValid, evidence, |host| {
        let said = match own_state(&host.soa) {
            Ok(Security::Insecure) => Said::not_applicable(Inapplicable::Unsigned),
            _ => word(state(&host.soa)),
        };
        let said = said.details(lines::broken(&host.soa)).details(lines::extended(&host.soa));
        said.seen(lines::of(&host.soa))
    })
}

/// Both families count: a sender may take either (RFC 7672 §2.2.2).
pub(in super::super) fn mx_addresses(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::MxAddresses, evidence, |host| {
        let families = [("A", state(&host.a)), ("AAAA", state(&host.aaaa))];
        let rows = families
            .into_iter()
            .filter_map(|(rtype, state)| Some(format!("{rtype}: {}", lines::state(state.ok()?))));
        let broken = [lines::broken(&host.a), lines::broken(&host.aaaa)];
        let said = word(addresses(host)).details(rows).details(broken.into_iter().flatten());
        said.seen(lines::of(&host.a)).seen(lines::of(&host.aaaa))
    })
}

/// A sender that does DANE needs the records, or the proof that there are none; where the addresses are insecure it
/// does not ask (RFC 7672 §2.2.2).
pub(in super::super) fn tlsa_state(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaState, evidence, |host| {
        let counting = host.tlsa.counting();
        let unasked = counting.answer == NameAnswer::NotAsked;
        let said = match addresses(host) {
            Ok(Security::Insecure) if unasked => Said::not_applicable(Inapplicable::Unsigned),
            Err(why) if unasked => Said::inconclusive(why),
            _ => word(state(counting)),
        };
        let said = said.detail(counting.name.clone()).details(lines::broken(counting));
        let said = said.details(lines::extended(counting));
        let before = host.tlsa.expanded.iter().filter(|expanded| !std::ptr::eq(*expanded, counting));
        let said = said.seen(before.flat_map(lines::of)).seen(lines::of(counting));
        // It is for these that nobody asks.
        if unasked { said.seen(lines::of(&host.a)).seen(lines::of(&host.aaaa)) } else { said }
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{Hop, Looked};

    /// A signed alias of an unsigned name.
    fn half_signed<T>(looked: &mut Looked<T>) {
        looked.hops = vec![sample::hop("mx1.example.net", "a.example.org")];
        sample::unsigned(looked);
    }

    #[test]
    fn words_of_names() {
        let signed: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| sample::breaks(&mut e.mx[0].soa), is(Word::Present)),
            (|e| half_signed(&mut e.mx[0].soa), is(Word::Present)),
            (|e| sample::unsigned(&mut e.mx[0].soa), is(Word::Absent)),
            (|e| sample::times_out(&mut e.mx[0].soa), inconclusive(Unknown::DnsFailed)),
            (|e| sample::indeterminate(&mut e.mx[0].soa), inconclusive(Unknown::DnsIndeterminate)),
            (|e| sample::rename(e, 0, "192.0.2.1"), not_applicable(Inapplicable::NoAddress)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_signed, signed);
        let valid: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Secure)),
            (|e| sample::breaks(&mut e.mx[0].soa), is(Word::Bogus)),
            (|e| half_signed(&mut e.mx[0].soa), is(Word::Insecure)),
            (|e| sample::unsigned(&mut e.mx[0].soa), not_applicable(Inapplicable::Unsigned)),
            (|e| sample::times_out(&mut e.mx[0].soa), inconclusive(Unknown::DnsFailed)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_valid, valid);
    }

    #[test]
    fn words_of_addresses() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Secure)),
            (|e| e.mx[0].aaaa.answer = NameAnswer::NoData, is(Word::Secure)),
            (|e| sample::unsigned(&mut e.mx[0].aaaa), is(Word::Insecure)),
            (
                |e| {
                    let hop = sample::hop("mx1.example.net", "a.example.org");
                    e.mx[0].a.hops = vec![Hop { security: Security::Insecure, ..hop }];
                },
                is(Word::Insecure),
            ),
            (
                |e| {
                    sample::breaks(&mut e.mx[0].a);
                    sample::times_out(&mut e.mx[0].aaaa);
                },
                is(Word::Bogus),
            ),
            (|e| sample::times_out(&mut e.mx[0].aaaa), inconclusive(Unknown::DnsFailed)),
            (|e| sample::rename(e, 0, "192.0.2.1"), not_applicable(Inapplicable::NoAddress)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(mx_addresses, cases);
    }

    #[test]
    fn words_of_tlsa() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Secure)),
            (|e| e.mx[0].tlsa.original.answer = NameAnswer::NoName, is(Word::Secure)),
            (|e| sample::unsigned(&mut e.mx[0].tlsa.original), is(Word::Insecure)),
            (|e| sample::breaks(&mut e.mx[0].tlsa.original), is(Word::Bogus)),
            (
                |e| {
                    let mut expanded = e.mx[0].tlsa.original.clone();
                    sample::breaks(&mut expanded);
                    e.mx[0].tlsa.expanded = Some(expanded);
                },
                is(Word::Bogus),
            ),
            (|e| sample::times_out(&mut e.mx[0].tlsa.original), inconclusive(Unknown::DnsFailed)),
            (
                |e| {
                    sample::unsigned(&mut e.mx[0].a);
                    e.mx[0].tlsa.original = Looked::not_asked("_25._tcp.mx1.example.net", "TLSA");
                },
                not_applicable(Inapplicable::Unsigned),
            ),
            (
                |e| {
                    sample::times_out(&mut e.mx[0].a);
                    e.mx[0].tlsa.original = Looked::not_asked("_25._tcp.mx1.example.net", "TLSA");
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(tlsa_state, cases);
    }
}
