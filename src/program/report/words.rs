//! The texts of a verdict: those on sending, beside those of a report on the sender's own domain.

use crate::receiving::report;
use crate::shared::text::{Body, EachLanguage, Language, Page, Section, Texts, Words};

/// What is said of a system that sends.
const TEXTS: Texts = Texts {
    en: &[
        include_str!("words/en.ftl"),
        include_str!("words/attack.en.ftl"),
        include_str!("words/steps.en.ftl"),
        include_str!("words/replay.en.ftl"),
        include_str!("words/cases.en.ftl"),
        include_str!("words/outcomes.en.ftl"),
        include_str!("words/reported.en.ftl"),
    ],
    de: &[
        include_str!("words/de.ftl"),
        include_str!("words/attack.de.ftl"),
        include_str!("words/steps.de.ftl"),
        include_str!("words/replay.de.ftl"),
        include_str!("words/cases.de.ftl"),
        include_str!("words/outcomes.de.ftl"),
        include_str!("words/reported.de.ftl"),
    ],
    lines: &[include_str!("words/settings.ftl")],
};

/// What a mail says of the page on which its reader may object to further ones.
pub fn objection(language: Language, page: &str) -> String {
    of(language).tell("footer-objection", &[("page", page.into())])
}

/// Says on the page of a verdict that an answer to it begins the second part, at `count` domains, of which some may have
/// names that everybody shares.
pub fn invite(page: &mut Page, count: usize, shared: bool) {
    let words = of(page.language);
    let text = words.tell("second-intro", &[("count", count.into())]);
    let shared = shared.then(|| words.say("second-shared"));
    let intro = [Some(text), shared].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let section = Section { title: words.say("second-title"), intro, body: Body::Nothing, detailed: false };
    // It is for everybody, and so stands before what is for administrators.
    let place = page.sections.iter().position(|section| matches!(section.body, Body::Divider));
    page.sections.insert(place.unwrap_or(0), section);
}

/// The texts of `language`.
pub(super) fn of(language: Language) -> &'static Words {
    static WORDS: EachLanguage = EachLanguage::new();
    WORDS.of(language, || vec![TEXTS, report::texts()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_the_same_texts() {
        assert!(TEXTS.unlike().is_empty(), "{:?}", TEXTS.unlike());
    }
}
