//! Whether there is an SPF record, and how many of its look-ups find nothing.

use crate::receiving::checks::auth::spf::spf;
use crate::receiving::checks::auth::spf_void_lookups::spf_void_lookups;
use crate::receiving::checks::tests::sample::{self, Bent, count, inconclusive, is, not_applicable};
use crate::receiving::checks::{Inapplicable, Unknown, Word};
use crate::shared::evidence::scan::{Cut, Evidence, NameAnswer, SpfPolicy, SpfTerm};

fn records(evidence: &mut Evidence, texts: &[&str]) {
    let records = texts.iter().map(|text| (*text).to_owned()).collect();
    evidence.names.spf.policies[0].txt.answer = NameAnswer::Records { records };
}

#[test]
fn words() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, is(Word::Present)),
        (|e| records(e, &["other", "v=spf1 nonsense"]), is(Word::Present)),
        (|e| records(e, &["v=spf1 -all", "v=spf1 ~all"]), is(Word::Several)),
        (|e| records(e, &["other"]), is(Word::Absent)),
        (|e| e.names.spf.policies[0].txt.answer = NameAnswer::NoData, is(Word::Absent)),
        (|e| sample::times_out(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsFailed)),
        (|e| sample::breaks(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsBogus)),
        (|e| e.names.spf.policies.clear(), inconclusive(Unknown::Cut)),
        (
            |e| {
                records(e, &["other"]);
                let what = Cut::records("example.net", "TXT");
                e.cuts.push(Cut { what, of: Some(200), kept: 1 });
            },
            inconclusive(Unknown::Cut),
        ),
    ];
    sample::check_all(spf, cases);
}

fn term(evidence: &mut Evidence, term: &str, void: Option<bool>) {
    evidence.names.spf.terms.push(SpfTerm { policy: 0, term: term.to_owned(), void, hosts: None });
}

#[test]
fn every_policy_is_shown_and_no_other_text() {
    let mut evidence = sample::perfect();
    records(&mut evidence, &["site-verification=1", "v=spf1 -all", "v=spf1 ~all"]);
    let expected = ["TXT example.net: v=spf1 -all (secure)", "TXT example.net: v=spf1 ~all (secure)"];
    assert_eq!(spf(&evidence, sample::now())[0].evidence, expected);
    records(&mut evidence, &["site-verification=1"]);
    assert_eq!(spf(&evidence, sample::now())[0].evidence, ["TXT example.net: -"]);
}

#[test]
fn counts_void_lookups() {
    let cases: Vec<(Bent, _)> = vec![
        (|_| {}, count(0)),
        (|e| (term(e, "a", Some(false)), term(e, "mx", Some(true))).0, count(1)),
        (|e| term(e, "exists:%{i}.example.net", None), count(0)),
        (|e| term(e, "?ptr", None), count(0)),
        (|e| term(e, "a:%{d}.gone.example", Some(true)), count(1)),
        (
            |e| {
                let txt = sample::secure("gone.example", "TXT", Vec::new());
                let by = Some((0, "include:gone.example".to_owned()));
                e.names.spf.policies.push(SpfPolicy { by, txt });
            },
            count(1),
        ),
        (|e| term(e, "a", None), inconclusive(Unknown::DnsFailed)),
        (
            |e| {
                for name in ["a:a.example", "a:b.example", "a:c.example"] {
                    term(e, name, Some(true));
                }
                term(e, "mx", None);
            },
            count(3),
        ),
        (|e| records(e, &["other"]), not_applicable(Inapplicable::NoRecord)),
        (|e| sample::breaks(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsBogus)),
    ];
    sample::check_all(spf_void_lookups, cases);
}
