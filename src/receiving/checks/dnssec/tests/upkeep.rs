//! What a zone tells its parent of its keys, and how it hashes names.

use crate::receiving::checks::dnssec::cds::ds_wanted;
use crate::receiving::checks::dnssec::nsec3_iterations::nsec3_iterations;
use crate::receiving::checks::tests::sample::{self, Bent, count, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{DsRecord, Evidence, KeyRecord, KeyUpkeep, NameAnswer};

fn upkeep_of(evidence: &mut Evidence) -> &mut KeyUpkeep {
    evidence.names.upkeep.as_mut().expect("a zone with keys")
}

fn cds(evidence: &mut Evidence, keys: &[(u16, u8)]) {
    let digest_type = 2;
    let records = keys.iter().map(|(key_tag, algorithm)| DsRecord {
        key_tag: *key_tag,
        algorithm: *algorithm,
        digest_type,
    });
    upkeep_of(evidence).cds.answer = NameAnswer::Records { records: records.collect() };
}

fn no_cdnskey(evidence: &mut Evidence) {
    upkeep_of(evidence).cdnskey.answer = NameAnswer::NoData;
}

fn no_keys(evidence: &mut Evidence) {
    evidence.names.keys.answer = NameAnswer::NoData;
}

#[test]
fn words_of_what_the_zone_wants() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, is(Word::Same)),
        (no_cdnskey, is(Word::Same)),
        (|e| upkeep_of(e).cds.answer = NameAnswer::NoData, is(Word::Same)),
        // Another digest of the same key.
        (
            |e| {
                let NameAnswer::Records { records } = &mut upkeep_of(e).cds.answer else { return };
                records.push(DsRecord { key_tag: 22222, algorithm: 13, digest_type: 4 });
            },
            is(Word::Same),
        ),
        (|e| cds(e, &[(33333, 13)]), is(Word::Differs)),
        (|e| cds(e, &[(22222, 13), (33333, 13)]), is(Word::Differs)),
        // The two disagree.
        (
            |e| {
                let key = KeyRecord { key_tag: 33333, algorithm: 13, flags: 257, bits: None };
                upkeep_of(e).cdnskey.answer = NameAnswer::Records { records: vec![key] };
            },
            is(Word::Differs),
        ),
        // A first DS record that the parent has not made yet.
        (|e| e.names.ds.answer = NameAnswer::NoData, is(Word::Differs)),
        (
            |e| {
                cds(e, &[(0, 0)]);
                no_cdnskey(e);
            },
            is(Word::Removes),
        ),
        // One asks for removal, the other does not: a parent does nothing.
        (|e| cds(e, &[(0, 0)]), is(Word::Differs)),
        (
            |e| {
                no_cdnskey(e);
                upkeep_of(e).cds.answer = NameAnswer::NoData;
            },
            is(Word::Absent),
        ),
        (no_keys, not_applicable(Inapplicable::Unsigned)),
        (|e| sample::breaks(&mut upkeep_of(e).cds), inconclusive(Unknown::DnsBogus)),
        (|e| sample::times_out(&mut e.names.ds), inconclusive(Unknown::DnsFailed)),
        (|e| sample::by_ed448(&mut e.names.keys), inconclusive(Unknown::DnsAlgorithm)),
        (|e| e.names.upkeep = None, inconclusive(Unknown::NotAsked)),
    ];
    sample::check_all(ds_wanted, cases);
}

#[test]
fn counts_iterations() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, count(0)),
        (
            |e| {
                let NameAnswer::Records { records } = &mut upkeep_of(e).nsec3.answer else { return };
                records[0].iterations = 10;
            },
            count(10),
        ),
        (|e| upkeep_of(e).nsec3.answer = NameAnswer::NoData, not_applicable(Inapplicable::NoRecord)),
        (no_keys, not_applicable(Inapplicable::Unsigned)),
        (|e| sample::times_out(&mut upkeep_of(e).nsec3), inconclusive(Unknown::DnsFailed)),
        (|e| e.names.upkeep = None, inconclusive(Unknown::NotAsked)),
    ];
    sample::check_all(nsec3_iterations, cases);
}
