//! What holds of all checks together.

pub(in crate::receiving) mod sample;

use std::collections::BTreeSet;

use sample::now;

use super::{Check, Finding, Measured, Scale, Scope, Subject, judge};
use crate::shared::evidence::scan::Evidence;

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
        judge(&evidence, now()).iter().for_each(keeps_to_its_check);
    }
}

/// Nothing is measured but on the check's scale and of its kind of subject; where there is no such subject, what is
/// above it says why.
pub(super) fn keeps_to_its_check(finding: &Finding) {
    let unmeasured =
        matches!(finding.measured, Measured::NotApplicable { .. } | Measured::Inconclusive { .. });
    let fits = match (finding.check.scale(), &finding.measured) {
        (Scale::Items, Measured::Items { .. })
        | (Scale::Count, Measured::Count { .. })
        | (Scale::Order, Measured::Order(_)) => true,
        (Scale::Words(words), Measured::Is { word }) => words.contains(word),
        _ => unmeasured,
    };
    assert!(fits, "{finding:?}");
    let scope = match finding.subject {
        Subject::Domain { .. } => Scope::Domain,
        Subject::Mx { .. } => Scope::Mx,
        Subject::Address { .. } => Scope::Address,
    };
    assert!(scope == finding.check.scope() || unmeasured, "{finding:?}");
    assert!(unmeasured || !finding.evidence.is_empty(), "decided, and nothing cited: {finding:?}");
    let lines: BTreeSet<_> = finding.evidence.iter().collect();
    assert_eq!(lines.len(), finding.evidence.len(), "cites one thing twice: {finding:?}");
}
