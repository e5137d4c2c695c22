//! The texts of a report on one domain: those of each check are in its file, all others in `words`.

use std::sync::LazyLock;

use crate::receiving::checks::{Check, Definition};
use crate::shared::text::{EachLanguage, Language, Texts, Words};

/// What is said of a domain that receives.
pub fn texts() -> Texts {
    static CHECKS: LazyLock<[String; 3]> = LazyLock::new(|| of_checks(Check::ALL));
    static EN: LazyLock<[&str; 2]> = LazyLock::new(|| [&CHECKS[0], include_str!("words/report.en.ftl")]);
    static DE: LazyLock<[&str; 2]> = LazyLock::new(|| [&CHECKS[1], include_str!("words/report.de.ftl")]);
    static FIXES: LazyLock<[&str; 1]> = LazyLock::new(|| [&CHECKS[2]]);
    Texts { en: &*EN, de: &*DE, lines: &*FIXES }
}

/// What checks say in English and in German, and their lines to be pasted, each text under the name of its check.
pub(super) fn of_checks(checks: &[Check]) -> [String; 3] {
    let of = |kind: &str, text: fn(&Definition) -> &'static str| {
        let told = checks.iter().filter(|check| !text(check.definition()).is_empty());
        told.map(|check| format!("{kind}-{} = {}\n", check.id(), text(check.definition()))).collect()
    };
    [of("check", |check| check.en), of("check", |check| check.de), of("fix", |check| check.fix)]
}

/// The texts of `language`.
pub(super) fn of(language: Language) -> &'static Words {
    static WORDS: EachLanguage = EachLanguage::new();
    WORDS.of(language, || vec![texts()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_the_same_texts() {
        assert!(texts().unlike().is_empty(), "{:?}", texts().unlike());
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
