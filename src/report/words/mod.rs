//! The texts of each language.

use std::sync::OnceLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};

use crate::persona::Language;

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
            Language::En => EN.get_or_init(|| Self::read(language, include_str!("en.ftl"))),
            Language::De => DE.get_or_init(|| Self::read(language, include_str!("de.ftl"))),
        }
    }

    fn read(language: Language, text: &str) -> Self {
        let tag = language.tag().parse().expect("a language's tag is a language identifier");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around what is filled in would show as boxes in mails, and `clean` makes them needless.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned()).expect("a test reads every file of texts");
        bundle.add_resource(resource).expect("a test reads every file of texts");
        Self { language, bundle }
    }

    /// Whether there is a text `id`.
    pub(super) fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The text `id`.
    pub(super) fn say(&self, id: &str) -> String {
        self.tell(id, &[])
    }

    /// The text `id` with its blanks filled in.
    pub(super) fn tell(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = blanks.iter().map(|(name, value)| (*name, value.clone())).collect();
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        debug_assert!(pattern.is_some(), "no text `{id}` in {}.ftl", self.language.tag());
        let Some(pattern) = pattern else { return id.to_owned() };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors);
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
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

    fn ids(text: &str) -> std::collections::BTreeSet<&str> {
        let starts = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
        text.lines().filter(starts).filter_map(|line| line.split_once(" =")).map(|(id, _)| id).collect()
    }

    #[test]
    fn all_languages_have_the_same_texts() {
        assert_eq!(ids(include_str!("en.ftl")), ids(include_str!("de.ftl")));
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
