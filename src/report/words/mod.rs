//! The texts of each language.

use std::sync::OnceLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Pattern;

use crate::persona::Language;
use crate::trial::Timestamp;

const ENGLISH: [&str; 3] = [
    include_str!("en.ftl"),
    include_str!("receiving/checks.en.ftl"),
    include_str!("receiving/report.en.ftl"),
];
const GERMAN: [&str; 3] = [
    include_str!("de.ftl"),
    include_str!("receiving/checks.de.ftl"),
    include_str!("receiving/report.de.ftl"),
];
/// Lines of configuration, which are the same in every language.
const FIXES: [&str; 2] = [include_str!("settings.ftl"), include_str!("receiving/fixes.ftl")];

/// The texts of one language.
pub(super) struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Those of `language`.
    pub(super) fn of(language: Language) -> &'static Self {
        static EN: OnceLock<Words> = OnceLock::new();
        static DE: OnceLock<Words> = OnceLock::new();
        match language {
            Language::En => EN.get_or_init(|| Self::read(language, &ENGLISH)),
            Language::De => DE.get_or_init(|| Self::read(language, &GERMAN)),
        }
    }

    fn read(language: Language, files: &[&str]) -> Self {
        let tag = language.tag().parse().expect("a language's tag is a language identifier");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around what is filled in would show as boxes in mails, and `clean` makes them needless.
        bundle.set_use_isolating(false);
        for text in files.iter().chain(&FIXES) {
            let resource =
                FluentResource::try_new((*text).to_owned()).expect("a test reads every file of texts");
            bundle.add_resource(resource).expect("a test reads every file of texts");
        }
        Self { language, bundle }
    }

    /// Which language that is.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text `id`.
    pub(super) fn has(&self, id: &str) -> bool {
        self.pattern(id).is_some()
    }

    /// The text of a message, or of an attribute: `message.attribute`.
    fn pattern(&self, id: &str) -> Option<&Pattern<&str>> {
        match id.split_once('.') {
            None => self.bundle.get_message(id)?.value(),
            Some((id, attribute)) => Some(self.bundle.get_message(id)?.get_attribute(attribute)?.value()),
        }
    }

    /// The text `id`.
    pub(super) fn say(&self, id: &str) -> String {
        self.tell(id, &[])
    }

    /// The text `id` with its blanks filled in.
    pub(super) fn tell(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> String {
        self.fill(id, blanks).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The lines of the text `id`, as they stand in the file; none if there is no such text.
    pub(super) fn lines(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> Vec<String> {
        if !self.has(id) {
            return Vec::new();
        }
        self.fill(id, blanks).lines().map(|line| line.trim_end().to_owned()).collect()
    }

    fn fill(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = blanks.iter().map(|(name, value)| (*name, value.clone())).collect();
        let pattern = self.pattern(id);
        debug_assert!(pattern.is_some(), "no text `{id}` in {}", self.language.tag());
        let Some(pattern) = pattern else { return id.to_owned() };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors);
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        text.into_owned()
    }

    /// A day and a minute in UTC, as they are written in this language.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        let form = match self.language {
            Language::En => "%Y-%m-%d, %H:%M UTC",
            Language::De => "%d.%m.%Y, %H:%M UTC",
        };
        at.strftime(form).to_string()
    }

    /// "3", "3 and 4", "3, 4 and 5".
    pub(super) fn all_of(&self, items: &[String]) -> String {
        self.joined(items, "list-and")
    }

    /// "dane", "dane or mta-sts".
    pub(super) fn one_of(&self, items: &[String]) -> String {
        self.joined(items, "list-or")
    }

    fn joined(&self, items: &[String], word: &str) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} {} {last}", most.join(", "), self.say(word)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages, and attributes as `message.attribute`, sorted.
    fn ids(text: &str) -> Vec<String> {
        let mut message = "";
        let mut ids = Vec::new();
        for line in text.lines() {
            let Some((id, _)) = line.split_once(" =") else { continue };
            if line.starts_with(|first: char| first.is_ascii_lowercase()) {
                message = id;
                ids.push(id.to_owned());
            } else if let Some(attribute) = id.strip_prefix("    .") {
                ids.push(format!("{message}.{attribute}"));
            }
        }
        ids.sort();
        ids
    }

    #[test]
    fn all_languages_have_the_same_texts() {
        for (english, german) in ENGLISH.iter().zip(GERMAN) {
            assert_eq!(ids(english), ids(german));
        }
    }

    #[test]
    fn attributes_and_lines_are_found() {
        let words = Words::of(Language::En);
        assert!(words.has("fix-tls-versions.postfix") && !words.has("fix-tls-versions"));
        // Postfix takes a line that begins with a blank for the rest of the one before.
        let names = ["smtpd_relay_restrictions = permit_mynetworks,", "  permit_sasl_authenticated,"];
        let lines = words.lines("fix-smtp-relay.postfix", &[]);
        assert!(lines.len() == 2 && lines.iter().zip(names).all(|(line, begin)| line.starts_with(begin)));
        assert!(words.lines("fix-tls-versions.sendmail", &[]).is_empty());
    }

    #[test]
    fn lists_read_as_spoken() {
        let items =
            |count: usize| ["3", "4", "5"][..count].iter().map(ToString::to_string).collect::<Vec<_>>();
        let words = Words::of(Language::De);
        assert_eq!(words.all_of(&items(1)), "3");
        assert_eq!(words.all_of(&items(3)), "3, 4 und 5");
        assert_eq!(Words::of(Language::En).one_of(&items(2)), "3 or 4");
    }
}
