//! What was not measured, and what the measurement cost.

use std::collections::{BTreeMap, BTreeSet};

use super::Telling;
use super::checks::sentences::unknown_key;
use super::checks::{CHECKS_NAMED_MAX, listed};
use crate::receiving::checks::{Check, Measured};
use crate::shared::evidence::scan::{Depth, Stopped};
use crate::shared::text::{Body, Section, clean, clean_to};

/// How much of a server's words is shown, in characters.
const REASON_CHARS_MAX: usize = 120;

/// Each reason with the checks that it left open, then what was cut.
pub(super) fn section(telling: Telling<'_>) -> Section {
    let evidence = telling.receiving.evidence;
    let mut points: Vec<String> = reasons(telling)
        .into_iter()
        .map(|(reason, checks)| format!("{} {}", telling.words.say(&reason), concerns(telling, checks)))
        .collect();
    for server in &evidence.servers {
        if let Some(Stopped::Limited { reason }) = &server.stopped {
            let blanks =
                [("ip", server.ip.to_string().into()), ("reason", clean_to(reason, REASON_CHARS_MAX).into())];
            points.push(telling.words.tell("recv-stopped-limited", &blanks));
        }
    }
    points.extend(
        evidence
            .networks
            .iter()
            .flat_map(|network| &network.missing)
            .map(|missing| clean_to(missing, REASON_CHARS_MAX)),
    );
    points.extend(evidence.cuts.iter().map(|cut| {
        let what = clean(&cut.what);
        match cut.of {
            Some(of) => {
                let blanks = [("what", what.into()), ("kept", cut.kept.into()), ("of", of.into())];
                telling.words.tell("recv-cuts", &blanks)
            }
            None => telling.words.tell("recv-cuts-kept", &[("what", what.into()), ("kept", cut.kept.into())]),
        }
    }));
    points.dedup();
    if points.is_empty() {
        points.push(telling.words.say("recv-unmeasured-nothing"));
    }
    telling.section("unmeasured", Body::Points(points))
}

/// The checks by name; of many only their groups.
fn concerns(telling: Telling<'_>, checks: Vec<Check>) -> String {
    let distinct: BTreeSet<Check> = checks.iter().copied().collect();
    let blanks = [("count", distinct.len().into()), ("list", listed(telling, checks).into())];
    let many = distinct.len() > CHECKS_NAMED_MAX;
    telling.words.tell(if many { "recv-unmeasured-groups" } else { "recv-unmeasured-concerns" }, &blanks)
}

/// Why checks are open, by the names of the texts.
pub(super) fn reasons(telling: Telling<'_>) -> BTreeMap<String, Vec<Check>> {
    let mut reasons: BTreeMap<String, Vec<Check>> = BTreeMap::new();
    for finding in &telling.receiving.findings {
        if let Measured::Inconclusive { why } = finding.measured {
            reasons.entry(unknown_key(why)).or_default().push(finding.check);
        }
    }
    reasons
}

/// What it cost, and how old it is.
pub(super) fn cost(telling: Telling<'_>) -> Vec<String> {
    let evidence = telling.receiving.evidence;
    let words = telling.words;
    let cost = &evidence.cost;
    let blanks = [
        ("connections", cost.connections.into()),
        ("others", cost.others.into()),
        ("queries", cost.queries.into()),
        ("seconds", cost.milliseconds.div_ceil(1_000).into()),
    ];
    let mut sentences = vec![words.tell("recv-cost", &blanks)];
    let ages = evidence.servers.iter().filter(|server| server.connections > 0);
    let oldest = ages.map(|server| evidence.from.duration_since(server.at).as_secs() / 60).max();
    if let Some(minutes) = oldest.filter(|minutes| *minutes > 0) {
        sentences.push(words.tell("recv-cached", &[("minutes", minutes.into())]));
    }
    sentences.push(words.say(match evidence.depth {
        Depth::Verdict => "recv-depth-verdict",
        Depth::Full => "recv-depth-full",
    }));
    if !evidence.servers.is_empty() {
        sentences.push(words.tell("recv-helo", &[("helo", clean(&evidence.helo).into())]));
    }
    sentences
}
