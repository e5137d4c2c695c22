//! How many TLSA records senders cannot use: usages 0 and 1, unknown selectors or matching types, wrong lengths.

use jiff::Timestamp;

use crate::receiving::checks::Finding;
use crate::receiving::checks::binding::shared::dane::{cut, published, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, each_host};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "tlsa-unusable",
    category: Category::Binding,
    scope: Scope::Mx,
    scale: Scale::Count,
    judge: unusable,
    en: r"TLSA records that senders cannot use
    .count = { $count ->
        [0] Every record is usable.
        [one] One record is not usable.
       *[other] { $count } records are not usable.
    }
    .why = In SMTP only usages 2 and 3 count (RFC 7672 §3.1.3), and the data must be as long as its type says.
    .todo = Replace the records by such with 3 1 1, or 2 1 1 for the issuer's key.",
    de: r"TLSA-Einträge, die Absender nicht nutzen können
    .count = { $count ->
        [0] Jeder Eintrag ist brauchbar.
        [one] Ein Eintrag ist nicht brauchbar.
       *[other] { $count } Einträge sind nicht brauchbar.
    }
    .why = In SMTP zählen nur die Verwendungen 2 und 3 (RFC 7672 §3.1.3), und die Daten müssen so lang sein, wie ihr Typ sagt.
    .todo = Ersetzen Sie die Einträge durch solche mit 3 1 1, oder 2 1 1 für den Schlüssel des Ausstellers.",
    fix: r"
    .command = postfix tls output-server-tlsa -h { $host }",
    made: Some(Made::Tlsa),
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn unusable(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaUnusable, evidence, |mx| match published(mx) {
        Err(measured) => Said::from(measured).seen(seen(mx)),
        Ok(records) => {
            let rows: Vec<_> =
                records.iter().filter(|record| !record.usable()).map(ToString::to_string).collect();
            let said = match cut(evidence, mx) {
                Some(why) if rows.is_empty() => Said::inconclusive(why),
                _ => Said::count(u32::try_from(rows.len()).unwrap_or(u32::MAX)),
            };
            said.details(rows).seen(seen(mx))
        }
    })
}
