//! The text of a file and where its keys stand, so that every error names file, line and key.

mod entries;
mod errors;
mod words;

use std::cell::RefCell;
use std::iter::successors;
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

pub use errors::{ConfigError, ConfigErrors};

use entries::{Entry, entries, set_aside};
use words::explain;

/// How many faults are told of at most.
const FAULTS_MAX: usize = 100;

/// A file's text, read as TOML, and what was found to be wrong with it so far.
pub(super) struct Document<'a> {
    file: &'a Path,
    text: &'a str,
    table: Spanned<DeTable<'a>>,
    entries: Vec<Entry>,
    faults: RefCell<Faults>,
}

#[derive(Default)]
struct Faults {
    all: Vec<ConfigError>,
    /// Where a value could not be read, so that nothing else can be said of it.
    unread: Vec<String>,
}

impl<'a> Document<'a> {
    /// Reads `text`, which came from `file`, as TOML.
    pub(super) fn parse(file: &'a Path, text: &'a str) -> Result<Self, ConfigErrors> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let fault = |error: toml::de::Error| ConfigError {
                file: file.to_owned(),
                line: error.span().map(|span| line_of(text, span.start)),
                key: None,
                problem: format!("this is no TOML: {}{}", one_line(error.message()), at(text, error.span())),
            };
            // What was read beside them may not be what was meant.
            return Err(ConfigErrors(errors.into_iter().take(FAULTS_MAX).map(fault).collect()));
        }
        let entries = entries(table.get_ref());
        Ok(Self { file, text, table, entries, faults: RefCell::default() })
    }

    /// Its values. What is unknown or of the wrong type is refused where it stands, and set aside, so that all of it is
    /// found; none if what is left cannot be read either.
    pub(super) fn values<T: DeserializeOwned>(&self) -> Option<T> {
        let mut table = self.table.clone();
        let mut aside: Vec<&Entry> = Vec::new();
        while aside.len() < FAULTS_MAX {
            let error = match T::deserialize(Deserializer::from(table.clone())) {
                Ok(values) => return Some(values),
                Err(error) => error,
            };
            let entry = error.span().and_then(|span| self.entry_at(&span));
            // Where a part was set aside, the whole may lack it.
            let follows =
                entry.is_some_and(|entry| aside.iter().any(|part| part.trail.starts_with(&entry.trail)));
            if !follows {
                self.unreadable(&error, entry);
            }
            let entry = entry?;
            if !set_aside(table.get_mut(), &entry.trail) {
                return None;
            }
            aside.push(entry);
        }
        None
    }

    fn unreadable(&self, error: &toml::de::Error, entry: Option<&Entry>) {
        let span = error.span();
        let literal = span.clone().and_then(|span| self.text.get(span)).unwrap_or_default();
        let key = entry.map(|entry| without_numbers(&entry.key));
        let fault = ConfigError {
            file: self.file.to_owned(),
            line: span.map(|span| line_of(self.text, span.start)),
            problem: explain(&one_line(error.message()), key.as_deref().unwrap_or_default(), literal),
            key: key.clone(),
        };
        let mut faults = self.faults.borrow_mut();
        faults.all.push(fault);
        faults.unread.extend(key);
    }

    /// Whether `key` stands in the file. Keys are written with their tables: `pace.window_s`.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The whole number at `key`, if it is set.
    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.find(key)?.integer
    }

    /// Whether nothing was found to be wrong with `key`.
    pub(super) fn is_sound(&self, key: &str) -> bool {
        let (faults, key) = (self.faults.borrow(), without_numbers(key));
        let is_at = |fault: &ConfigError| fault.key.as_ref() == Some(&key);
        !faults.all.iter().any(is_at) && !faults.unread.iter().any(|unread| meet(unread, &key))
    }

    fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The deepest key whose name or value holds `span`.
    fn entry_at(&self, span: &Range<usize>) -> Option<&Entry> {
        let holds = |outer: &Range<usize>| outer.start <= span.start && span.end <= outer.end;
        self.entries.iter().rfind(|entry| holds(&entry.name) || holds(&entry.value))
    }

    /// A value that parses and cannot be: at its line, or at that of its table where it has its default. It is to be handed
    /// to [`Self::kept`].
    pub(super) fn fault(&self, key: &str, problem: impl Into<String>) -> ConfigError {
        ConfigError {
            file: self.file.to_owned(),
            line: self.line(key),
            key: Some(without_numbers(key)),
            problem: problem.into(),
        }
    }

    /// The line of a key, or that of its table.
    pub(super) fn line(&self, key: &str) -> Option<usize> {
        let mut tables = successors(Some(key), |key| Some(key.rsplit_once('.')?.0));
        let start = tables.find_map(|key| Some(self.find(key)?.name.start))?;
        Some(line_of(self.text, start))
    }

    /// Notes that a value parses and cannot be. Of a key that could not be read, or that is refused at this line already,
    /// no more is said.
    pub(super) fn refuse(&self, key: &str, problem: impl Into<String>) {
        self.note(self.fault(key, problem));
    }

    /// What was made of values; else notes why it could not be.
    pub(super) fn kept<T>(&self, made: Result<T, ConfigError>) -> Option<T> {
        made.map_err(|fault| self.note(fault)).ok()
    }

    fn note(&self, fault: ConfigError) {
        let mut faults = self.faults.borrow_mut();
        let key = fault.key.as_deref().unwrap_or_default();
        let is_known = faults.all.iter().any(|other| (&other.key, other.line) == (&fault.key, fault.line));
        if !is_known && !faults.unread.iter().any(|unread| meet(unread, key)) && faults.all.len() < FAULTS_MAX
        {
            faults.all.push(fault);
        }
    }

    /// All that was found to be wrong.
    pub(super) fn faults(&self) -> ConfigErrors {
        let mut all = self.faults.borrow().all.clone();
        all.sort_by_key(|fault| fault.line);
        ConfigErrors(all)
    }

    /// Whether nothing was found to be wrong.
    pub(super) fn is_faultless(&self) -> bool {
        self.faults.borrow().all.is_empty()
    }
}

/// Whether one of two keys is the other, or a table that it is in.
fn meet(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    within(one, other) || within(other, one)
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
