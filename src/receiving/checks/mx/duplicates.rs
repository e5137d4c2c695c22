//! Whether a host is named twice.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "mx-duplicates",
    category: Category::Mx,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Absent, Word::Present]),
    judge: mx_duplicates,
    en: r"MX records named twice
    .absent = No host is named twice.
    .present = A host is named by more than one MX record.
    .why = Senders that try every record in turn try the same host again, and a wrong preference may win.
    .todo = Keep one MX record for each host.",
    de: r"Doppelte MX-Einträge
    .absent = Kein Mailserver ist doppelt eingetragen.
    .present = Ein Mailserver steht in mehr als einem MX-Eintrag.
    .why = Absender, die alle Einträge der Reihe nach versuchen, versuchen denselben Mailserver mehrmals, und vielleicht gilt die falsche Priorität.
    .todo = Behalten Sie für jeden Mailserver einen MX-Eintrag.",
    ..Definition::BARE
};

/// Two records with the same host make no second server.
pub(in crate::receiving::checks) fn mx_duplicates(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
