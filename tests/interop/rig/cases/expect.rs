//! The result of a trial of cases compared with its row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::service::ORIGIN;
use super::row::{CaseRow, Resolver};

/// How the cases came out.
pub(crate) fn summary(cases: &[String], trial: &Value) -> String {
    let findings = trial["cases"].as_array().map_or(&[][..], Vec::as_slice);
    let mut by_outcome: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| cases.iter().any(|case| finding["id"] == **case)) {
        let word = |key: &str| finding[key].as_str().unwrap_or("nothing");
        by_outcome.entry(word("outcome")).or_default().push(word("id"));
    }
    let parts = by_outcome.iter().map(|(outcome, cases)| format!("{outcome}: {}", cases.join(" ")));
    let parts = parts.collect::<Vec<_>>().join("; ");
    format!(
        "{parts}; term {} of {}; {}",
        trial["sending"]["policy"], trial["sending"]["candidates"], trial["vector"]
    )
}

/// In what the result of a mail to `written`, as far as the service can know of it, differs from what the row says.
pub(crate) fn faults(row: &CaseRow, resolver: Resolver, written: &[String], trial: &Value) -> Vec<String> {
    let findings = trial["cases"].as_array().map_or(&[][..], Vec::as_slice);
    let mut faults = Vec::new();
    for case in row.cases().filter(|case| written.iter().any(|one| one == case)) {
        faults.extend(at_bad(row.outcome(case, resolver), case, trial));
        match findings.iter().find(|finding| finding["id"] == case) {
            Some(finding) => faults.extend(fault_of(row, resolver, case, finding)),
            None => faults.push(format!("{case} is not in the result")),
        }
    }
    for finding in findings {
        let id = finding["id"].as_str().unwrap_or_default();
        if !written.iter().any(|case| case == id) {
            faults.push(format!("nobody wrote to {id}: {finding}"));
        }
    }
    if let Some(term) = row.term(resolver).filter(|term| trial["sending"]["policy"] != **term) {
        let sending = &trial["sending"];
        faults.push(format!("the term is {}, not {term} ({})", sending["policy"], sending["candidates"]));
    }
    for (tells, value) in row.traits(resolver) {
        let found = trial["vector"][tells].as_str().unwrap_or("-");
        if found != value {
            faults.push(format!("{tells} is {found}, not {value}"));
        }
    }
    if trial["verdict"]["sent_at"].is_null() {
        faults.push(format!("no verdict was sent: {}", trial["verdict"]));
    }
    faults
}

/// What the servers saw, whatever the judge made of it: mail for the case at its faulty host, or none.
fn at_bad(wanted: &str, case: &str, trial: &Value) -> Option<String> {
    let part = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for connection in part(&trial["connections"]) {
        if connection["entrance"] == "good" {
            continue;
        }
        for transaction in part(&connection["transactions"]) {
            let to = part(&transaction["to"]);
            let is_for = |to: &Value| to.as_str().is_some_and(|to| is_of(case, to));
            if to.iter().any(is_for) {
                seen.insert(if transaction["tls"] == true { "delivered" } else { "clear" });
            }
        }
    }
    let expected = ["clear", "delivered"].into_iter().filter(|outcome| *outcome == wanted).collect();
    (seen != expected).then(|| format!("{case} is {wanted}, and its faulty host saw {seen:?}"))
}

/// Whether an address is of a case, with a label or without.
fn is_of(case: &str, address: &str) -> bool {
    let domain = address.trim_end_matches('>').rsplit('@').next().unwrap_or_default();
    let below = domain.strip_suffix(ORIGIN).and_then(|below| below.strip_suffix('.'));
    below.and_then(|below| below.rsplit('.').next()) == Some(case)
}

/// What is wrong with the finding on a case.
fn fault_of(row: &CaseRow, resolver: Resolver, case: &str, finding: &Value) -> Vec<String> {
    let wanted = row.outcome(case, resolver);
    let mut faults = Vec::new();
    if finding["outcome"] != wanted {
        faults.push(format!("{case} is {}, not {wanted}: {finding}", finding["outcome"]));
    }
    let (is_fault, must_be) = (finding["standing"] == "fault", row.faults(resolver).contains(case));
    if is_fault != must_be {
        let not = if must_be { "no fault" } else { "a fault" };
        faults.push(format!("{case} is called {not}: {finding}"));
    }
    let has_evidence = finding["evidence"].as_array().is_some_and(|evidence| !evidence.is_empty());
    if !has_evidence && !["held", "unseen"].contains(&wanted) {
        faults.push(format!("{case} has no evidence: {finding}"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(name: &str) -> CaseRow {
        CaseRow::all().into_iter().find(|row| row.name == name).expect("a row")
    }

    /// A result that is as the row says, but for what `mend` does to each finding.
    fn trial(row: &CaseRow, resolver: Resolver, mend: impl Fn(&str, &mut Value)) -> Value {
        let findings = row.cases().map(|case| {
            let standing = if row.faults(resolver).contains(case) { "fault" } else { "allowed" };
            let outcome = row.outcome(case, resolver);
            let mut finding =
                json!({ "id": case, "outcome": outcome, "standing": standing, "evidence": [7] });
            mend(case, &mut finding);
            finding
        });
        let connections = row.cases().map(|case| {
            let outcome = row.outcome(case, resolver);
            let is_at_bad = ["clear", "delivered"].contains(&outcome);
            let to = [format!("en@{case}.{ORIGIN}")];
            json!({ "entrance": if is_at_bad { "trusted" } else { "good" },
                    "transactions": [{ "tls": outcome != "clear", "to": to }] })
        });
        let vector: BTreeMap<&str, &str> = row.traits(resolver).collect();
        json!({ "cases": findings.collect::<Vec<_>>(), "vector": vector,
                "sending": { "policy": row.term(resolver) }, "connections": connections.collect::<Vec<_>>(),
                "verdict": { "sent_at": "2026-11-30T00:00:00Z" } })
    }

    fn of(row: &CaseRow, resolver: Resolver, trial: &Value) -> Vec<String> {
        let written: Vec<String> = row.cases().map(str::to_owned).collect();
        faults(row, resolver, &written, trial)
    }

    #[test]
    fn a_result_is_compared_with_its_row() {
        for row in CaseRow::all() {
            for resolver in Resolver::ALL {
                assert_eq!(of(&row, resolver, &trial(&row, resolver, |_, _| {})), [""; 0], "{}", row.name);
            }
        }
        let (row, validating) = (row("postfix-dane"), Resolver::Validating);
        let wrong = trial(&row, validating, |case, finding| {
            if case == "dane-mismatch" {
                finding["outcome"] = json!("delivered");
            }
        });
        assert_eq!(of(&row, validating, &wrong).len(), 1);
        let fault = trial(&row, validating, |case, finding| {
            if case == "none" {
                finding["standing"] = json!("fault");
            }
        });
        assert_eq!(of(&row, validating, &fault).len(), 1);
        let unproved = trial(&row, validating, |_, finding| finding["evidence"] = json!([]));
        assert_eq!(of(&row, validating, &unproved).len(), row.cases().count() - 1, "all but the one held");
        let mut elsewhere = trial(&row, validating, |_, _| {});
        let control = row.cases().position(|case| case == "dane-good").expect("the control");
        elsewhere["connections"][control]["transactions"] = json!([]);
        assert_eq!(of(&row, validating, &elsewhere).len(), 1, "the judge alone says that mail came");
        assert!(of(&row, validating, &json!({})).len() > row.cases().count());
    }
}
