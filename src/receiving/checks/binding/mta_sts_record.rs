//! The MTA-STS record.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::mta_sts::{record_of, seen_record};
use crate::receiving::checks::check::{Category, Check, Definition, Made, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::RecordError;

pub(super) static CHECK: Definition = Definition {
    id: "mta-sts-record",
    category: Category::Binding,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Invalid, Word::Several, Word::Absent]),
    judge: record,
    en: r"MTA-STS record
    .present = There is one MTA-STS record.
    .invalid = The MTA-STS record is not written as RFC 8461 §3.1 has it: senders that keep to the grammar see no record, others may.
    .several = There is more than one MTA-STS record, so senders ignore all.
    .absent = There is no MTA-STS record.
    .why = MTA-STS tells senders that do not use DANE, among them the largest, that they may demand TLS and a valid certificate.
    .todo = Publish an MTA-STS record and a policy. Begin in test mode; the policy is a file at https://mta-sts.{ $domain }/.well-known/mta-sts.txt, served with a valid certificate for mta-sts.{ $domain }.",
    de: r"MTA-STS-Eintrag
    .present = Es gibt genau einen MTA-STS-Eintrag.
    .invalid = Der MTA-STS-Eintrag ist nicht so geschrieben, wie RFC 8461 §3.1 es vorgibt: Absender, die sich daran halten, sehen keinen Eintrag, andere vielleicht schon.
    .several = Es gibt mehr als einen MTA-STS-Eintrag; Absender übergehen alle.
    .absent = Es gibt keinen MTA-STS-Eintrag.
    .why = MTA-STS sagt Absendern ohne DANE, darunter den größten, dass sie TLS und ein gültiges Zertifikat verlangen sollen.
    .todo = Veröffentlichen Sie einen MTA-STS-Eintrag und eine Richtlinie. Beginnen Sie im Testbetrieb; die Richtlinie ist eine Datei unter https://mta-sts.{ $domain }/.well-known/mta-sts.txt, mit gültigem Zertifikat für mta-sts.{ $domain }.",
    made: Some(Made::MtaSts),
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn record(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match record_of(evidence) {
        Err(measured) => measured.into(),
        Ok(Ok(_)) => Said::is(Word::Present),
        Ok(Err(RecordError::Absent)) => Said::is(Word::Absent),
        Ok(Err(RecordError::Several)) => Said::is(Word::Several),
        Ok(Err(fault @ (RecordError::Id | RecordError::Field(_)))) => {
            Said::is(Word::Invalid).detail(fault.to_string())
        }
    };
    domain(Check::MtaStsRecord, evidence, said.seen(seen_record(evidence)))
}
