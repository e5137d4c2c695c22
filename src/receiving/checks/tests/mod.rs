//! What holds of all checks together.

pub(in crate::receiving) mod sample;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sample::now;

use super::{Category, Check, Finding, Measured, Scale, Scope, Subject, judge};
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

/// The word of a plain enum.
fn folder(category: Category) -> String {
    serde_json::to_value(category).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn each_file_of_a_section_is_one_registered_check_and_nothing_else_lists_checks() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/receiving/checks");
    let mut names = BTreeSet::new();
    let mut files = BTreeSet::new();
    for section in Check::ALL.iter().map(|check| folder(check.category())).collect::<BTreeSet<_>>() {
        let registry = fs::read_to_string(here.join(&section).join("mod.rs")).unwrap();
        for entry in fs::read_dir(here.join(&section)).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() || file == "mod" {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text.matches("static CHECK: Definition = ").count(), 1, "{}", path.display());
            let line = registry.lines().find_map(|line| line.trim().strip_prefix(&format!("{file} ")));
            let name = line.and_then(|rest| rest.strip_suffix(',')).expect(&file);
            assert!(names.insert(name.to_owned()), "{name} is registered twice");
            files.insert((section.clone(), file));
        }
    }
    let registered = Check::ALL.iter().filter(|check| {
        let is = |(section, file): &(String, String)| {
            *section == folder(check.category()) && check.id().replace('-', "_").ends_with(file.as_str())
        };
        files.iter().any(is)
    });
    assert_eq!((registered.count(), files.len()), (Check::ALL.len(), Check::ALL.len()));
    for entry in fs::read_dir(&here).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
    {
        let text = fs::read_to_string(&entry).unwrap();
        let listed = names.iter().find(|name| text.contains(&format!("Check::{name}")));
        assert!(listed.is_none(), "{} knows {listed:?}", entry.display());
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
