//! What ruled cases showed, as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::program::report::account::Account;
use crate::program::report::words;
use crate::sending::persona::Catalogue;
use crate::sending::verdict::{CaseFinding, CasesVerdict};
use crate::shared::text::Language;

use super::described::{describe, outcome};
use super::reasons::why;

/// A value for each case, in the order of the catalogue; sentences are English.
pub(in crate::program::report) fn cases_value(account: Account<'_>) -> Value {
    let each = account.cases.findings.iter().map(|finding| value(account.catalogue, finding));
    Value::Array(each.collect())
}

fn value(catalogue: &Catalogue, finding: &CaseFinding) -> Value {
    let words = words::of(Language::En);
    let case = catalogue.ruled_case(&finding.case);
    let text = case.map(|case| describe(case, Language::En));
    let seen = case.map(|case| outcome(words, case, finding));
    json!({
        "id": finding.case,
        "family": case.map(|case| case.family),
        "title": text.as_ref().map(|text| &text.title),
        "expectation": text.as_ref().map(|text| text.expected()),
        "outcome": finding.outcome.name(),
        "seen": seen,
        "standing": finding.standing,
        "why": why(words, case, finding),
        "rfc": case.map(|case| &case.rfc),
        "laxer_on_retry": finding.laxer_on_retry,
        "policy_asked_for": finding.policy_asked_for,
        "tlsa_asked_for": finding.tlsa_asked_for,
        "signs": finding.signs.iter().map(|sign| sign.name()).collect::<Vec<_>>(),
        "evidence": finding.evidence,
    })
}

/// A value for each trait that the cases tell.
pub(in crate::program::report) fn traits_value(cases: &CasesVerdict) -> Value {
    let each = cases.traits.iter().map(
        |one| json!({ "trait": one.tells, "values": one.values, "standing": one.standing, "by": one.by }),
    );
    Value::Array(each.collect())
}

/// The findings on all traits in a line: what remains of each; null where no ruled case was tested.
pub(in crate::program::report) fn vector(cases: &CasesVerdict) -> Value {
    if cases.findings.is_empty() {
        return Value::Null;
    }
    let mut vector: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in &cases.traits {
        vector.entry(one.tells.word()).or_default().push(one.values.join("|"));
    }
    // A trait of which no value explains all of it is told by each of several cases.
    json!(vector.into_iter().map(|(name, values)| (name, values.join(";"))).collect::<BTreeMap<_, _>>())
}

/// What the sender offers in TLS; null where no hello came or no ruled case was tested.
pub(in crate::program::report) fn offered_value(cases: &CasesVerdict) -> Value {
    let Some(offered) = &cases.offered else { return Value::Null };
    json!({
        "versions": offered.versions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "dhe": offered.dhe,
        "rsa_key_transport": offered.rsa_key_transport,
        "x25519mlkem768": offered.post_quantum,
        "evidence": offered.evidence,
    })
}

/// The judgement in the place of the classic one, of a trial of ruled cases alone.
pub(in crate::program::report) fn judged_by_cases(cases: &CasesVerdict) -> Value {
    let names: Vec<&str> = cases.terms.iter().map(|term| term.name()).collect();
    let policy = match names[..] {
        [one] => one,
        _ => "inconclusive",
    };
    json!({
        "policy": policy,
        "candidates": names,
        "per_destination": null,
        "findings": [],
        "contradiction": null,
    })
}
