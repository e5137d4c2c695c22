//! What holds of all checks together.

mod grades;
mod profiles;
pub(super) mod sample;
mod sections;

use sample::now;

use super::{Check, Measured, Scale, Scope, Subject, judge};
use crate::evidence::scan::Evidence;

/// Domains of many kinds.
fn bent() -> Vec<Evidence> {
    let bends: [sample::Bent; 9] = [
        |_| {},
        sample::null_mx,
        |e| {
            sample::times_out(&mut e.names.mx);
            e.mx.clear();
            e.servers.clear();
        },
        |e| e.servers.clear(),
        |e| e.networks.clear(),
        |e| sample::rename(e, 0, "localhost"),
        |e| sample::rename(e, 0, "192.0.2.1"),
        |e| e.control.ipv6 = Some(false),
        |e| *e = Evidence::not_gathered(sample::DOMAIN, "scan.example.org", now()),
    ];
    let bend = |bend: sample::Bent| {
        let mut evidence = sample::perfect();
        bend(&mut evidence);
        evidence
    };
    bends.map(bend).into()
}

#[test]
fn every_check_finds_something_of_any_domain_in_the_order_of_the_list() {
    for evidence in bent() {
        let findings = judge(&evidence, now());
        let mut checks: Vec<_> = findings.iter().map(|finding| finding.check).collect();
        checks.dedup();
        assert_eq!(checks, Check::ALL);
    }
}

#[test]
fn every_finding_keeps_to_the_scale_and_scope_of_its_check() {
    for evidence in bent() {
        for finding in judge(&evidence, now()) {
            let fits = match (finding.check.scale(), &finding.measured) {
                (_, Measured::NotApplicable { .. } | Measured::Inconclusive { .. })
                | (Scale::Items, Measured::Items { .. })
                | (Scale::Count, Measured::Count { .. })
                | (Scale::Order, Measured::Order(_)) => true,
                (Scale::Words(words), Measured::Is { word }) => words.contains(word),
                _ => false,
            };
            assert!(fits, "{finding:?}");
            // Where there is nothing of the check's kind, what is above it says why.
            let unmeasured =
                matches!(finding.measured, Measured::NotApplicable { .. } | Measured::Inconclusive { .. });
            let scope = match finding.subject {
                Subject::Domain { .. } => Scope::Domain,
                Subject::Mx { .. } => Scope::Mx,
                Subject::Address { .. } => Scope::Address,
            };
            assert!(scope == finding.check.scope() || unmeasured, "{finding:?}");
        }
    }
}
