//! The algorithms and digests that the chain of trust is made of; which are good is the profiles' to say (RFC 9904;
//! RFC 9905 takes SHA-1 out of use).

use crate::receiving::checks::dnssec::algorithm::dnssec_algorithm;
use crate::receiving::checks::dnssec::ds_digest::ds_digest;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, items, not_applicable};
use crate::receiving::checks::{Inapplicable, Item, Unknown};
use crate::shared::evidence::scan::{DsRecord, Evidence, KeyRecord, NameAnswer};

fn unsign(evidence: &mut Evidence) {
    evidence.names.keys.answer = NameAnswer::NoData;
    evidence.names.ds.answer = NameAnswer::NoData;
}

#[test]
fn algorithms() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, items(vec![Item::Algorithm(13)])),
        (
            |e| {
                let key = KeyRecord { key_tag: 1, algorithm: 7, flags: 256, bits: Some(1024) };
                let NameAnswer::Records { records } = &mut e.names.keys.answer else { return };
                records.push(key);
            },
            items(vec![Item::Algorithm(13), Item::Algorithm(7)]),
        ),
        (|e| e.names.keys.answer = NameAnswer::NoData, items(vec![Item::Algorithm(13)])),
        (
            |e| {
                e.names.keys.answer = NameAnswer::NotAsked;
                sample::breaks(&mut e.names.soa);
            },
            inconclusive(Unknown::DnsBogus),
        ),
        (unsign, not_applicable(Inapplicable::Unsigned)),
        (|e| sample::breaks(&mut e.names.keys), inconclusive(Unknown::DnsBogus)),
        (|e| sample::times_out(&mut e.names.keys), inconclusive(Unknown::DnsFailed)),
    ];
    sample::check_all(dnssec_algorithm, cases);
}

#[test]
fn digests() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, items(vec![Item::Digest(2)])),
        (
            |e| {
                let ds = |digest_type| DsRecord { key_tag: 22222, algorithm: 13, digest_type };
                e.names.ds.answer = NameAnswer::Records { records: vec![ds(1), ds(2), ds(2)] };
            },
            items(vec![Item::Digest(1), Item::Digest(2)]),
        ),
        (unsign, not_applicable(Inapplicable::Unsigned)),
        (|e| sample::breaks(&mut e.names.ds), inconclusive(Unknown::DnsBogus)),
        (|e| sample::times_out(&mut e.names.ds), inconclusive(Unknown::DnsFailed)),
    ];
    sample::check_all(ds_digest, cases);
}
