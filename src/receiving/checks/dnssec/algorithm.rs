//! The algorithms that sign the domain (RFC 9904).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::domain::named;
use crate::receiving::checks::lines::{self, unknown_after};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Item, registries};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-algorithm",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Items,
    judge: dnssec_algorithm,
    en: r"DNSSEC algorithms
    .good = The zone is signed with { $items }, which is recommended.
    .sufficient = The zone is signed with { $items }, which is good enough.
    .phase-out = The zone is signed with { $items }, which should be replaced.
    .insufficient = The zone is signed with { $items }, which must not be used any more.
    .unrated = The zone is signed with { $items }.
    .why = RFC 9904 says which algorithms are to be used; RFC 9905 takes those with SHA-1 (5 and 7) out of use. Validators stop supporting old ones, and the domain then counts as unsigned.
    .todo = Roll over to algorithm 13 (ECDSA P-256 with SHA-256), in the order that RFC 6781 §4.1.4 gives.",
    de: r"DNSSEC-Verfahren
    .good = Die Zone ist mit { $items } signiert; das ist empfohlen.
    .sufficient = Die Zone ist mit { $items } signiert; das ist gut genug.
    .phase-out = Die Zone ist mit { $items } signiert; das sollte ersetzt werden.
    .insufficient = Die Zone ist mit { $items } signiert; das darf nicht mehr verwendet werden.
    .unrated = Die Zone ist mit { $items } signiert.
    .why = RFC 9904 sagt, welche Verfahren zu verwenden sind; RFC 9905 zieht die mit SHA-1 (5 und 7) aus dem Verkehr. Alte werden von Validatoren nach und nach nicht mehr unterstützt, und die Domain gilt dann als nicht signiert.
    .todo = Wechseln Sie auf Verfahren 13 (ECDSA P-256 mit SHA-256), in der Reihenfolge von RFC 6781 §4.1.4.",
    ..Definition::BARE
};

/// The zone's keys say which algorithms sign it; a zone without keys that has a DS record says it there.
pub(in crate::receiving::checks) fn dnssec_algorithm(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
