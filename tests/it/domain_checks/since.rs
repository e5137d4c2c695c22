//! What changed, and who changed it.

use mailassay::program::domains::{Changes, Fact, Verdict, Way, rules};
use mailassay::receiving::grades::Receiving;
use mailassay::receiving::profiles::Status;
use mailassay::shared::evidence::scan::Evidence;

use crate::domains::evidence_of;

fn verdict(evidence: &Evidence) -> Verdict {
    Verdict::of(&Receiving::of(evidence, evidence.to))
}

#[test]
fn the_same_again_is_no_change() {
    let sound = evidence_of("sound");
    let changes = Changes::between(&verdict(&sound), &sound, &sound);
    assert!(changes.is_empty() && !changes.other_rules, "{changes:?}");
}

#[test]
fn what_the_domain_changed_is_theirs() {
    let (sound, mismatch) = (evidence_of("sound"), evidence_of("dane-mismatch"));
    let changes = Changes::between(&verdict(&sound), &sound, &mismatch);
    assert!(changes.ours.is_empty() && !changes.other_rules, "{:?}", changes.ours);
    let of = |id: &str| changes.theirs.iter().find(|changed| changed.check.id() == id);
    let changed = of("tlsa-match").unwrap();
    assert_eq!((changed.way(), changed.after), (Way::Worse, Some(Status::Failed)));
    assert!(changes.facts.iter().any(|change| change.fact == Fact::Tlsa), "{:?}", changes.facts);
    // And back: it is better.
    let back = Changes::between(&verdict(&mismatch), &mismatch, &sound);
    let changed = back.theirs.iter().find(|changed| changed.check.id() == "tlsa-match").unwrap();
    assert_eq!(changed.way(), Way::Better);
}

#[test]
fn what_our_rules_changed_is_ours() {
    let sound = evidence_of("sound");
    let mut then = verdict(&sound);
    // Rules of old knew fewer checks, and failed for one.
    then.rules = "0.0.9-00000000".to_owned();
    assert_ne!(then.rules, rules());
    then.statuses.remove("tlsrpt");
    then.statuses.insert("starttls".to_owned(), Status::Failed);
    let changes = Changes::between(&then, &sound, &sound);
    assert!(changes.other_rules && changes.theirs.is_empty() && changes.facts.is_empty(), "{changes:?}");
    let ours: Vec<_> = changes.ours.iter().map(|changed| (changed.check.id(), changed.way())).collect();
    assert_eq!(ours, [("starttls", Way::Better), ("tlsrpt", Way::Other)]);
}

#[test]
fn what_was_not_to_be_seen_is_no_change_of_facts() {
    let (sound, fails) = (evidence_of("sound"), evidence_of("dane-lookup-fails"));
    let changes = Changes::between(&verdict(&sound), &sound, &fails);
    assert!(!changes.facts.iter().any(|change| change.fact == Fact::Tlsa), "{:?}", changes.facts);
    let open = changes.theirs.iter().find(|changed| changed.check.id() == "tlsa").unwrap();
    assert_eq!(open.way(), Way::Open);
}

#[test]
fn a_verdict_is_kept_as_it_was_said() {
    let verdict = verdict(&evidence_of("sound"));
    let text = serde_json::to_string(&verdict).unwrap();
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    assert!(verdict.exists && verdict.letter.is_some() && verdict.score.is_some(), "{verdict:?}");
}
