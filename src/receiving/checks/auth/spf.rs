//! Whether there is an SPF record, and how many of its look-ups find nothing.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::lines::{self, unknown};
use super::super::subjects::{Said, domain};
use crate::shared::evidence::scan::{Evidence, SpfPolicy, SpfTerm};
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::{Mechanism, Qualifier, SpfError, Term};

/// The domain's own policy, or what is wrong with it.
pub(super) fn own(evidence: &Evidence) -> Result<Result<SpfRecord, SpfError>, Unknown> {
    let Some(policy) = evidence.names.spf.policies.first() else { return Err(Unknown::Cut) };
    read(evidence, policy)
}

/// A policy, or what is wrong with it. That there is none, or that it has an error, shows only in an answer of which
/// nothing was left out.
pub(super) fn read(evidence: &Evidence, policy: &SpfPolicy) -> Result<Result<SpfRecord, SpfError>, Unknown> {
    if let Some(why) = unknown(&policy.txt) {
        return Err(why);
    }
    match SpfRecord::from_txt(policy.txt.records().iter().map(String::as_str)) {
        Err(SpfError::Absent | SpfError::Term(_)) if !evidence.is_whole(&policy.txt) => Err(Unknown::Cut),
        record => Ok(record),
    }
}

/// Whether it is `v=spf1 -all` and nothing more.
pub(super) fn says_nothing_is_sent(evidence: &Evidence) -> Result<bool, Unknown> {
    let only = [Term::Directive(Qualifier::Fail, Mechanism::All)];
    Ok(own(evidence)?.is_ok_and(|record| record.terms == only))
}

/// Exactly one record of version 1 (RFC 7208 §4.5), whatever it says.
pub(in super::super) fn spf(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match own(evidence) {
        Err(why) => Said::inconclusive(why),
        Ok(Err(SpfError::Absent)) => Said::is(Word::Absent),
        Ok(Err(SpfError::Several)) => Said::is(Word::Several),
        Ok(Ok(_) | Err(SpfError::Term(_) | SpfError::Twice(_))) => Said::is(Word::Present),
    };
    let texts = evidence.names.spf.policies.iter().take(1).flat_map(|policy| policy.txt.records());
    let versions = texts.filter(|text| SpfRecord::is_of_version(text)).cloned();
    domain(
        Check::Spf,
        evidence,
        said.details(versions).seen(evidence.names.spf.policies.first().into_iter().flat_map(lines_of)),
    )
}

/// Policies that do not exist count with terms whose names have no records. What depends on the mail, by a macro or
/// as `ptr`, is not looked up and left out.
pub(in super::super) fn spf_void_lookups(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let spf = &evidence.names.spf;
    let terms = || spf.terms.iter().filter(|term| term.void.is_some() || !of_the_mail(&term.term));
    let void_terms = || terms().filter(|term| term.void == Some(true));
    let void_policies = || spf.policies.iter().skip(1).filter(|policy| policy.txt.denied());
    let count = void_terms().count() + void_policies().count();
    let failed = spf.policies.iter().skip(1).find_map(|policy| unknown(&policy.txt));
    let why_unknown = failed.or(terms().any(|term| term.void.is_none()).then_some(Unknown::DnsFailed));
    let said = match (own(evidence), why_unknown) {
        (Err(why), _) => Said::inconclusive(why),
        (Ok(Err(SpfError::Absent | SpfError::Several)), _) => Said::not_applicable(Inapplicable::NoRecord),
        (Ok(_), Some(why)) if count <= SpfRecord::VOID_LOOKUPS_MAX => Said::inconclusive(why),
        (Ok(_), _) => Said::count(u32::try_from(count).unwrap_or(u32::MAX)),
    };
    let rows = void_policies().map(|policy| policy.txt.name.clone());
    let said = said.details(rows).details(void_terms().map(|term| term.term.clone()));
    let lines = spf.terms.iter().map(|term| line(evidence, term));
    domain(Check::SpfVoid, evidence, said.seen(seen(evidence)).seen(lines))
}

fn of_the_mail(term: &str) -> bool {
    term.contains('%') || matches!(term.parse(), Ok(Term::Directive(_, Mechanism::Ptr(_))))
}

/// What the look-up of a term gave.
pub(super) fn line(evidence: &Evidence, term: &SpfTerm) -> String {
    let policy = evidence.names.spf.policies.get(term.policy).map_or("?", |policy| &policy.txt.name);
    let void = match term.void {
        Some(true) => "void",
        Some(false) => "found",
        None => "?",
    };
    let hosts = term.hosts.map(|hosts| format!(", {hosts} MX")).unwrap_or_default();
    format!("SPF {policy} {}: {void}{hosts}", term.term)
}

/// Every policy that was fetched, the domain's own first.
pub(super) fn seen(evidence: &Evidence) -> Vec<String> {
    evidence.names.spf.policies.iter().flat_map(lines_of).collect()
}

/// A domain's other TXT records are nobody's business here.
fn lines_of(policy: &SpfPolicy) -> Vec<String> {
    let only = policy.txt.clone().map(|text| SpfRecord::is_of_version(&text).then_some(text));
    if only.records().is_empty() && !policy.txt.records().is_empty() {
        return vec![format!("TXT {}: -", policy.txt.name)];
    }
    lines::of(&only)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, count, inconclusive, is, not_applicable};
    use super::*;
    use crate::shared::evidence::scan::{Cut, NameAnswer};

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
}
