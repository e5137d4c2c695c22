//! Whether those outside that shall get reports agreed to it (RFC 9990).

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::dmarc::{Without, applies, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Word};
use crate::shared::evidence::scan::{Evidence, LookupResult};
use crate::shared::policy::DmarcRecord;

pub(super) static CHECK: Definition = Definition {
    id: "dmarc-reports",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Authorised, Word::Unauthorised, Word::Internal, Word::Absent]),
    judge: dmarc_reports,
    answered_by: &[Check::Dmarc],
    en: r"Recipients of DMARC reports
    .authorised = The recipients of reports outside the domain have agreed to receive them.
    .unauthorised = A recipient of reports outside the domain has not agreed to receive them, so it gets none.
    .internal = DMARC reports go to the domain itself.
    .absent = The DMARC record asks for no reports.
    .why = Without reports nobody notices which mail fails. Another domain has to agree to receive them (RFC 9990), so that nobody is flooded.
    .todo = Name an address for DMARC reports (rua). If it lies in another domain, that domain has to agree by the record below.",
    de: r"Empfänger der DMARC-Berichte
    .authorised = Die Empfänger von Berichten außerhalb der Domain haben dem Empfang zugestimmt.
    .unauthorised = Ein Empfänger von Berichten außerhalb der Domain hat dem Empfang nicht zugestimmt und bekommt deshalb keine.
    .internal = DMARC-Berichte gehen an die Domain selbst.
    .absent = Der DMARC-Eintrag verlangt keine Berichte.
    .why = Ohne Berichte bemerkt niemand, welche Mail scheitert. Eine fremde Domain muss dem Empfang zustimmen (RFC 9990), damit niemand überschwemmt wird.
    .todo = Nennen Sie mit rua eine Adresse für DMARC-Berichte. Liegt sie in einer fremden Domain, muss diese mit dem Eintrag unten zustimmen.",
    made: Some(Made::Agreements),
    ..Definition::BARE
};

/// A domain outside has to publish that it takes them (RFC 9990 §4).
fn dmarc_reports(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
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

fn agreed(external: &[(String, LookupResult<String>)]) -> Said {
    let refuses = |(_, looked): &(String, LookupResult<String>)| {
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
    use super::*;
    use crate::receiving::checks::Unknown;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
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
