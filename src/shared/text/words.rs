//! The texts of each language.

use std::sync::OnceLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Pattern;

use crate::shared::text::Language;
use crate::shared::time::Timestamp;

/// Files of texts, in the format of Fluent.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    pub en: &'static [&'static str],
    /// German, with the same messages, file by file.
    pub de: &'static [&'static str],
    /// Lines of configuration, which are the same in every language.
    pub lines: &'static [&'static str],
}

impl Texts {
    /// The files of `language`, then what is the same in all.
    fn of(self, language: Language) -> impl Iterator<Item = &'static str> {
        let files = match language {
            Language::En => self.en,
            Language::De => self.de,
        };
        files.iter().chain(self.lines).copied()
    }

    /// Every file's name of language with the messages and attributes that one language has and another has not; for
    /// tests.
    pub fn unlike(self) -> Vec<String> {
        let differing = |(en, de): (&&str, &&str)| {
            let (en, de) = (ids(en), ids(de));
            let only = |these: &[String], those: &[String]| -> Vec<String> {
                these.iter().filter(|id| !those.contains(id)).cloned().collect()
            };
            [only(&en, &de), only(&de, &en)].concat()
        };
        self.en.iter().zip(self.de).flat_map(differing).collect()
    }
}

/// Messages, and attributes as `message.attribute`.
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
    ids
}

/// The texts of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Those of `language` in `texts`.
    ///
    /// # Panics
    ///
    /// A text is not in the format of Fluent, or there are two of one name.
    pub fn read(language: Language, texts: &[Texts]) -> Self {
        let tag = language.tag().parse().expect("a language's tag is a language identifier");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks around what is filled in would show as boxes in mails, and `clean` makes them needless.
        bundle.set_use_isolating(false);
        for text in texts.iter().flat_map(|texts| texts.of(language)) {
            let resource =
                FluentResource::try_new(text.to_owned()).expect("a test reads every file of texts");
            bundle.add_resource(resource).expect("a test reads every file of texts");
        }
        Self { language, bundle }
    }

    /// Which language that is.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text `id`.
    pub fn has(&self, id: &str) -> bool {
        self.pattern(id).is_some()
    }

    /// The text of a message, or of an attribute: `message.attribute`.
    fn pattern(&self, id: &str) -> Option<&Pattern<&str>> {
        match id.split_once('.') {
            None => self.bundle.get_message(id)?.value(),
            Some((id, attribute)) => Some(self.bundle.get_message(id)?.get_attribute(attribute)?.value()),
        }
    }

    /// The text `id` of this language, which has no blanks.
    pub fn say(&self, id: &str) -> String {
        self.tell(id, &[])
    }

    /// The text `id` with its blanks filled in.
    pub fn tell(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> String {
        self.fill(id, blanks).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The lines of the text `id`, as they stand in the file; none if there is no such text.
    pub fn lines(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> Vec<String> {
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
    pub fn moment(&self, at: Timestamp) -> String {
        let form = match self.language {
            Language::En => "%Y-%m-%d, %H:%M UTC",
            Language::De => "%d.%m.%Y, %H:%M UTC",
        };
        at.strftime(form).to_string()
    }

    /// "3", "3 and 4", "3, 4 and 5".
    pub fn all_of(&self, items: &[String]) -> String {
        self.joined(items, ["and", "und"])
    }

    /// "dane", "dane or mta-sts".
    pub fn one_of(&self, items: &[String]) -> String {
        self.joined(items, ["or", "oder"])
    }

    fn joined(&self, items: &[String], [en, de]: [&str; 2]) -> String {
        let word = match self.language {
            Language::En => en,
            Language::De => de,
        };
        match items {
            [] => String::new(),
            [one] => one.clone(),
            // A comma within one of them would end it.
            [most @ .., last] if items.iter().any(|item| item.contains(',')) => {
                format!("{}; {word} {last}", most.join("; "))
            }
            [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
        }
    }
}

/// The words of every language, each read when it is first wanted.
#[derive(Default)]
pub struct EachLanguage {
    en: OnceLock<Words>,
    de: OnceLock<Words>,
}

impl EachLanguage {
    /// Nothing read yet.
    pub const fn new() -> Self {
        Self { en: OnceLock::new(), de: OnceLock::new() }
    }

    /// The words of `language` in `texts`, which are asked for once.
    pub fn of(&self, language: Language, texts: impl FnOnce() -> Vec<Texts>) -> &Words {
        let words = match language {
            Language::En => &self.en,
            Language::De => &self.de,
        };
        words.get_or_init(|| Words::read(language, &texts()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_spoken() {
        let items =
            |count: usize| ["3", "4", "5"][..count].iter().map(ToString::to_string).collect::<Vec<_>>();
        let [english, german] = Language::ALL.map(|language| Words::read(language, &[]));
        assert_eq!(german.all_of(&items(1)), "3");
        assert_eq!(german.all_of(&items(3)), "3, 4 und 5");
        assert_eq!(english.one_of(&items(2)), "3 or 4");
        let with_comma = ["yes", "yes, but late", "no"].map(str::to_owned);
        assert_eq!(english.one_of(&with_comma), "yes; yes, but late; or no");
        assert_eq!(german.all_of(&with_comma[1..]), "yes, but late; und no");
    }

    #[test]
    fn what_one_language_lacks_is_found() {
        let texts = Texts { en: &["a = A\n    .b = B\n"], de: &["a = A\nc = C\n"], lines: &[] };
        assert_eq!(texts.unlike(), ["a.b", "c"]);
    }
}
