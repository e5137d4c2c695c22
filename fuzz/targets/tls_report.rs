//! TLS reports, packed or not (`policy::tls_report`), and what is kept of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::sending::history::{Enclosed, ReportReading};
use mailassay::shared::policy::tls_report::{TlsReport, UNPACKED_OCTETS_MAX, unpacked};

fuzz_target!(|octets: &[u8]| {
    if let Ok((text, _)) = unpacked(octets) {
        assert!(text.len() <= UNPACKED_OCTETS_MAX);
    }
    if let Ok(report) = TlsReport::read(octets) {
        // Each defect stands once.
        for (n, defect) in report.defects.iter().enumerate() {
            assert!(!report.defects[..n].contains(defect), "{defect:?}");
        }
        let failures: usize = report.policies.iter().map(|policy| policy.failures.len()).sum();
        assert!(report.policies.len() <= 64 && failures <= 128);
    }
    let enclosed = Enclosed { content: octets.to_vec(), ..Enclosed::default() };
    let ReportReading::Read { report, .. } = enclosed.read("test.example") else { return };
    for policy in &report.policies {
        let domain = policy.policy_domain.as_deref().expect("a policy of ours has a domain");
        assert!(domain == "test.example" || domain.ends_with(".test.example"), "{domain}");
    }
});
