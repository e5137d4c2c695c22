//! Whether there is a BIMI record.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Word};
use super::super::lines::{self, unknown};
use super::super::subjects::{Said, domain};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::BimiRecord;

/// One record with a location, even an empty one, by which the domain declines.
pub(in super::super) fn bimi(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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
    use super::super::super::finding::Unknown;
    use super::super::super::tests::sample::{self, Bent, inconclusive, is};
    use super::*;
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
