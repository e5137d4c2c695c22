//! TLS reporting (RFC 8460 §3).

use jiff::Timestamp;

use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Word};
use crate::receiving::checks::lines;
use crate::receiving::checks::subjects::{Said, domain, no_mail};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::{TlsRptError, TlsRptRecord};

/// [`Check::TlsRpt`].
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
    use crate::receiving::checks::finding::Measured;

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
