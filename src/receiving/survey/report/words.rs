//! The texts about surveys, and numbers as each language writes them.

use crate::shared::text::{EachLanguage, Language, Texts, Words};
use crate::shared::time::Timestamp;

const TEXTS: Texts =
    Texts { en: &[include_str!("words/en.ftl")], de: &[include_str!("words/de.ftl")], lines: &[] };

/// The texts of `language`.
pub(super) fn of(language: Language) -> &'static Words {
    static WORDS: EachLanguage = EachLanguage::new();
    WORDS.of(language, || vec![TEXTS])
}

/// A part of a whole in per cent; of nothing, none.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// Per cent with one digit.
pub(super) fn percent(words: &Words, share: f64) -> String {
    let text = format!("{share:.1} %");
    match words.language() {
        Language::En => text,
        Language::De => text.replace('.', ","),
    }
}

/// The same of a part of a whole; of nothing, a dash.
pub(super) fn percent_of(words: &Words, part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { percent(words, share(part, whole)) }
}

/// A day.
pub(super) fn day(words: &Words, at: Timestamp) -> String {
    let form = match words.language() {
        Language::En => "%Y-%m-%d",
        Language::De => "%d.%m.%Y",
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::survey::Why;

    #[test]
    fn all_languages_have_the_same_texts() {
        assert!(TEXTS.unlike().is_empty(), "{:?}", TEXTS.unlike());
        for why in Why::ALL {
            assert!(of(Language::De).has(&format!("why-{}", why.name())), "{why:?}");
            assert_eq!(of(Language::En).say(&format!("why-{}", why.name())), why.words());
        }
    }
}
