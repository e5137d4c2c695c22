//! The headline of a report on one domain: what the chosen rules say, or that there is no such domain.

use super::results;
use super::{OWN, Telling};
use crate::evidence::scan::NameAnswer;
use crate::report::clean::clean;
use crate::report::layout::{Page, Tone};
use crate::verdict::receiving::Outcome;
use crate::verdict::receiving::grade::Receiving;

/// Whether the domain is there. A name that leads to one that is not is there itself.
pub fn exists(receiving: &Receiving<'_>) -> bool {
    let mx = &receiving.evidence.names.mx;
    mx.answer != NameAnswer::NoName || !mx.hops.is_empty()
}

/// A domain as people write it (U-labels, RFC 5890), with the form that DNS knows beside it where that is another: letters
/// that look alike deceive nobody then.
pub(super) fn readable(domain: &str) -> String {
    let ascii = clean(domain);
    let (unicode, sound) = idna::domain_to_unicode(&ascii);
    match sound {
        Ok(()) if unicode != ascii => format!("{} ({ascii})", clean(&unicode)),
        _ => ascii,
    }
}

/// The page of a name that does not exist: no scores, and nothing to do but to spell it right.
pub(super) fn no_such_name(telling: Telling<'_>, page: Page) -> Page {
    let words = telling.words;
    let domain = readable(&telling.receiving.evidence.domain);
    Page {
        subject: words.tell("recv-subject-no-such-name", &[("domain", domain.into())]),
        tone: Tone::Info,
        answer: vec![words.say("recv-no-such-name")],
        term: String::new(),
        sections: Vec::new(),
        ..page
    }
}

/// What the chosen rules say, where they are not ours.
pub(super) fn by_profile(telling: Telling<'_>, page: Page) -> Page {
    let rating = telling.receiving.ratings.of(telling.profile).filter(|_| telling.profile != OWN);
    let Some(rating) = rating else { return page };
    let line = results::line(telling, rating);
    let (tone, id) = match rating.outcome() {
        Outcome::Pass => (Tone::Good, "passed"),
        Outcome::Fail => (Tone::Bad, "failed"),
        Outcome::NotApplicable => (Tone::Info, "not-applicable"),
        Outcome::Inconclusive => (Tone::Inconclusive, "inconclusive"),
    };
    let blanks = [
        ("domain", readable(&telling.receiving.evidence.domain).into()),
        ("profile", line.label.into()),
        ("result", line.result.into()),
    ];
    let subject = telling.words.tell(&format!("recv-subject-profile-{id}"), &blanks);
    let how = Some(line.how).filter(|how| !how.is_empty());
    let own = telling.words.tell("recv-own-grade", &[("subject", page.subject.clone().into())]);
    // What the own grade means is said of it, behind what was asked for.
    let answer = how.into_iter().chain([own]).chain(page.answer).collect();
    Page { subject, tone, answer, ..page }
}
