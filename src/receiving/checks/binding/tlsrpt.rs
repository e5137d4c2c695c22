//! TLS reporting (RFC 8460).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain, no_mail};
use crate::receiving::checks::{Finding, Word, lines};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::{TlsRptError, TlsRptRecord};

pub(super) static CHECK: Definition = Definition {
    id: "tlsrpt",
    category: Category::Binding,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::Invalid, Word::Several, Word::Absent]),
    judge: tlsrpt,
    en: r"TLS reports (TLSRPT)
    .present = There is one TLSRPT record: senders report when TLS fails.
    .invalid = The TLSRPT record is not written as RFC 8460 §3 has it, or names an address that no report can go to: senders that keep to the grammar send no reports.
    .several = There is more than one TLSRPT record, so senders ignore all.
    .absent = There is no TLSRPT record.
    .why = Without reports you learn of a broken TLSA record or policy only when somebody calls.
    .todo = Publish a TLSRPT record with an address that is read.",
    de: r"TLS-Berichte (TLSRPT)
    .present = Es gibt genau einen TLSRPT-Eintrag: Absender melden, wenn TLS scheitert.
    .invalid = Der TLSRPT-Eintrag ist nicht so geschrieben, wie RFC 8460 §3 es vorgibt, oder nennt eine Adresse, an die kein Bericht gehen kann: Absender, die sich daran halten, schicken keine Berichte.
    .several = Es gibt mehr als einen TLSRPT-Eintrag; Absender übergehen alle.
    .absent = Es gibt keinen TLSRPT-Eintrag.
    .why = Ohne Berichte erfahren Sie von einem falschen TLSA-Eintrag oder einer falschen Richtlinie erst, wenn jemand anruft.
    .todo = Veröffentlichen Sie einen TLSRPT-Eintrag mit einer Adresse, die gelesen wird.",
    fix: r#"
    .dns = _smtp._tls.{ $domain }. IN TXT "v=TLSRPTv1; rua=mailto:tlsrpt@{ $domain }""#,
    ..Definition::BARE
};

pub(in crate::receiving::checks) fn tlsrpt(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let looked = &evidence.names.tlsrpt;
    let said = match (no_mail(evidence), lines::unknown(looked)) {
        (Some(said), _) => said,
        (None, Some(why)) => Said::inconclusive(why).seen(lines::of(looked)),
        (None, None) => said(looked.records()).seen(lines::of(looked)),
    };
    domain(Check::TlsRpt, evidence, said)
}

/// Other records at the name do not count; of two neither does (RFC 8460 §3).
fn said(records: &[String]) -> Said {
    match TlsRptRecord::from_txt(records.iter().map(String::as_str)) {
        Ok(_) => Said::is(Word::Present),
        Err(TlsRptError::Absent) => Said::is(Word::Absent),
        Err(TlsRptError::Several) => Said::is(Word::Several),
        Err(fault @ (TlsRptError::Rua | TlsRptError::Field(_))) => {
            Said::is(Word::Invalid).detail(fault.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Measured;

    #[test]
    fn wants_one_record_with_addresses_that_reports_can_go_to() {
        let cases: [(&[&str], Word); 9] = [
            (&[], Word::Absent),
            (&["v=spf1 -all"], Word::Absent),
            (&["x", "v=TLSRPTv1; rua=mailto:tls@example.net,https://example.net/tls"], Word::Present),
            (&["v=TLSRPTv1; rua=tls@example.net"], Word::Invalid),
            (&["v=TLSRPTv1; rua=http://example.net/"], Word::Invalid),
            (&["v=TLSRPTv1;"], Word::Invalid),
            (&["v=TLSRPTv1; rua=mailto:a@b.example;;"], Word::Invalid),
            (&["v=TLSRPTv1; rua=mailto:a@b.example; rua=nonsense"], Word::Invalid),
            (&["v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:a@b.example"], Word::Several),
        ];
        for (records, expected) in cases {
            let records: Vec<_> = records.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(*said(&records).measured(), Measured::Is { word: expected }, "{records:?}");
        }
    }
}
