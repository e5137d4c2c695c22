//! Whether the zone tells its parent of other keys than the DS records name (RFC 7344), as while a key is being
//! changed. `Removes`: it asks for the removal of all of them (RFC 8078 §4).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::domain::upkeep;
use crate::receiving::checks::lines::{self, unknown, unknown_after};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::{DomainNames, Evidence, KeyUpkeep};

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-cds",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Same, Word::Differs, Word::Removes, Word::Absent]),
    judge: ds_wanted,
    en: r"Keys that the zone wants vouched for
    .same = The zone's CDS or CDNSKEY records name the same keys as the DS records at its parent.
    .differs = The zone's CDS or CDNSKEY records name other keys than the DS records at its parent.
    .removes = The zone asks its parent to remove all DS records: then it is no longer signed, and DANE ends.
    .absent = The zone has neither CDS nor CDNSKEY records: its DS records are changed by hand.
    .why = By CDS and CDNSKEY a zone tells its parent which keys to vouch for (RFC 7344, RFC 8078). During a change of keys they differ from the DS records for hours or days. If that lasts, the change is stuck: the parent does not look, or does not trust what it sees; and if the old key is withdrawn nevertheless, the domain breaks.
    .todo = If no change of keys is under way, find out whether the parent or the registrar reads CDS records at all (for a first DS record: RFC 9615), and set the DS records by hand if not.",
    de: r"Angekündigte Schlüssel der Zone (CDS)
    .same = Die CDS- oder CDNSKEY-Einträge der Zone nennen dieselben Schlüssel wie die DS-Einträge der übergeordneten Zone.
    .differs = Die CDS- oder CDNSKEY-Einträge der Zone nennen andere Schlüssel als die DS-Einträge der übergeordneten Zone.
    .removes = Die Zone bittet die übergeordnete, alle DS-Einträge zu entfernen: Dann ist sie nicht mehr signiert, und DANE endet.
    .absent = Die Zone hat weder CDS- noch CDNSKEY-Einträge: Ihre DS-Einträge werden von Hand gepflegt.
    .why = Mit CDS und CDNSKEY sagt eine Zone der übergeordneten, welche Schlüssel diese beglaubigen soll (RFC 7344, RFC 8078). Bei einem Schlüsselwechsel weichen sie für Stunden oder Tage von den DS-Einträgen ab. Bleibt es dabei, hängt der Wechsel: Die übergeordnete Zone sieht nicht nach oder traut dem nicht, was sie sieht; und wird der alte Schlüssel dennoch entfernt, ist die Domain kaputt.
    .todo = Ist kein Schlüsselwechsel im Gange, klären Sie, ob die übergeordnete Zone oder der Registrar CDS-Einträge überhaupt liest (für den ersten DS-Eintrag: RFC 9615), und setzen Sie die DS-Einträge andernfalls von Hand.",
    ..Definition::BARE
};

/// A key, by its tag and algorithm: which digest a parent takes is its own to choose (RFC 7344 §4).
type Key = (u16, u8);

/// Whether the zone's wishes are what its parent has done. Either record may tell them; where both do they must agree
/// (RFC 7344 §4).
pub(in crate::receiving::checks) fn ds_wanted(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
