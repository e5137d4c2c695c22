//! What kind of MX records there are, and whether a host is named twice.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, Shown, unknown};
use super::super::subjects::{Said, domain};
use crate::shared::evidence::scan::{Evidence, NameAnswer};

/// Without MX records, mail goes to the addresses of the domain itself (RFC 5321 §5.1). A null MX says that the
/// domain takes none, and stands alone (RFC 7505 §3).
pub(in super::super) fn mx_records(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let records = names.mx.records();
    let null = records.iter().any(|record| record.host.is_empty());
    let (mut said, fallback) = if let Some(why) = unknown(&names.mx) {
        (Said::inconclusive(why), false)
    } else if null {
        (Said::is(if records.len() == 1 { Word::Null } else { Word::Several }), false)
    } else if !records.is_empty() {
        (Said::is(Word::Present), false)
    } else if names.mx.answer == NameAnswer::NoName {
        (Said::is(Word::Absent), false)
    } else if !names.a.records().is_empty() || !names.aaaa.records().is_empty() {
        (Said::is(Word::Fallback), true)
    } else if let Some(why) = unknown(&names.a).or(unknown(&names.aaaa)) {
        (Said::inconclusive(why), true)
    } else {
        (Said::is(Word::Absent), true)
    };
    said = said.details(records.iter().map(Shown::shown)).seen(lines::of(&names.mx));
    if fallback {
        said = said.seen(lines::of(&names.a)).seen(lines::of(&names.aaaa));
    }
    domain(Check::MxRecords, evidence, said)
}

/// Two records with the same host make no second server.
pub(in super::super) fn mx_duplicates(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let mx = &evidence.names.mx;
    let mut by_host: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
    for record in mx.records().iter().filter(|record| !record.host.is_empty()) {
        by_host.entry(&record.host).or_default().push(record.preference);
    }
    let doubled = by_host.iter().filter(|(_, preferences)| preferences.len() > 1);
    let rows: Vec<_> = doubled
        .map(|(host, preferences)| {
            let preferences: Vec<_> = preferences.iter().map(u16::to_string).collect();
            format!("{host}: {}", preferences.join(", "))
        })
        .collect();
    let said = match unknown(mx) {
        Some(why) => Said::inconclusive(why),
        None if mx.records().is_empty() => Said::not_applicable(Inapplicable::NoRecord),
        None if by_host.is_empty() => Said::not_applicable(Inapplicable::NoMail),
        None if rows.is_empty() && lines::cut(evidence, mx).is_some() => Said::inconclusive(Unknown::Cut),
        None => Said::is(if rows.is_empty() { Word::Absent } else { Word::Present }),
    };
    domain(Check::MxDuplicates, evidence, said.details(rows).seen(lines::of(mx)))
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Unknown;
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::MxRecord;

    fn records(names: &[(u16, &str)]) -> NameAnswer<MxRecord> {
        let record = |&(preference, host): &(u16, &str)| MxRecord { preference, host: host.to_owned() };
        NameAnswer::Records { records: names.iter().map(record).collect() }
    }

    #[test]
    fn words_of_the_records() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| e.names.mx.answer = records(&[(0, "")]), is(Word::Null)),
            (|e| e.names.mx.answer = records(&[(0, ""), (10, "mx1.example.net")]), is(Word::Several)),
            (
                |e| {
                    e.names.mx.answer = NameAnswer::NoData;
                    e.names.a = sample::secure("example.net", "A", vec![sample::ip("192.0.2.80")]);
                },
                is(Word::Fallback),
            ),
            (
                |e| {
                    e.names.mx.answer = NameAnswer::NoData;
                    e.names.a.answer = NameAnswer::NoData;
                    e.names.aaaa.answer = NameAnswer::NoData;
                },
                is(Word::Absent),
            ),
            (
                |e| {
                    e.names.mx.answer = NameAnswer::NoData;
                    e.names.a.answer = NameAnswer::NoData;
                    sample::times_out(&mut e.names.aaaa);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (|e| e.names.mx.answer = NameAnswer::NoName, is(Word::Absent)),
            (|e| sample::times_out(&mut e.names.mx), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.mx), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(mx_records, cases);
    }

    #[test]
    fn words_of_duplicates() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Absent)),
            (
                |e| e.names.mx.answer = records(&[(10, "mx1.example.net"), (20, "mx1.example.net")]),
                is(Word::Present),
            ),
            (|e| e.names.mx.answer = records(&[(0, "")]), not_applicable(Inapplicable::NoMail)),
            (|e| e.names.mx.answer = NameAnswer::NoData, not_applicable(Inapplicable::NoRecord)),
            (|e| sample::times_out(&mut e.names.mx), inconclusive(Unknown::DnsFailed)),
        ];
        sample::check_all(mx_duplicates, cases);
    }
}
