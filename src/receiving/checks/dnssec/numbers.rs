//! The algorithms and digests that the chain of trust is made of; which are good is the profiles' to say (RFC 9904;
//! RFC 9905 takes SHA-1 out of use).

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Item};
use super::super::lines::{self, unknown_after};
use super::super::registries;
use super::super::subjects::{Said, domain};
use crate::shared::evidence::scan::Evidence;

/// The zone's keys say which algorithms sign it; a zone without keys that has a DS record says it there.
pub(in super::super) fn dnssec_algorithm(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let (keys, ds) = (names.keys.records(), names.ds.records());
    let said = if let Some(why) = unknown_after(&names.keys, &names.soa) {
        Said::inconclusive(why)
    } else if keys.is_empty() && ds.is_empty() {
        Said::not_applicable(Inapplicable::Unsigned)
    } else if keys.is_empty() {
        Said::items(ds.iter().map(|ds| Item::Algorithm(ds.algorithm)), true)
    } else {
        let rows = keys.iter().map(|key| {
            let bits = key.bits.map(|bits| format!(", {bits}")).unwrap_or_default();
            format!(
                "{}: {}{bits}",
                key.key_tag,
                named(registries::dnssec_algorithm(key.algorithm), key.algorithm)
            )
        });
        Said::items(keys.iter().map(|key| Item::Algorithm(key.algorithm)), true).details(rows)
    };
    let parent = if keys.is_empty() { lines::of(&names.ds) } else { Vec::new() };
    domain(Check::DnssecAlgorithm, evidence, said.seen(lines::of(&names.keys)).seen(parent))
}

/// What the parent vouches for the keys with.
pub(in super::super) fn ds_digest(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let ds = &evidence.names.ds;
    let said = if let Some(why) = unknown_after(ds, &evidence.names.soa) {
        Said::inconclusive(why)
    } else if ds.records().is_empty() {
        Said::not_applicable(Inapplicable::Unsigned)
    } else {
        let rows = ds.records().iter().map(|ds| {
            format!("{}: {}", ds.key_tag, named(registries::ds_digest(ds.digest_type), ds.digest_type))
        });
        Said::items(ds.records().iter().map(|ds| Item::Digest(ds.digest_type)), true).details(rows)
    };
    domain(Check::DsDigest, evidence, said.seen(lines::of(ds)))
}

/// A registered name, else the number.
fn named(name: Option<&str>, number: u8) -> String {
    name.map_or_else(|| number.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Unknown;
    use super::super::super::tests::sample::{self, Bent, inconclusive, items, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{DsRecord, KeyRecord, NameAnswer};

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
}
