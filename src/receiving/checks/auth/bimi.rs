//! Whether a BIMI record exists.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::BimiRecord;

pub(super) static CHECK: Definition = Definition {
    id: "bimi",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    judge: bimi,
    en: r"BIMI
    .present = There is a BIMI record.
    .absent = There is no BIMI record.
    .why = BIMI lets some mailboxes show a logo beside mail that DMARC vouches for. It protects nothing by itself.
    .todo = Nothing has to be done.",
    de: r"BIMI
    .present = Es gibt einen BIMI-Eintrag.
    .absent = Es gibt keinen BIMI-Eintrag.
    .why = BIMI lässt manche Postfächer ein Logo neben Mail zeigen, für die DMARC bürgt. Für sich allein schützt es nichts.
    .todo = Es ist nichts zu tun.",
    ..Definition::BARE
};

/// One record with a location, even an empty one, by which the domain declines.
fn bimi(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let looked = &evidence.names.bimi;
    let record = BimiRecord::from_txt(looked.records().iter().map(String::as_str));
    let said = match unknown(looked) {
        Some(why) => Said::inconclusive(why),
        None => Said::is(if record.is_some() { Word::Present } else { Word::Absent }),
    };
    let rows = record.into_iter().flat_map(|record| [Some(record.location), record.evidence]).flatten();
    domain(Check::Bimi, evidence, said.details(rows).seen(lines::of(looked)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Unknown;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is};
    use crate::shared::evidence::scan::NameAnswer;

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (|e| e.names.bimi.answer = NameAnswer::NoName, is(Word::Absent)),
            (|e| e.names.bimi = sample::txt("default._bimi.example.net", "v=spf1 -all"), is(Word::Absent)),
            (|e| sample::times_out(&mut e.names.bimi), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.bimi), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(bimi, cases);
    }
}
