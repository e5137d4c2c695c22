//! The DNS questions and the visits to the policy host that fit the trial.

use crate::history::{Noted, PolicyFetched, Queried};
use crate::trial::Timestamp;

use super::super::clean::{clean, clean_to};
use super::{Body, Section, Telling};

/// How many lines each log shows; the JSON has them all.
const LINES_MAX: usize = 100;

/// How much of a name is shown, in characters: DNS has no longer ones.
const NAME_CHARS_MAX: usize = 253;

/// The questions, equal ones counted.
pub(super) fn queries(telling: &Telling<'_>) -> Option<Section> {
    let history = telling.account.history;
    let mut lines: Vec<(Timestamp, String, usize)> = Vec::new();
    for noted in history.earlier_policy_queries.iter().chain(&history.queries) {
        let line = query(noted);
        match lines.iter_mut().find(|(_, known, _)| *known == line) {
            Some((_, _, count)) => *count += 1,
            None => lines.push((noted.at, line, 1)),
        }
    }
    if lines.is_empty() {
        return None;
    }
    let more = lines.len().saturating_sub(LINES_MAX);
    let mut shown: Vec<String> = lines
        .into_iter()
        .take(LINES_MAX)
        .map(|(at, line, count)| match count {
            1 => format!("{} {line}", clock(at)),
            _ => format!("{} {line} ×{count}", clock(at)),
        })
        .collect();
    shown.extend((more > 0).then(|| telling.words.tell("log-more", &[("count", more.into())])));
    Some(telling.section("queries", Body::Log(shown)))
}

fn query(noted: &Noted<Queried>) -> String {
    let asked = &noted.what;
    let flags = if asked.dnssec_ok { " +DO" } else { "" };
    let rcode = if asked.rcode == "NOERROR" { String::new() } else { format!(" {}", clean(&asked.rcode)) };
    format!(
        "{} {}{flags}{rcode} ({})",
        clean(&asked.rtype),
        clean_to(&asked.name, NAME_CHARS_MAX),
        asked.source.ip().to_canonical()
    )
}

/// The visits to the policy host.
pub(super) fn fetches(telling: &Telling<'_>) -> Option<Section> {
    let fetches = &telling.account.history.fetches;
    if fetches.is_empty() {
        return None;
    }
    let more = fetches.len().saturating_sub(LINES_MAX);
    let mut lines: Vec<String> = fetches.iter().take(LINES_MAX).map(|noted| fetch(telling, noted)).collect();
    lines.extend((more > 0).then(|| telling.words.tell("log-more", &[("count", more.into())])));
    Some(telling.section("fetches", Body::Log(lines)))
}

fn fetch(telling: &Telling<'_>, noted: &Noted<PolicyFetched>) -> String {
    let visit = &noted.what;
    let asked = match (&visit.path, visit.status) {
        (Some(path), Some(status)) => format!("GET {} {status}", clean(path)),
        (Some(path), None) => format!("GET {}", clean(path)),
        (None, _) => telling.words.say("fetch-none"),
    };
    let sni = visit.sni.as_ref().map_or_else(
        || telling.words.say("sni-none"),
        |name| format!("SNI {}", clean_to(name, NAME_CHARS_MAX)),
    );
    let alert = visit.alert.map(|alert| format!(", alert {}", alert.0)).unwrap_or_default();
    let agent = visit.user_agent.as_ref().map(|agent| format!(", {}", clean(agent))).unwrap_or_default();
    format!("{} {asked} ({}, {sni}{alert}{agent})", clock(noted.at), visit.address())
}

fn clock(at: Timestamp) -> String {
    at.strftime("%m-%d %H:%M:%S").to_string()
}
