//! The text of a file and where its keys stand, so that every error names file, line and key.

use std::iter::successors;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a configuration, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{problem}", place(file, *line), key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default())]
pub struct ConfigError {
    pub file: PathBuf,
    /// The line, from one; none where the file as a whole is meant.
    pub line: Option<usize>,
    /// The key with its tables, such as `pace.window_s`; none where the text is no TOML.
    pub key: Option<String>,
    /// What is wrong, and what to do.
    pub problem: String,
}

fn place(file: &Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}:{line}: ", file.display()),
        None => format!("{}: ", file.display()),
    }
}

/// A file's text, read as TOML.
pub(super) struct Document<'a> {
    file: &'a Path,
    text: &'a str,
    entries: Vec<Entry>,
}

/// A value of the file: a key's, or an element of a list, which has its number for a name.
struct Entry {
    /// With its tables. A name may itself have dots (`addresses.own."mx03.et"`).
    key: String,
    name: Range<usize>,
    value: Range<usize>,
    integer: Option<i64>,
}

impl<'a> Document<'a> {
    /// Reads `text`, which came from `file`, as TOML.
    pub(super) fn parse(file: &'a Path, text: &'a str) -> Result<Self, ConfigError> {
        match DeTable::parse(text) {
            Ok(table) => {
                let mut entries = Vec::new();
                for (name, value) in table.get_ref() {
                    enter(name.get_ref().to_string(), name.span(), value, &mut entries);
                }
                Ok(Self { file, text, entries })
            }
            Err(error) => Err(ConfigError {
                file: file.to_owned(),
                line: error.span().map(|span| line_of(text, span.start)),
                key: None,
                problem: format!("this is no TOML: {}{}", one_line(error.message()), at(text, error.span())),
            }),
        }
    }

    /// Its values. What is unknown or of the wrong type is refused where it stands.
    pub(super) fn values<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        toml::from_str(self.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let literal = self.text.get(span.clone()).unwrap_or_default();
            let key = self.key_at(&span);
            ConfigError {
                file: self.file.to_owned(),
                line: Some(line_of(self.text, span.start)),
                problem: explain(&one_line(error.message()), &key, literal),
                key: Some(key).filter(|key| !key.is_empty()),
            }
        })
    }

    /// Whether `key` stands in the file. Keys are written with their tables: `pace.window_s`.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The whole number at `key`, if it is set.
    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.find(key)?.integer
    }

    fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The deepest key whose name or value holds `span`.
    fn key_at(&self, span: &Range<usize>) -> String {
        let holds = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
        let entry = self.entries.iter().rfind(|entry| holds(&entry.name) || holds(&entry.value));
        entry.map(|entry| without_numbers(&entry.key)).unwrap_or_default()
    }

    /// A value that parses and cannot be: at its line, or at that of its table where it has its default.
    pub(super) fn fault(&self, key: &str, problem: impl Into<String>) -> ConfigError {
        let mut tables = successors(Some(key), |key| Some(key.rsplit_once('.')?.0));
        let start = tables.find_map(|key| Some(self.find(key)?.name.start));
        ConfigError {
            file: self.file.to_owned(),
            line: start.map(|start| line_of(self.text, start)),
            key: Some(without_numbers(key)),
            problem: problem.into(),
        }
    }
}

/// Adds an entry, and those below it behind it.
fn enter(key: String, name: Range<usize>, value: &Spanned<DeValue<'_>>, entries: &mut Vec<Entry>) {
    let integer = value.get_ref().as_integer();
    let integer = integer.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    entries.push(Entry { key: key.clone(), name, value: value.span(), integer });
    match value.get_ref() {
        DeValue::Table(table) => {
            for (name, value) in table {
                enter(format!("{key}.{}", name.get_ref()), name.span(), value, entries);
            }
        }
        DeValue::Array(list) => {
            for (number, value) in list.iter().enumerate() {
                enter(format!("{key}.{number}"), value.span(), value, entries);
            }
        }
        _ => {}
    }
}

/// A place in a list is told by its line.
fn without_numbers(key: &str) -> String {
    let names = key.split('.').filter(|part| part.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join(".")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The words that `span` covers, to find them by.
fn at(text: &str, span: Option<Range<usize>>) -> String {
    match span.and_then(|span| text.get(span)).map(str::trim) {
        Some(words) if !words.is_empty() && !words.contains('\n') => format!(" at `{words}`"),
        _ => String::new(),
    }
}

fn one_line(message: &str) -> String {
    message.trim().replace('\n', "; ")
}

/// An error of serde's in the words of whoever writes the file.
fn explain(message: &str, key: &str, literal: &str) -> String {
    if let Some((_, keys)) = split(message, "unknown field `", "`, ") {
        return format!("there is no such key here; {keys}");
    }
    if let Some((got, words)) = split(message, "unknown variant `", "`, ") {
        return format!("`{got}` is no choice; {words}");
    }
    let expected = message.rsplit_once("expected ").map(|(_, expected)| expected);
    let literal = if literal.contains('\n') || literal.len() > 60 { "this" } else { literal };
    let network = NETWORKS.contains(&key).then_some("a network in quotes, such as \"192.0.2.0/24\"");
    match network.or_else(|| hint(message, expected.unwrap_or_default())) {
        Some(hint) => format!("{literal} does not fit; write {hint}"),
        None => message.to_owned(),
    }
}

fn split<'m>(message: &'m str, before: &str, between: &str) -> Option<(&'m str, &'m str)> {
    message.strip_prefix(before)?.split_once(between)
}

/// The keys with networks, whose parser says nothing of its own.
const NETWORKS: [&str; 4] = ["dial.allowed", "dns.rate.exempt", "scan.exclude", "scan.world.allowed"];

fn hint(message: &str, expected: &str) -> Option<&'static str> {
    Some(match (message, expected) {
        ("invalid IP address syntax", _) | (_, "IP address") => {
            "an address in quotes, such as \"192.0.2.25\" or \"2001:db8::25\""
        }
        ("invalid socket address syntax", _) | (_, "socket address") => {
            "address and port in quotes, such as \"192.0.2.25:25\" or \"[2001:db8::25]:25\""
        }
        (_, "u8") => "a whole number from 0 to 255",
        (_, "u16") => "a whole number from 0 to 65535",
        (_, "u32") => "a whole number from 0 to 4294967295, without quotes",
        (_, "u64" | "usize") => "a whole number that is not negative, without quotes",
        (_, "a string") => "text in quotes",
        (_, "path string") => "a path in quotes",
        (_, "a boolean") => "true or false",
        (_, "a sequence") => "a list in brackets, such as [\"one\", \"two\"]",
        (_, "a map") => "a table",
        (_, expected) if expected.starts_with("struct ") => "a table",
        _ => return None,
    })
}
