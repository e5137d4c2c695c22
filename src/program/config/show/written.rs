//! What stands in a file: each key with its line and value, by which two states of it are compared.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::program::config::document::Document;

/// What the service takes from a configuration that is read again, as keys begin; all else is for the next start.
const RELOADED: [&str; 5] = ["log.", "profiles", "site.providers.", "site.style", "site.texts"];

/// What stands in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    file: PathBuf,
    values: Vec<(String, usize, Value)>,
}

impl Written {
    /// What stands in a document whose text is `text`.
    pub(in crate::program::config) fn of(document: &Document<'_>, file: &Path, text: &str) -> Self {
        let mut values = Vec::new();
        // It was read already, or there would be no document.
        for (name, value) in text.parse::<Table>().unwrap_or_default() {
            leaves(document, (quoted(&name), name), value, &mut values);
        }
        values.sort_by_key(|(_, line, _)| *line);
        Self { file: file.to_owned(), values }
    }

    /// The file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Each key as it may be written, its line, and its value.
    pub(super) fn all(&self) -> &[(String, usize, Value)] {
        &self.values
    }

    /// The keys that are otherwise in `later`, and that wait for the next start of the service.
    pub fn awaiting_start(&self, later: &Self) -> Vec<String> {
        let has = |written: &Self, key: &str, value: &Value| {
            written.values.iter().any(|(other, _, of)| other == key && of == value)
        };
        let pairs = [(self, later), (later, self)];
        let changed = pairs.into_iter().flat_map(|(one, other)| {
            one.values
                .iter()
                .filter(move |(key, _, value)| !has(other, key, value))
                .map(|(key, ..)| key.clone())
        });
        let mut waiting: Vec<String> =
            changed.filter(|key| !RELOADED.iter().any(|begin| key.starts_with(begin))).collect();
        waiting.sort();
        waiting.dedup();
        waiting
    }
}

/// Adds every value below a name that is no table, with its line.
fn leaves(
    document: &Document<'_>,
    (key, place): (String, String),
    value: Value,
    found: &mut Vec<(String, usize, Value)>,
) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let (key, place) = (format!("{key}.{}", quoted(&name)), format!("{place}.{name}"));
                leaves(document, (key, place), value, found);
            }
        }
        value => {
            let line = document.line(&place).unwrap_or_default();
            found.push((key, line, value));
        }
    }
}

/// A name as it is written in a key.
fn quoted(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => Value::String(name.to_owned()).to_string(),
    }
}
