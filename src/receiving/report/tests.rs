//! A stranger's check: its definition is all there is of it.

use std::fmt::Write;

use jiff::Timestamp;

use super::*;
use crate::receiving::checks::tests::sample;
use crate::receiving::checks::{
    Category, Check, Definition, Finding, Measured, Outcome, Scale, Scope, Subject, Word,
};
use crate::receiving::profiles::Profiles;
use crate::shared::evidence::scan::Evidence;
use crate::shared::text::Texts;

static CHECK: Definition = Definition {
    id: "mx-spare",
    category: Category::Mx,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Several, Word::One]),
    judge: spare,
    turns_away: &[Word::One],
    en: r"A second mail server
    .several = A second mail server takes over.
    .one = Nobody takes over if it fails.
    .why = A host may fail.
    .todo = Name a second mail server for { $domain }.",
    de: r"Ein zweiter Mailserver
    .several = Ein zweiter Mailserver springt ein.
    .one = Niemand springt ein, wenn er ausfällt.
    .why = Ein Host kann ausfallen.
    .todo = Nennen Sie für { $domain } einen zweiten Mailserver.",
    fix: r"
    .dns = { $domain }. IN MX 20 mx2.{ $domain }.",
    ..Definition::BARE
};

fn spare(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let word = if evidence.mx.len() > 1 { Word::Several } else { Word::One };
    vec![Finding {
        check: Check::new(&CHECK),
        subject: Subject::Domain { domain: evidence.domain.clone() },
        measured: Measured::Is { word },
        details: Vec::new(),
        evidence: evidence.mx.iter().map(|mx| format!("MX {}", mx.host)).collect(),
        notes: Vec::new(),
    }]
}

/// A profile that rates it by its identifier.
const PROFILE: &str = r#"
title = "Spare"
date = "2026-11"
source = "a test"
system = "mailassay"
[[check]]
id = "mx-spare"
words = { several = "good", one = "insufficient" }
"#;

/// Its report, and what it comes to.
fn told(evidence: &Evidence, language: Language) -> (String, Outcome) {
    let checks = [Check::new(&CHECK)];
    let findings: Vec<_> =
        checks.iter().flat_map(|check| (check.definition().judge)(evidence, sample::now())).collect();
    let profiles = Profiles::read([(OWN, PROFILE)], &checks).unwrap();
    let receiving = Receiving { evidence, ratings: profiles.rate(evidence, &findings), findings };
    let [en, de, lines] = words::of_checks(&checks).map(|text| &*Vec::leak(vec![&*text.leak()]));
    let words = Box::leak(Box::new(Words::read(language, &[words::texts(), Texts { en, de, lines }])));
    let page = page_in(&receiving, OWN, words, sample::now());
    let mut text = String::new();
    page.sections.iter().for_each(|section| writeln!(text, "{section:?}").unwrap());
    (text, receiving.ratings.outcome(0))
}

#[test]
fn a_definition_alone_is_judged_rated_and_told() {
    let mut evidence = sample::perfect();
    assert!(!Check::ALL.contains(&Check::new(&CHECK)), "nobody registered it");
    let (text, outcome) = told(&evidence, Language::En);
    assert_eq!(outcome, Outcome::Pass);
    assert!(text.contains("A second mail server takes over."), "{text}");
    evidence.mx.truncate(1);
    for (language, texts) in [
        (
            Language::En,
            [
                "Nobody takes over if it fails.",
                "Name a second mail server for example.net.",
                "A host may fail.",
            ],
        ),
        (
            Language::De,
            ["Niemand springt ein, wenn er", "Nennen Sie für example.net einen zweiten", "Ein Host kann"],
        ),
    ] {
        let (text, outcome) = told(&evidence, language);
        assert_eq!(outcome, Outcome::Fail);
        let fix = "example.net. IN MX 20 mx2.example.net.";
        for expected in texts.into_iter().chain([fix, "MX mx1.example.net"]) {
            assert!(text.contains(expected), "no {expected:?} in {text}");
        }
    }
}
