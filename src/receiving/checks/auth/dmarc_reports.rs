//! Whether those that shall get reports agreed to it.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Word};
use super::super::lines::{self, unknown};
use super::super::subjects::{Said, domain};
use super::dmarc::{Without, applies, seen};
use crate::shared::evidence::scan::{Evidence, Looked};
use crate::shared::policy::DmarcRecord;

/// A domain outside has to publish that it takes them (RFC 9990 §4).
pub(in super::super) fn dmarc_reports(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let external = &evidence.names.dmarc.external;
    let (said, addresses) = match applies(evidence) {
        Err(Without::Unknown(why)) => (Said::inconclusive(why), Vec::new()),
        Err(Without::Several | Without::Absent) => (Said::not_applicable(Inapplicable::NoRecord), Vec::new()),
        Ok(applies) => {
            let addresses = [applies.record.rua, applies.record.ruf].concat();
            let said = if addresses.is_empty() { Said::is(Word::Absent) } else { agreed(external) };
            (said, addresses)
        }
    };
    let agreements = external.iter().flat_map(|(_, looked)| lines::of(looked));
    domain(Check::DmarcReports, evidence, said.details(addresses).seen(seen(evidence)).seen(agreements))
}

fn agreed(external: &[(String, Looked<String>)]) -> Said {
    let refuses = |(_, looked): &(String, Looked<String>)| {
        unknown(looked).is_none() && !looked.records().iter().any(|text| DmarcRecord::is_of_version(text))
    };
    if external.is_empty() {
        Said::is(Word::Internal)
    } else if external.iter().any(refuses) {
        let rows = external.iter().filter(|one| refuses(one)).map(|(domain, _)| domain.clone());
        Said::is(Word::Unauthorised).details(rows)
    } else if let Some(why) = external.iter().find_map(|(_, looked)| unknown(looked)) {
        Said::inconclusive(why)
    } else {
        Said::is(Word::Authorised)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Unknown;
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::NameAnswer;

    fn outside(evidence: &mut Evidence, text: &str) {
        let name = "example.net._report._dmarc.reports.example";
        evidence.names.dmarc.external.push(("reports.example".to_owned(), sample::txt(name, text)));
    }

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Internal)),
            (|e| outside(e, "v=DMARC1;"), is(Word::Authorised)),
            (|e| outside(e, "no"), is(Word::Unauthorised)),
            (
                |e| {
                    outside(e, "v=DMARC1");
                    outside(e, "v=DMARC1");
                    sample::times_out(&mut e.names.dmarc.external[1].1);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    outside(e, "v=DMARC1");
                    outside(e, "v=DMARC1");
                    sample::times_out(&mut e.names.dmarc.external[0].1);
                    e.names.dmarc.external[1].1.answer = NameAnswer::NoName;
                },
                is(Word::Unauthorised),
            ),
            (
                |e| e.names.dmarc.walk[0] = sample::txt("_dmarc.example.net", "v=DMARC1; p=reject"),
                is(Word::Absent),
            ),
            (|e| e.names.dmarc.walk[0].answer = NameAnswer::NoName, not_applicable(Inapplicable::NoRecord)),
            (|e| sample::breaks(&mut e.names.dmarc.walk[0]), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(dmarc_reports, cases);
    }
}
