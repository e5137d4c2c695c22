//! What is in force, and where each value came from, in a form that is a configuration itself.
//!
//! `config/example.toml` names every key with its default, which tests hold it to: it is the list of what there is.

mod origin;
mod written;

use std::fmt::Write as _;

use toml::{Table, Value};

use super::settings::Settings;
use crate::shared::keyfile::folder_of;

use origin::follows;

pub use written::Written;

/// Every key, with its default where it has one.
const EXAMPLE: &str = include_str!("../../../../config/example.toml");
/// How wide a line may be before what follows of it stands above it.
const COLUMNS_MAX: usize = 80;
/// Keys whose values are nobody else's business, by their last part.
const SECRET: [&str; 3] = ["password", "secret", "token"];

/// A configuration as it was read: what follows from it, and how it was written.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub settings: Settings,
    pub written: Written,
}

/// What stands in the example.
enum Known {
    /// A key, and its value where that is the default.
    Key(String, Option<Value>),
    /// The end of a table, behind which what only the operator can name has its place.
    Table(String),
}

impl Loaded {
    /// All that is in force, a key on each line, and where it came from. `environment` says which keys a variable of the
    /// environment sets, with its name and value.
    pub fn show(&self, environment: &[(&str, &str, String)]) -> String {
        let file = self.written.file();
        let folder = folder_of(file);
        let mut shown =
            format!("# {}\n# Relative paths are relative to {}\n", file.display(), folder.display());
        let mut left: Vec<&(String, usize, Value)> = self.written.all().iter().collect();
        let known = known();
        let is_known =
            |key: &str| known.iter().any(|known| matches!(known, Known::Key(known, _) if known == key));
        for known in &known {
            match known {
                Known::Key(key, default) => {
                    let written =
                        left.iter().position(|(written, ..)| written == key).map(|at| left.remove(at));
                    let from = |(_, variable, value): &(&str, &str, String)| {
                        (Some(Value::String(value.clone())), format!("environment: {variable}"))
                    };
                    let variable = environment.iter().find(|(set, ..)| *set == key.as_str()).map(from);
                    let (value, from) = variable.unwrap_or_else(|| match written {
                        Some((_, line, value)) => (Some(value.clone()), format!("line {line}")),
                        None => self.unwritten(key, default.clone()),
                    });
                    line(&mut shown, key, value.as_ref(), &from);
                }
                Known::Table(table) => {
                    // What only the operator can name, such as hosts; keys of further tables have a place of their own.
                    let is_here = |key: &str| {
                        let rest = key.strip_prefix(table.as_str());
                        rest.is_some_and(|rest| rest.starts_with('.')) && !is_known(key)
                    };
                    let (here, others) = left.into_iter().partition(|(key, ..)| is_here(key));
                    left = others;
                    for (key, number, value) in here {
                        line(&mut shown, key, Some(value), &format!("line {number}"));
                    }
                }
            }
        }
        for (key, number, value) in left {
            line(&mut shown, key, Some(value), &format!("line {number}"));
        }
        shown
    }

    /// What is in force of a key that is not in the file, and why.
    fn unwritten(&self, key: &str, default: Option<Value>) -> (Option<Value>, String) {
        match follows(&self.settings, key) {
            Some((value, from)) => (value, format!("follows from {from}")),
            None if default.is_some() => (default, "default".to_owned()),
            None => (None, "not set".to_owned()),
        }
    }
}

/// Writes a key, its value and where that came from.
fn line(shown: &mut String, key: &str, value: Option<&Value>, from: &str) {
    let last = key.rsplit('.').next().unwrap_or_default();
    // Writing to a String does not fail.
    let _ = match value {
        Some(_) if SECRET.contains(&last) => {
            writeln!(shown, "# {key}: a secret, which is not shown ({from})")
        }
        None => writeln!(shown, "# {key}: {from}"),
        Some(value) => {
            let text = format!("{key} = {value}");
            match text.chars().count() + from.chars().count() + 4 <= COLUMNS_MAX {
                true => writeln!(shown, "{text}  # {from}"),
                false => writeln!(shown, "# {from}:\n{text}"),
            }
        }
    };
}

/// What the example has, in its order.
fn known() -> Vec<Known> {
    let mut known = Vec::new();
    let (mut table, mut is_list) = (String::new(), false);
    for text in EXAMPLE.lines() {
        let (text, is_set) = text.strip_prefix("# ").map_or((text, true), |text| (text, false));
        let header = text.strip_prefix('[').and_then(|text| text.split_once(']')).map(|(name, _)| name);
        if let Some(name) = header.filter(|name| !name.contains(' ')) {
            known.push(Known::Table(std::mem::take(&mut table)));
            is_list = name.starts_with('[');
            table = name.trim_start_matches('[').to_owned();
            if is_list {
                known.push(Known::Key(table.clone(), None));
            }
            continue;
        }
        let Some((name, _)) = text.split_once(" = ") else { continue };
        let is_key = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let value = text.parse::<Table>().ok().and_then(|mut table| table.remove(name));
        if let (true, false, Some(value)) = (is_key, is_list, value) {
            let key = if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") };
            known.push(Known::Key(key, is_set.then_some(value)));
        }
    }
    known.push(Known::Table(table));
    known
}
