//! The texts of the site: a pair of files for each area.

use crate::shared::text::{EachLanguage, Language, Texts, Words};

const TEXTS: Texts = Texts {
    en: &[
        include_str!("words/shell.en.ftl"),
        include_str!("words/start.en.ftl"),
        include_str!("words/domain.en.ftl"),
        include_str!("words/method.en.ftl"),
        include_str!("words/cases.en.ftl"),
        include_str!("words/trial.en.ftl"),
        include_str!("words/notices.en.ftl"),
        include_str!("words/providers.en.ftl"),
    ],
    de: &[
        include_str!("words/shell.de.ftl"),
        include_str!("words/start.de.ftl"),
        include_str!("words/domain.de.ftl"),
        include_str!("words/method.de.ftl"),
        include_str!("words/cases.de.ftl"),
        include_str!("words/trial.de.ftl"),
        include_str!("words/notices.de.ftl"),
        include_str!("words/providers.de.ftl"),
    ],
    lines: &[],
};

/// The texts of `language`.
pub(super) fn of(language: Language) -> &'static Words {
    static WORDS: EachLanguage = EachLanguage::new();
    WORDS.of(language, || vec![TEXTS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_the_same_texts() {
        assert!(TEXTS.unlike().is_empty(), "{:?}", TEXTS.unlike());
    }
}
