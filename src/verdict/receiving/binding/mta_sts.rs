//! MTA-STS (RFC 8461): the record, the policy and how long it holds.

use jiff::Timestamp;

use crate::evidence::FetchOutcome;
use crate::evidence::scan::{Connections, Evidence, NotTried};
use crate::policy::{Mode, MtaStsRecord, Policy, RecordError};
use crate::verdict::receiving::check::Check;
use crate::verdict::receiving::finding::{Finding, Inapplicable, Measured, Unknown, Word};
use crate::verdict::receiving::lines;
use crate::verdict::receiving::subjects::{Said, domain, no_mail};

/// How many lines of a policy are shown.
const BODY_LINES_MAX: usize = 40;

/// [`Check::MtaStsRecord`].
pub(in crate::verdict::receiving) fn record(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match record_of(evidence) {
        Err(measured) => measured.into(),
        Ok(Ok(_)) => Said::is(Word::Present),
        Ok(Err(RecordError::Absent)) => Said::is(Word::Absent),
        Ok(Err(RecordError::Several)) => Said::is(Word::Several),
        Ok(Err(RecordError::Id)) => Said::is(Word::Invalid),
    };
    domain(Check::MtaStsRecord, evidence, said.seen(seen_record(evidence)))
}

/// [`Check::MtaStsPolicy`].
pub(in crate::verdict::receiving) fn policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match policy_of(evidence) {
        Err(said) => *said,
        Ok(policy) => {
            let word = match policy.mode {
                Mode::Enforce => Word::Enforce,
                Mode::Testing => Word::Testing,
                Mode::None => Word::Nothing,
            };
            Said::is(word).details(policy.to_string().lines().map(str::to_owned))
        }
    };
    domain(Check::MtaStsPolicy, evidence, said.seen(seen(evidence)))
}

/// What shows the record or that there is none; of a domain that takes no mail, what says so.
fn seen_record(evidence: &Evidence) -> Vec<String> {
    match no_mail(evidence) {
        Some(said) => said.evidence().to_vec(),
        None => lines::of(&evidence.names.mta_sts.record),
    }
}

/// What shows the policy: the fetch and what it brought. Where nothing was fetched, why: the record, or the addresses.
pub(super) fn seen(evidence: &Evidence) -> Vec<String> {
    let names = &evidence.names.mta_sts;
    let host = || [lines::of(&names.a), lines::of(&names.aaaa)].concat();
    match (record_of(evidence), &names.fetch) {
        (Ok(Ok(_)), Some(fetch)) => {
            let unreached = matches!(fetch.outcome, FetchOutcome::Unreachable { .. });
            let body = fetched(evidence).unwrap_or_default().lines().take(BODY_LINES_MAX);
            let body = body.filter(|line| !line.trim().is_empty()).map(str::to_owned);
            let addresses = if unreached { host() } else { Vec::new() };
            fetch_line(evidence).into_iter().chain(body).chain(addresses).collect()
        }
        (Ok(Ok(_)), None) => [seen_record(evidence), host()].concat(),
        _ => seen_record(evidence),
    }
}

/// [`Check::MtaStsMaxAge`].
pub(in crate::verdict::receiving) fn max_age(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    const SECONDS_A_DAY: u32 = 86_400;
    let said = match policy_or_reason(evidence) {
        Err(measured) => measured.into(),
        Ok(policy) => {
            Said::count(policy.max_age_s / SECONDS_A_DAY).detail(format!("max_age: {}", policy.max_age_s))
        }
    };
    domain(Check::MtaStsMaxAge, evidence, said.seen(seen(evidence)))
}

/// The policy; where there is none that can be read, that the question does not arise, or why it is not known.
pub(super) fn policy_or_reason(evidence: &Evidence) -> Result<Policy, Measured> {
    policy_of(evidence).map_err(|said| match said.measured() {
        Measured::Is { .. } => Measured::NotApplicable { why: Inapplicable::NoRecord },
        measured => measured.clone(),
    })
}

fn record_of(evidence: &Evidence) -> Result<Result<MtaStsRecord, RecordError>, Measured> {
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
/// (RFC 8461 §3.3). Boxed, since it is the rarer way.
fn policy_of(evidence: &Evidence) -> Result<Policy, Box<Said>> {
    let boxed = |said: Said| Box::new(said);
    match record_of(evidence) {
        Err(measured) => return Err(boxed(measured.into())),
        // A sender that sees no valid record asks for no policy (§3.1).
        Ok(Err(_)) => return Err(boxed(Said::not_applicable(Inapplicable::NoRecord))),
        Ok(Ok(_)) => {}
    }
    let body = match fetched(evidence) {
        Ok(body) => body,
        Err(Measured::Is { word }) => return Err(boxed(Said::is(word))),
        Err(measured) => return Err(boxed(measured.into())),
    };
    Policy::parse(body).map_err(|error| {
        let rows = body.lines().take(BODY_LINES_MAX).map(str::to_owned);
        boxed(Said::is(Word::Invalid).detail(error.to_string()).details(rows))
    })
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
            let media = content_type.as_deref().unwrap_or_default();
            let media = media.split(';').next().unwrap_or_default().trim();
            if media.eq_ignore_ascii_case("text/plain") { Ok(body) } else { unfetched }
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
