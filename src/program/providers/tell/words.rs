//! The texts about providers.

use crate::shared::text::{EachLanguage, Language, Texts, Words};

const TEXTS: Texts =
    Texts { en: &[include_str!("words/en.ftl")], de: &[include_str!("words/de.ftl")], lines: &[] };

/// The texts of `language`.
pub fn of(language: Language) -> &'static Words {
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
