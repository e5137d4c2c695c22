//! The headline of a report on one domain: what the chosen rules say, or that there is no such domain.

use crate::receiving::checks::Outcome;
use crate::receiving::grades::{OWN, Rating, Receiving};
use crate::receiving::report::Telling;
use crate::shared::domain_name::u_labels;
use crate::shared::evidence::scan::NameAnswer;
use crate::shared::text::{Check, Page, Tone, clean};

/// Whether the domain is there. A name that leads to one that is not is there itself.
pub fn exists(receiving: &Receiving<'_>) -> bool {
    let mx = &receiving.evidence.names.mx;
    mx.answer != NameAnswer::NoName || !mx.hops.is_empty()
}

/// A domain as people write it (U-labels, RFC 5890), with the form that DNS knows beside it where that is another: letters
/// that look alike deceive nobody then.
pub fn readable(domain: &str) -> String {
    let ascii = clean(domain);
    match u_labels(&ascii) {
        Some(unicode) => format!("{} ({ascii})", clean(&unicode)),
        None => ascii,
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

/// What the chosen rules say, where they are not ours: `line` tells their result.
pub(super) fn by_profile(
    telling: Telling<'_>,
    page: Page,
    line: impl FnOnce(Telling<'_>, &Rating) -> Check,
) -> Page {
    let rating = telling.receiving.ratings.of(telling.profile).filter(|_| telling.profile != OWN);
    let Some(rating) = rating else { return page };
    let line = line(telling, rating);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::report::page;
    use crate::shared::evidence::Security;
    use crate::shared::evidence::scan::{Evidence, Hop};
    use crate::shared::text::Language;
    use crate::shared::time::Timestamp;

    fn evidence(domain: &str, answer: NameAnswer<crate::shared::evidence::scan::MxRecord>) -> Evidence {
        let mut evidence = Evidence::not_gathered(domain, "mx.test.example", Timestamp::UNIX_EPOCH);
        evidence.names.mx.answer = answer;
        evidence
    }

    #[test]
    fn what_does_not_exist_gets_no_scores_and_no_advice() {
        let evidence = evidence("xn--grne-1ra.example", NameAnswer::NoName);
        let receiving = Receiving::of(&evidence, evidence.to);
        assert!(!exists(&receiving));
        for (profile, language, subject) in [
            (OWN, Language::En, "grüne.example (xn--grne-1ra.example) does not exist"),
            ("no-mail", Language::De, "grüne.example (xn--grne-1ra.example) gibt es nicht"),
        ] {
            let page = page(&receiving, profile, language, evidence.to);
            assert_eq!((page.subject.as_str(), page.tone), (subject, Tone::Info));
            assert!(page.sections.is_empty() && page.term.is_empty() && page.answer.len() == 1, "{page:?}");
        }
        // One that leads to a name that does not exist is there.
        let mut alias = evidence.clone();
        let (from, to) = ("example.org".to_owned(), "nowhere.example".to_owned());
        alias.names.mx.hops.push(Hop { from, to, security: Security::Insecure, dname: None });
        assert!(exists(&Receiving::of(&alias, alias.to)));
    }

    #[test]
    fn the_rules_that_were_chosen_make_the_headline() {
        let evidence = evidence("example.org", NameAnswer::NotAsked);
        let receiving = Receiving::of(&evidence, evidence.to);
        for rating in &receiving.ratings.profiles {
            let name = rating.profile.name.as_str();
            let page = page(&receiving, name, Language::En, evidence.to);
            let expected = match rating.outcome() {
                Outcome::Pass => Tone::Good,
                Outcome::Fail => Tone::Bad,
                Outcome::NotApplicable => Tone::Info,
                Outcome::Inconclusive => Tone::Inconclusive,
            };
            assert_eq!(page.tone, expected, "{name}: {}", page.subject);
            let own = page.answer.iter().any(|sentence| sentence.starts_with("By our own rules: "));
            assert_eq!(own, name != OWN, "{:?}", page.answer);
        }
    }

    #[test]
    fn letters_that_look_alike_deceive_nobody() {
        for (domain, shown) in [
            ("example.org", "example.org"),
            ("xn--grne-1ra.example", "grüne.example (xn--grne-1ra.example)"),
            // No sound A-label.
            ("xn--a.example", "xn--a.example"),
        ] {
            assert_eq!(readable(domain), shown);
        }
    }
}
