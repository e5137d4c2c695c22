//! The texts about providers.

use std::sync::OnceLock;

use crate::shared::text::{Language, Texts, Words};

const TEXTS: Texts =
    Texts { en: &[include_str!("words/en.ftl")], de: &[include_str!("words/de.ftl")], lines: &[] };

/// The texts of `language`.
pub fn of(language: Language) -> &'static Words {
    static EN: OnceLock<Words> = OnceLock::new();
    static DE: OnceLock<Words> = OnceLock::new();
    match language {
        Language::En => EN.get_or_init(|| Words::read(language, &[TEXTS])),
        Language::De => DE.get_or_init(|| Words::read(language, &[TEXTS])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_the_same_texts() {
        assert!(TEXTS.unlike().is_empty(), "{:?}", TEXTS.unlike());
    }
}
