//! What could not be told, and why.

use crate::verdict::sending::FindingResult;

use super::findings::{label, reason};
use super::{Body, Section, Telling};

/// Each open question with its reason.
pub(super) fn section(telling: &Telling<'_>) -> Section {
    let judgement = &telling.account.verdict.overall;
    let mut points: Vec<String> = judgement
        .findings
        .iter()
        .filter(|finding| finding.result == FindingResult::Inconclusive)
        .map(|finding| format!("{}: {}", label(telling, finding.mechanism), reason(telling, finding)))
        .collect();
    if let Some((first, second)) = judgement.contradiction {
        let place = |seq| match telling.links_of(&[seq])[..] {
            [number, ..] => telling.words.tell("contradiction-link", &[("number", number.into())]),
            [] => telling.words.tell("contradiction-seq", &[("seq", seq.to_string().into())]),
        };
        let blanks = [("first", place(first).into()), ("second", place(second).into())];
        points.push(telling.words.tell("contradiction", &blanks));
    }
    if telling.account.history.links.iter().any(|link| link.link.closing.is_none()) {
        points.push(telling.words.say("unknown-unended"));
    }
    points.push(telling.words.say("unknown-dnssec"));
    telling.section("unknown", Body::Points(points))
}
