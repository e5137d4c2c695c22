//! The names of MX hosts: are they signed, do they validate, and their addresses and TLSA records.

use crate::receiving::checks::dnssec::addresses::mx_addresses;
use crate::receiving::checks::dnssec::mx_signed::mx_signed;
use crate::receiving::checks::dnssec::mx_valid::mx_valid;
use crate::receiving::checks::dnssec::tlsa::tlsa_state;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Hop, LookupResult, NameAnswer};

/// A signed alias of an unsigned name.
fn half_signed<T>(looked: &mut LookupResult<T>) {
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
                e.mx[0].tlsa.original = LookupResult::not_asked("_25._tcp.mx1.example.net", "TLSA");
            },
            not_applicable(Inapplicable::Unsigned),
        ),
        (
            |e| {
                sample::times_out(&mut e.mx[0].a);
                e.mx[0].tlsa.original = LookupResult::not_asked("_25._tcp.mx1.example.net", "TLSA");
            },
            inconclusive(Unknown::DnsFailed),
        ),
        (sample::null_mx, not_applicable(Inapplicable::NoMail)),
    ];
    sample::check_all(tlsa_state, cases);
}
