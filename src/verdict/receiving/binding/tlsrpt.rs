//! TLS reporting (RFC 8460 §3).

use jiff::Timestamp;

use crate::evidence::scan::Evidence;
use crate::policy::TlsRptRecord;
use crate::verdict::receiving::check::Check;
use crate::verdict::receiving::finding::{Finding, Word};
use crate::verdict::receiving::lines;
use crate::verdict::receiving::subjects::{Said, domain, no_mail};

/// [`Check::TlsRpt`].
pub(in crate::verdict::receiving) fn tlsrpt(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let looked = &evidence.names.tlsrpt;
    let said = match (no_mail(evidence), lines::unknown(looked)) {
        (Some(said), _) => said,
        (None, Some(why)) => Said::inconclusive(why).seen(lines::of(looked)),
        (None, None) => Said::is(word(looked.records())).seen(lines::of(looked)),
    };
    domain(Check::TlsRpt, evidence, said)
}

/// Other records at the name do not count; of two neither does (RFC 8460 §3).
fn word(records: &[String]) -> Word {
    let version = |text: &str| text.split(';').next().is_some_and(|first| first.trim_end() == "v=TLSRPTv1");
    match records.iter().filter(|text| version(text)).count() {
        0 => Word::Absent,
        1 => {
            let record = TlsRptRecord::from_txt(records.iter().map(String::as_str));
            let known = |uri: &String| {
                let uri = uri.to_ascii_lowercase();
                uri.strip_prefix("mailto:").is_some_and(|address| address.contains('@'))
                    || uri.strip_prefix("https://").is_some_and(|host| !host.is_empty())
            };
            match record.is_some_and(|record| record.rua.iter().all(known)) {
                true => Word::Present,
                false => Word::Invalid,
            }
        }
        _ => Word::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_one_record_with_addresses_that_reports_can_go_to() {
        let cases: [(&[&str], Word); 7] = [
            (&[], Word::Absent),
            (&["v=spf1 -all"], Word::Absent),
            (&["x", "v=TLSRPTv1; rua=mailto:tls@example.net,https://example.net/tls"], Word::Present),
            (&["v=TLSRPTv1; rua=tls@example.net"], Word::Invalid),
            (&["v=TLSRPTv1; rua=http://example.net/"], Word::Invalid),
            (&["v=TLSRPTv1;"], Word::Invalid),
            (&["v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:a@b.example"], Word::Several),
        ];
        for (records, expected) in cases {
            let records: Vec<_> = records.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(word(&records), expected, "{records:?}");
        }
    }
}
