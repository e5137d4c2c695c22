//! A sender of the table: which product, how it must be judged, and what every server must see of it.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

use super::cells::{Cell, Column};

/// A row, as `senders/<name>/row.toml` states it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    product: String,
    term: String,
    #[serde(default, rename = "one_mx_per_attempt")]
    one_mx_per_attempt: bool,
    #[serde(default = "one_address")]
    addresses: Vec<String>,
    seen: BTreeMap<Column, Cell>,
    #[serde(default)]
    findings: BTreeMap<String, String>,
}

/// As the table was measured: one address for all hosts.
fn one_address() -> Vec<String> {
    vec!["192.0.2.25".to_owned()]
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The folder's name.
    pub(crate) name: String,
    /// A folder of `products/`.
    pub(crate) product: String,
    /// The term that must come out.
    pub(crate) term: String,
    /// It tries one host an attempt, since all have the same address: that it meets each of them within the
    /// trial is likely, and no more.
    pub(crate) one_mx_per_attempt: bool,
    /// The addresses of every MX host.
    pub(crate) addresses: Vec<String>,
    /// Results that must be found, by mechanism, as JSON names both.
    pub(crate) findings: BTreeMap<String, String>,
    seen: BTreeMap<Column, Cell>,
}

impl Row {
    /// All rows, or those that `MAILASSAY_INTEROP_ROWS` names with commas between.
    pub(crate) fn all() -> Vec<Self> {
        let wanted = std::env::var("MAILASSAY_INTEROP_ROWS").ok();
        let folder = super::peers::rig().join("senders");
        let entries = fs::read_dir(folder).expect("the folder of senders");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("a folder").file_name().into_string().expect("an ASCII name"))
            .filter(|name| wanted.as_ref().is_none_or(|wanted| wanted.split(',').any(|one| one == name)))
            .collect();
        names.sort();
        names.iter().map(|name| Self::read(name)).collect()
    }

    /// The row of that name.
    pub(crate) fn read(name: &str) -> Self {
        let file = super::peers::rig().join("senders").join(name).join("row.toml");
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let Written { product, term, one_mx_per_attempt, addresses, seen, findings } =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self { name: name.to_owned(), product, term, one_mx_per_attempt, addresses, findings, seen }
    }

    /// What must be seen in a column; nothing where the file is silent.
    pub(crate) fn cell(&self, column: Column) -> Cell {
        self.seen.get(&column).copied().unwrap_or_default()
    }
}
