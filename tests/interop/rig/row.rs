//! A sender of the table: which product, how it must be judged, and what every server must see of it. And senders
//! that are run together.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::cells::{Cell, Column};
use super::mode::Mode;
use super::world;

/// A row, as `senders/<name>/row.toml` states it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    product: String,
    packages: Option<String>,
    term: Option<String>,
    #[serde(default)]
    one_mx_per_attempt: bool,
    #[serde(default = "one_address")]
    addresses: Vec<String>,
    #[serde(default)]
    slow: bool,
    #[serde(default)]
    per_destination: BTreeMap<String, String>,
    #[serde(default)]
    apart: BTreeMap<String, String>,
    #[serde(default)]
    seen: BTreeMap<Column, Cell>,
    #[serde(default)]
    findings: BTreeMap<String, String>,
    #[serde(default)]
    never: BTreeMap<String, String>,
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
    /// A folder of `.ci/peers`' packages.
    pub(crate) packages: String,
    /// The term that must come out; `inconclusive` where none may. Nothing where nodes are judged apart.
    pub(crate) term: Option<String>,
    /// It tries one host an attempt, since all have the same address: that it meets each of them within the
    /// trial is likely, and no more.
    pub(crate) one_mx_per_attempt: bool,
    /// The addresses of every MX host.
    pub(crate) addresses: Vec<String>,
    /// Whether it is run with slow retries also where nobody asks for that.
    pub(crate) slow: bool,
    /// Where the term is `per-destination`: the term for each case.
    pub(crate) per_destination: BTreeMap<String, String>,
    /// Its nodes, if they differ: the term that each address is shown with.
    pub(crate) apart: BTreeMap<String, String>,
    /// Results that must be found, by mechanism, as JSON names both.
    pub(crate) findings: BTreeMap<String, String>,
    /// Results that must not be found, by mechanism.
    pub(crate) never: BTreeMap<String, String>,
    seen: BTreeMap<Column, Cell>,
}

impl Row {
    /// All rows, or those that `MAILASSAY_INTEROP_ROWS` names with commas between.
    pub(crate) fn all() -> Vec<Self> {
        wanted("senders").iter().map(|name| Self::read(name)).collect()
    }

    /// The row of that name.
    pub(crate) fn read(name: &str) -> Self {
        let Written {
            product,
            packages,
            term,
            one_mx_per_attempt,
            addresses,
            slow,
            per_destination,
            apart,
            seen,
            findings,
            never,
        } = parse(&super::peers::rig().join("senders").join(name).join("row.toml"));
        Self {
            name: name.to_owned(),
            packages: packages.unwrap_or_else(|| product.clone()),
            product,
            term,
            one_mx_per_attempt,
            addresses,
            slow,
            per_destination,
            apart,
            findings,
            never,
            seen,
        }
    }

    /// What must be seen in a column; nothing where the file is silent.
    pub(crate) fn cell(&self, column: Column) -> Cell {
        self.seen.get(&column).copied().unwrap_or_default()
    }

    /// Whether it says what the servers must see.
    pub(crate) fn has_cells(&self) -> bool {
        !self.seen.is_empty()
    }

    /// The name of its mail host, and the domain of its mail: no two rows are of one organisation.
    pub(crate) fn host(&self) -> String {
        format!("{}.example", self.name)
    }
}

/// A sender in a run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    #[serde(rename = "row")]
    row_name: String,
    #[serde(skip)]
    row: Option<Row>,
    /// The address that it sends from.
    #[serde(default = "first_address")]
    pub(crate) address: String,
    /// How many users of it write at once, a mail each.
    #[serde(default = "one_user")]
    pub(crate) users: usize,
    /// Whether what its row says may stay open, since the company hides it: inconclusive, and nothing else.
    #[serde(default)]
    pub(crate) may_be_open: bool,
}

fn first_address() -> String {
    world::SENDER.to_owned()
}

fn one_user() -> usize {
    1
}

impl Member {
    /// Its row.
    pub(crate) fn row(&self) -> &Row {
        self.row.as_ref().expect("a member is read with its row")
    }

    /// The addresses that its mail comes from.
    pub(crate) fn addresses(&self) -> Vec<&str> {
        let nodes = self.row().apart.keys().map(String::as_str);
        nodes.chain([self.address.as_str(), "2001:db8:51::2"]).collect()
    }
}

/// Senders that are run together, as `groups/<name>/group.toml` states it; most are alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    /// The name of the folder.
    #[serde(skip)]
    pub(crate) name: String,
    /// The senders.
    #[serde(rename = "sender")]
    pub(crate) members: Vec<Member>,
    /// Where their resolver asks from, if it has an address of its own.
    pub(crate) resolver: Option<String>,
    /// Whether the forger, who otherwise begins when the sender has, is there before it.
    #[serde(default)]
    pub(crate) forged_first: bool,
    /// Whether the service is two nodes on one PostgreSQL, and every MX host has an address of each.
    #[serde(default)]
    pub(crate) nodes: bool,
}

impl Group {
    /// All rows, each alone, and all groups; or those that `MAILASSAY_INTEROP_ROWS` names.
    pub(crate) fn all() -> Vec<Self> {
        let alone = Row::all().into_iter().map(Self::alone);
        alone.chain(wanted("groups").iter().map(|name| Self::read(name))).collect()
    }

    /// A sender alone.
    pub(crate) fn alone(row: Row) -> Self {
        let member = Member {
            row_name: row.name.clone(),
            row: Some(row),
            address: first_address(),
            users: one_user(),
            may_be_open: false,
        };
        Self {
            name: member.row_name.clone(),
            members: vec![member],
            resolver: None,
            forged_first: false,
            nodes: false,
        }
    }

    fn read(name: &str) -> Self {
        let mut group: Self = parse(&super::peers::rig().join("groups").join(name).join("group.toml"));
        name.clone_into(&mut group.name);
        for member in &mut group.members {
            member.row = Some(Row::read(&member.row_name));
        }
        group
    }

    /// In which ways it is run: what `MAILASSAY_INTEROP_MODES` asks for; else a row to the end of the patience, and
    /// early in noise, some also with slow retries; a group early, in noise if that is what it is about.
    pub(crate) fn modes(&self) -> Vec<Mode> {
        if let Some(wanted) = Mode::wanted() {
            return wanted;
        }
        match self.members.as_slice() {
            _ if self.forged_first => vec![Mode::EarlyNoisy],
            _ if self.nodes => vec![Mode::Early],
            [one] if one.users == 1 && one.row().slow => vec![Mode::Patience, Mode::EarlyNoisy, Mode::Slow],
            [one] if one.users == 1 => vec![Mode::Patience, Mode::EarlyNoisy],
            _ => vec![Mode::Early],
        }
    }

    /// The addresses of every MX host: those of its first row.
    pub(crate) fn mx_addresses(&self) -> &[String] {
        &self.members[0].row().addresses
    }

    /// All addresses that the sender's side needs.
    pub(crate) fn sender_addresses(&self) -> Vec<&str> {
        let mut addresses: Vec<&str> = self.resolver.as_deref().into_iter().collect();
        for member in &self.members {
            addresses.extend(member.addresses().into_iter().filter(|address| !address.contains(':')));
        }
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }
}

/// The names of the folders in `place` that are wanted, in order.
fn wanted(place: &str) -> Vec<String> {
    let wanted = std::env::var("MAILASSAY_INTEROP_ROWS").ok();
    let entries = fs::read_dir(super::peers::rig().join(place)).expect("a folder of the rig");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a folder").file_name().into_string().expect("an ASCII name"))
        .filter(|name| wanted.as_ref().is_none_or(|wanted| wanted.split(',').any(|one| one == name)))
        .collect();
    names.sort();
    names
}

fn parse<T: DeserializeOwned>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
