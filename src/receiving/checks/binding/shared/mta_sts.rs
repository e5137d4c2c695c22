//! MTA-STS (RFC 8461): the record, the policy and how long it holds.

use crate::receiving::checks::subjects::no_mail;
use crate::receiving::checks::{Inapplicable, Measured, Unknown, Word, lines};
use crate::shared::evidence::FetchOutcome;
use crate::shared::evidence::scan::{Connections, Evidence, NotTried};
use crate::shared::policy::{MtaStsRecord, Policy, PolicyReading, RecordError};

/// How many lines of a policy are shown.
const BODY_LINES_MAX: usize = 40;

/// `text/plain`, whatever its parameters (RFC 8461 §3.2).
pub(in crate::receiving::checks) fn is_text(content_type: Option<&str>) -> bool {
    let media = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("text/plain")
}

/// What shows the record or that there is none; of a domain that takes no mail, what says so.
pub(in crate::receiving::checks) fn seen_record(evidence: &Evidence) -> Vec<String> {
    match no_mail(evidence) {
        Some(said) => said.evidence().to_vec(),
        None => lines::of(&evidence.names.mta_sts.record),
    }
}

/// What shows the policy: the fetch and what it brought. Where nothing was fetched, why: the record, or the addresses.
pub(in crate::receiving::checks) fn seen(evidence: &Evidence) -> Vec<String> {
    let names = &evidence.names.mta_sts;
    let host = || [lines::of(&names.a), lines::of(&names.aaaa)].concat();
    match (record_of(evidence), &names.fetch) {
        (Ok(Ok(_)), Some(fetch)) => {
            let unreached = matches!(fetch.outcome, FetchOutcome::Unreachable { .. });
            let addresses = if unreached { host() } else { Vec::new() };
            fetch_line(evidence).into_iter().chain(served(evidence, None)).chain(addresses).collect()
        }
        (Ok(Ok(_)), None) => [seen_record(evidence), host()].concat(),
        _ => seen_record(evidence),
    }
}

/// The lines of the policy as they were served, those of one key or all, blank ones apart.
pub(in crate::receiving::checks) fn served(evidence: &Evidence, key: Option<&str>) -> Vec<String> {
    let lines = fetched(evidence).unwrap_or_default().lines().filter(|line| !line.trim().is_empty());
    let of_key = |line: &&str| {
        let own = line.split(':').next().unwrap_or_default().trim();
        key.is_none_or(|key| own == key)
    };
    lines.filter(of_key).take(BODY_LINES_MAX).map(with_spaces_at_its_ends).collect()
}

/// A line with the spaces before and behind it, which nobody would see and which may be the fault.
fn with_spaces_at_its_ends(line: &str) -> String {
    let inner = line.trim_matches(' ');
    let before = line.len() - line.trim_start_matches(' ').len();
    let behind = line.len() - before - inner.len();
    format!("{}{inner}{}", "␣".repeat(before), "␣".repeat(behind))
}

/// The policy as those have it that pass over its faults; where there is none, that the question does not arise, or why
/// it is not known.
pub(in crate::receiving::checks) fn policy_or_reason(evidence: &Evidence) -> Result<Policy, Measured> {
    let none = Measured::NotApplicable { why: Inapplicable::NoRecord };
    match reading_of(evidence) {
        Ok(reading) => reading.policy.ok_or(none),
        Err(Measured::Is { .. }) => Err(none),
        Err(measured) => Err(measured),
    }
}

pub(in crate::receiving::checks) fn record_of(
    evidence: &Evidence,
) -> Result<Result<MtaStsRecord, RecordError>, Measured> {
    if let Some(said) = no_mail(evidence) {
        return Err(said.measured().clone());
    }
    let looked = &evidence.names.mta_sts.record;
    match lines::unknown(looked) {
        Some(why) => Err(Measured::Inconclusive { why }),
        None => Ok(MtaStsRecord::from_txt(looked.records().iter().map(String::as_str))),
    }
}

/// The policy, fetched by the book: 200, no redirect, as text/plain, with a valid certificate and within the size
/// (RFC 8461 §3.3).
pub(in crate::receiving::checks) fn reading_of(evidence: &Evidence) -> Result<PolicyReading, Measured> {
    // A sender that sees no valid record asks for no policy (§3.1).
    record_of(evidence)?.map_err(|_| Measured::NotApplicable { why: Inapplicable::NoRecord })?;
    fetched(evidence).map(PolicyReading::of)
}

fn fetched(evidence: &Evidence) -> Result<&str, Measured> {
    let names = &evidence.names.mta_sts;
    let inconclusive = |why| Err(Measured::Inconclusive { why });
    let unfetched = Err(Measured::Is { word: Word::Unfetched });
    let Some(fetch) = &names.fetch else {
        return match lines::unknown(&names.a).or(lines::unknown(&names.aaaa)) {
            // Whoever vouched for nobody gets no connection, the policy host's neither.
            _ if evidence.connections == Connections::NotVouchedFor => {
                inconclusive(Unknown::NotTried { why: NotTried::NotVouchedFor })
            }
            Some(why) => inconclusive(why),
            None if names.a.denied() && names.aaaa.denied() => unfetched,
            None => inconclusive(Unknown::FetchFailed),
        };
    };
    match &fetch.outcome {
        FetchOutcome::Answered { status: 200, cut: true, .. } => unfetched,
        FetchOutcome::Answered { status: 200, content_type, body, .. } => {
            if is_text(content_type.as_deref()) { Ok(body) } else { unfetched }
        }
        // Too many requests, and errors of the server: they may pass.
        FetchOutcome::Answered { status: 429 | 500..=599, .. } => inconclusive(Unknown::FetchFailed),
        FetchOutcome::Answered { .. } | FetchOutcome::TlsFailed { .. } => unfetched,
        FetchOutcome::Unreachable { .. } if names.a.denied() && names.aaaa.denied() => unfetched,
        FetchOutcome::Unreachable { .. } | FetchOutcome::TimedOut => inconclusive(Unknown::FetchFailed),
    }
}

fn fetch_line(evidence: &Evidence) -> Option<String> {
    let fetch = evidence.names.mta_sts.fetch.as_ref()?;
    let came = match &fetch.outcome {
        FetchOutcome::Answered { status, content_type, cut, location, .. } => {
            let media = content_type.as_deref().unwrap_or("-");
            let to = location.as_ref().map(|location| format!(" Location: {location}")).unwrap_or_default();
            format!("{status} {media}{to}{}", if *cut { " (…)" } else { "" })
        }
        FetchOutcome::Unreachable { reason } | FetchOutcome::TlsFailed { reason } => reason.clone(),
        FetchOutcome::TimedOut => "timeout".to_owned(),
    };
    Some(format!("GET {}: {came}", fetch.url))
}
