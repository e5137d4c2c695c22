//! What could not be told, and why.

use super::{Body, Section, Telling};

/// What no line of the table says.
pub(super) fn section(telling: &Telling<'_>) -> Section {
    let mut points: Vec<String> = Vec::new();
    if telling.account.history.links.iter().any(|link| link.link.closing.is_none()) {
        points.push(telling.words.say("unknown-unended"));
    }
    points.push(telling.words.say("unknown-dnssec"));
    let mut section = telling.section("unknown", Body::Points(points));
    section.detailed = true;
    section
}
