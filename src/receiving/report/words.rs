//! The texts of a report on one domain.

use std::sync::OnceLock;

use crate::shared::text::{Language, Texts, Words};

/// What is said of a domain that receives.
pub const TEXTS: Texts = Texts {
    en: &[include_str!("words/checks.en.ftl"), include_str!("words/report.en.ftl")],
    de: &[include_str!("words/checks.de.ftl"), include_str!("words/report.de.ftl")],
    lines: &[include_str!("words/fixes.ftl")],
};

/// The texts of `language`.
pub(super) fn of(language: Language) -> &'static Words {
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

    #[test]
    fn attributes_and_lines_are_found() {
        let words = of(Language::En);
        assert!(words.has("fix-tls-versions.postfix") && !words.has("fix-tls-versions"));
        // Postfix takes a line that begins with a blank for the rest of the one before.
        let names = ["smtpd_relay_restrictions = permit_mynetworks,", "  permit_sasl_authenticated,"];
        let lines = words.lines("fix-smtp-relay.postfix", &[]);
        assert!(lines.len() == 2 && lines.iter().zip(names).all(|(line, begin)| line.starts_with(begin)));
        assert!(words.lines("fix-tls-versions.sendmail", &[]).is_empty());
    }
}
