//! Whether the domain is signed and validates, and the state of its MX records.

use crate::receiving::checks::dnssec::domain_signed::domain_signed;
use crate::receiving::checks::dnssec::domain_valid::domain_valid;
use crate::receiving::checks::dnssec::mx_rrset::mx_rrset;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, Evidence, Hop, NameAnswer};

fn insecure(evidence: &mut Evidence) {
    let names = &mut evidence.names;
    sample::unsigned(&mut names.soa);
    sample::unsigned(&mut names.keys);
    names.ds.answer = NameAnswer::NoData;
}

fn unsigned(evidence: &mut Evidence) {
    insecure(evidence);
    evidence.names.keys.answer = NameAnswer::NoData;
}

fn bogus(evidence: &mut Evidence) {
    sample::breaks(&mut evidence.names.soa);
    evidence.names.soa.broken = Some(Broken::Expired { at: sample::in_days(-1) });
}

#[test]
fn words_of_the_domain() {
    let unsupported: Bent = |e| sample::unsigned(&mut e.names.soa);
    let unsigned_parent: Bent = |e| {
        sample::unsigned(&mut e.names.soa);
        sample::unsigned(&mut e.names.ds);
    };
    let beyond_us: Bent = |e| sample::by_ed448(&mut e.names.soa);
    let failed: Bent = |e| sample::times_out(&mut e.names.soa);
    let indeterminate: Bent = |e| sample::indeterminate(&mut e.names.soa);
    let no_ds: Bent = |e| {
        sample::unsigned(&mut e.names.soa);
        sample::times_out(&mut e.names.ds);
    };
    let signed: Vec<(Bent, _)> = vec![
        (|_| {}, is(Word::Present)),
        (bogus, is(Word::Present)),
        (unsupported, is(Word::Present)),
        (beyond_us, is(Word::Present)),
        (insecure, is(Word::Absent)),
        (unsigned_parent, is(Word::Absent)),
        (unsigned, is(Word::Absent)),
        (failed, inconclusive(Unknown::DnsFailed)),
        (no_ds, inconclusive(Unknown::DnsFailed)),
        (indeterminate, inconclusive(Unknown::DnsIndeterminate)),
    ];
    sample::check_all(domain_signed, signed);
    let valid: Vec<(Bent, _)> = vec![
        (|_| {}, is(Word::Secure)),
        (bogus, is(Word::Bogus)),
        (unsupported, is(Word::Unsupported)),
        (beyond_us, inconclusive(Unknown::DnsAlgorithm)),
        (insecure, is(Word::Insecure)),
        (unsigned_parent, is(Word::Insecure)),
        (unsigned, not_applicable(Inapplicable::Unsigned)),
        (failed, inconclusive(Unknown::DnsFailed)),
        (indeterminate, inconclusive(Unknown::DnsIndeterminate)),
    ];
    sample::check_all(domain_valid, valid);
}

#[test]
fn the_reason_is_among_the_details_and_the_evidence() {
    let mut evidence = sample::perfect();
    bogus(&mut evidence);
    let finding = &domain_valid(&evidence, sample::now())[0];
    let expected = "SOA example.net: RRSIG expired 2026-10-31T00:00:00Z";
    assert_eq!(finding.details, [expected]);
    assert!(finding.evidence.iter().any(|line| line == expected), "{finding:?}");
}

#[test]
fn words_of_the_mx_records() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, is(Word::Secure)),
        (|e| e.names.mx.answer = NameAnswer::NoData, is(Word::Secure)),
        (
            |e| {
                let hop = sample::hop("example.net", "example.org");
                e.names.mx.hops = vec![Hop { security: Security::Insecure, ..hop }];
            },
            is(Word::Insecure),
        ),
        (|e| sample::unsigned(&mut e.names.mx), is(Word::Insecure)),
        (|e| sample::breaks(&mut e.names.mx), is(Word::Bogus)),
        (|e| sample::times_out(&mut e.names.mx), inconclusive(Unknown::DnsFailed)),
        (|e| sample::indeterminate(&mut e.names.mx), inconclusive(Unknown::DnsIndeterminate)),
    ];
    sample::check_all(mx_rrset, cases);
}
