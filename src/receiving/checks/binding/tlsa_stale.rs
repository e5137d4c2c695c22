//! How many TLSA records match nothing that the host sends.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::dane::{self, published};
use crate::receiving::checks::binding::shared::dane_match::{Shown, compare, matched, shown};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Inapplicable, Unknown};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::Tlsa;

pub(super) static CHECK: Definition = Definition {
    id: "tlsa-stale",
    category: Category::Binding,
    scope: Scope::Mx,
    scale: Scale::Count,
    judge: stale,
    en: r"TLSA records that fit nothing
    .count = { $count ->
        [0] Every usable record fits a certificate that the host shows.
        [one] One record fits nothing that the host shows.
       *[other] { $count } records fit nothing that the host shows.
    }
    .why = That is right for the next key's record, and wrong for one that was forgotten.
    .todo = Remove the records of keys that are not used any more.",
    de: r"TLSA-Einträge, die zu nichts passen
    .count = { $count ->
        [0] Jeder brauchbare Eintrag passt zu einem Zertifikat, das der Mailserver zeigt.
        [one] Ein Eintrag passt zu nichts, was der Mailserver zeigt.
       *[other] { $count } Einträge passen zu nichts, was der Mailserver zeigt.
    }
    .why = Für den Eintrag des nächsten Schlüssels ist das richtig, für einen vergessenen nicht.
    .todo = Entfernen Sie die Einträge von Schlüsseln, die nicht mehr verwendet werden.",
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn stale(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaStale, evidence, |mx| {
        let records = match published(mx) {
            Ok(records) => records,
            Err(measured) => return Said::from(measured).seen(dane::seen(mx)),
        };
        let Shown { sent, missing } = shown(evidence, mx);
        let matches = |record: &Tlsa| sent.iter().any(|chain| matched(record, chain));
        let usable = || records.iter().filter(|record| record.usable());
        let rows: Vec<_> =
            usable().filter(|record| !matches(record)).map(|record| record.to_string()).collect();
        let said = match missing.filter(|_| !rows.is_empty()) {
            Some(measured) => Said::from(measured).seen(evidence.servers_of(&mx.host).flat_map(unasked)),
            // Where none fits, none is left over beside one that does: that none fits is what is wrong.
            None if !rows.is_empty() && !usable().any(|record| matches(record)) => dane::cut(evidence, mx)
                .map_or(Said::not_applicable(Inapplicable::NoneFits), Said::inconclusive),
            None if rows.is_empty() && dane::cut(evidence, mx).is_some() => Said::inconclusive(Unknown::Cut),
            None => Said::count(u32::try_from(rows.len()).unwrap_or(u32::MAX)).details(rows),
        };
        let compared = usable().flat_map(|record| {
            let fits = sent.iter().find(|chain| matched(record, chain));
            let all = || sent.iter().map(|chain| chain.own(&compare(record, chain))).collect::<Vec<_>>();
            fits.map_or_else(all, |chain| vec![chain.own(&compare(record, chain))])
        });
        said.seen(dane::seen(mx)).seen(compared)
    })
}
