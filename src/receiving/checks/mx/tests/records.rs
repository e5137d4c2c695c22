//! What kind of MX records there are, and whether a host is named twice.

use crate::receiving::checks::mx::duplicates::mx_duplicates;
use crate::receiving::checks::mx::records::mx_records;
use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{MxRecord, NameAnswer};

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
