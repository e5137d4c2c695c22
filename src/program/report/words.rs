//! The texts of a verdict: those on sending, beside those of a report on the sender's own domain.

use crate::receiving::report;
use crate::shared::text::{EachLanguage, Language, Texts, Words};

/// What is said of a system that sends.
const TEXTS: Texts = Texts {
    en: &[
        include_str!("words/en.ftl"),
        include_str!("words/attack.en.ftl"),
        include_str!("words/steps.en.ftl"),
        include_str!("words/replay.en.ftl"),
        include_str!("words/reported.en.ftl"),
    ],
    de: &[
        include_str!("words/de.ftl"),
        include_str!("words/attack.de.ftl"),
        include_str!("words/steps.de.ftl"),
        include_str!("words/replay.de.ftl"),
        include_str!("words/reported.de.ftl"),
    ],
    lines: &[include_str!("words/settings.ftl")],
};

/// What a mail says of the page on which its reader may object to further ones.
pub fn objection(language: Language, page: &str) -> String {
    of(language).tell("footer-objection", &[("page", page.into())])
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
