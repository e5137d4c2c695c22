//! What a zone tells its parent of its keys, and how it hashes names.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, unknown, unknown_after};
use super::super::subjects::{Said, domain};
use crate::shared::evidence::scan::{DomainNames, Evidence, KeyUpkeep};

/// What was asked of a zone with keys; otherwise what is to be said of the check.
fn upkeep(names: &DomainNames) -> Result<&KeyUpkeep, Said> {
    if let Some(why) = unknown_after(&names.keys, &names.soa) {
        return Err(Said::inconclusive(why));
    }
    if names.keys.records().is_empty() {
        return Err(Said::not_applicable(Inapplicable::Unsigned));
    }
    names.upkeep.as_ref().ok_or_else(|| Said::inconclusive(Unknown::NotAsked))
}

/// A key, by its tag and algorithm: which digest a parent takes is its own to choose (RFC 7344 §4).
type Key = (u16, u8);

/// Whether the zone's wishes are what its parent has done. Either record may tell them; where both do they must agree
/// (RFC 7344 §4).
pub(in super::super) fn ds_wanted(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let said = match upkeep(names) {
        Ok(upkeep) => compared(names, upkeep),
        Err(said) => said.seen(lines::of(&names.keys)),
    };
    domain(Check::DsWanted, evidence, said)
}

fn compared(names: &DomainNames, upkeep: &KeyUpkeep) -> Said {
    let ds: BTreeSet<Key> = names.ds.records().iter().map(|ds| (ds.key_tag, ds.algorithm)).collect();
    let cds: BTreeSet<Key> = upkeep.cds.records().iter().map(|cds| (cds.key_tag, cds.algorithm)).collect();
    let cdnskey: BTreeSet<Key> =
        upkeep.cdnskey.records().iter().map(|key| (key.key_tag, key.algorithm)).collect();
    let why_unknown =
        unknown(&upkeep.cds).or(unknown(&upkeep.cdnskey)).or(unknown_after(&names.ds, &names.soa));
    let wanted = || [&cds, &cdnskey].into_iter().filter(|keys| !keys.is_empty());
    let removes = |keys: &BTreeSet<Key>| keys.iter().all(|(_, algorithm)| *algorithm == 0);
    let said = match why_unknown {
        Some(why) => Said::inconclusive(why),
        None if wanted().next().is_none() => Said::is(Word::Absent),
        None if wanted().all(removes) => Said::is(Word::Removes),
        None if wanted().all(|keys| *keys == ds) => Said::is(Word::Same),
        None => Said::is(Word::Differs),
    };
    let rows = [("DS", &ds), ("CDS", &cds), ("CDNSKEY", &cdnskey)].into_iter().filter_map(|(rtype, keys)| {
        let keys: Vec<String> = keys.iter().map(|(tag, algorithm)| format!("{tag} ({algorithm})")).collect();
        (!keys.is_empty()).then(|| format!("{rtype}: {}", keys.join(", ")))
    });
    let said = said.details(rows).seen(lines::of(&names.ds));
    said.seen(lines::of(&upkeep.cds)).seen(lines::of(&upkeep.cdnskey))
}

/// RFC 9276 §3.1: none. A zone without NSEC3PARAM denies by NSEC, and hashes nothing.
pub(in super::super) fn nsec3_iterations(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let said = match upkeep(names) {
        Ok(upkeep) => {
            let most = upkeep.nsec3.records().iter().map(|hashing| hashing.iterations).max();
            let said = match (unknown(&upkeep.nsec3), most) {
                (Some(why), _) => Said::inconclusive(why),
                (None, None) => Said::not_applicable(Inapplicable::NoRecord),
                (None, Some(iterations)) => Said::count(iterations.into()),
            };
            said.seen(lines::of(&upkeep.nsec3))
        }
        Err(said) => said.seen(lines::of(&names.keys)),
    };
    domain(Check::Nsec3Iterations, evidence, said)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, count, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{DsRecord, KeyRecord, NameAnswer};

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
}
