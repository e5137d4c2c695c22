//! The digests of the domain's DS records.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::domain::named;
use crate::receiving::checks::lines::{self, unknown_after};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Item, registries};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-ds-digest",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Items,
    judge: ds_digest,
    en: r"DS digests
    .good = The DS records use { $items }, which is recommended.
    .sufficient = The DS records use { $items }, which is good enough.
    .phase-out = The DS records use { $items }, which should be replaced.
    .insufficient = The DS records use { $items }, which must not be used any more.
    .unrated = The DS records use { $items }.
    .why = The digest ties the domain's key to its parent. SHA-1 is not collision-proof; RFC 9905 takes it out of use.
    .todo = Publish a DS record with digest type 2 (SHA-256) and withdraw those with type 1.",
    de: r"Prüfsummen der DS-Einträge
    .good = Die DS-Einträge verwenden { $items }; das ist empfohlen.
    .sufficient = Die DS-Einträge verwenden { $items }; das ist gut genug.
    .phase-out = Die DS-Einträge verwenden { $items }; das sollte ersetzt werden.
    .insufficient = Die DS-Einträge verwenden { $items }; das darf nicht mehr verwendet werden.
    .unrated = Die DS-Einträge verwenden { $items }.
    .why = Die Prüfsumme bindet den Schlüssel der Domain an die übergeordnete Zone. SHA-1 ist nicht mehr kollisionssicher; RFC 9905 zieht es aus dem Verkehr.
    .todo = Veröffentlichen Sie einen DS-Eintrag mit Prüfsumme 2 (SHA-256), und nehmen Sie die mit Prüfsumme 1 heraus.",
    ..Definition::BARE
};

/// What the parent vouches for the keys with.
pub(in crate::receiving::checks) fn ds_digest(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
