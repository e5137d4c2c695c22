//! Whether there is an SPF record, and how many of its look-ups find nothing.

use crate::receiving::checks::Unknown;
use crate::receiving::checks::lines::{self, unknown};
use crate::shared::evidence::scan::{Evidence, SpfPolicy, SpfTerm};
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::SpfError;

/// The domain's own policy, or what is wrong with it.
pub(in crate::receiving::checks) fn own(evidence: &Evidence) -> Result<Result<SpfRecord, SpfError>, Unknown> {
    let Some(policy) = evidence.names.spf.policies.first() else { return Err(Unknown::Cut) };
    read(evidence, policy)
}

/// A policy, or what is wrong with it. That there is none, or that it has an error, shows only in an answer of which
/// nothing was left out.
pub(in crate::receiving::checks) fn read(
    evidence: &Evidence,
    policy: &SpfPolicy,
) -> Result<Result<SpfRecord, SpfError>, Unknown> {
    if let Some(why) = unknown(&policy.txt) {
        return Err(why);
    }
    match SpfRecord::from_txt(policy.txt.records().iter().map(String::as_str)) {
        Err(SpfError::Absent | SpfError::Term(_)) if !evidence.is_whole(&policy.txt) => Err(Unknown::Cut),
        record => Ok(record),
    }
}

/// What the look-up of a term gave.
pub(in crate::receiving::checks) fn line(evidence: &Evidence, term: &SpfTerm) -> String {
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
pub(in crate::receiving::checks) fn seen(evidence: &Evidence) -> Vec<String> {
    evidence.names.spf.policies.iter().flat_map(lines_of).collect()
}

/// A domain's other TXT records are nobody's business here.
pub(in crate::receiving::checks) fn lines_of(policy: &SpfPolicy) -> Vec<String> {
    let only = policy.txt.clone().map(|text| SpfRecord::is_of_version(&text).then_some(text));
    if only.records().is_empty() && !policy.txt.records().is_empty() {
        return vec![format!("TXT {}: -", policy.txt.name)];
    }
    lines::of(&only)
}
