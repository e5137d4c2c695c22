//! Whether there is exactly one SPF record.

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::spf::{lines_of, own};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::SpfError;

pub(super) static CHECK: Definition = Definition {
    id: "spf",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Several, Word::Absent]),
    internetnl: Some("spf"),
    judge: spf,
    en: r"SPF record
    .present = There is one SPF record.
    .several = There is more than one SPF record, which is an error for every receiver.
    .absent = There is no SPF record.
    .why = SPF says which servers may send mail of the domain.
    .todo = Publish exactly one SPF record. It must name every server that sends mail of the domain: add what the line below lacks (ip4:, ip6:, include:) before you publish it.",
    de: r"SPF-Eintrag
    .present = Es gibt genau einen SPF-Eintrag.
    .several = Es gibt mehr als einen SPF-Eintrag; das ist für jeden Empfänger ein Fehler.
    .absent = Es gibt keinen SPF-Eintrag.
    .why = SPF sagt, welche Server Mail der Domain verschicken dürfen.
    .todo = Veröffentlichen Sie genau einen SPF-Eintrag. Er muss jeden Server nennen, der Mail der Domain verschickt: Ergänzen Sie vor dem Veröffentlichen, was in der Zeile unten fehlt (ip4:, ip6:, include:).",
    fix: r#"
    .dns-no-mail = { $domain }. IN TXT "v=spf1 -all""#,
    made: Some(Made::Spf),
    ..Definition::BARE
};

/// Exactly one record of version 1 (RFC 7208 §4.5), whatever it says.
pub(in crate::receiving::checks) fn spf(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match own(evidence) {
        Err(why) => Said::inconclusive(why),
        Ok(Err(SpfError::Absent)) => Said::is(Word::Absent),
        Ok(Err(SpfError::Several)) => Said::is(Word::Several),
        Ok(Ok(_) | Err(SpfError::Term(_) | SpfError::Twice(_))) => Said::is(Word::Present),
    };
    let texts = evidence.names.spf.policies.iter().take(1).flat_map(|policy| policy.txt.records());
    let versions = texts.filter(|text| SpfRecord::is_of_version(text)).cloned();
    domain(
        Check::Spf,
        evidence,
        said.details(versions).seen(evidence.names.spf.policies.first().into_iter().flat_map(lines_of)),
    )
}
