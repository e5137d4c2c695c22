//! A sender at cases: whose settings it has, and how every case must come out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The outcomes that a file may name.
const OUTCOMES: [&str; 6] = ["clear", "delivered", "refused", "passed-over", "held", "unseen"];

/// What a sender's resolver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolver {
    /// It validates DNSSEC, with our DS records as its trust anchors.
    Validating,
    /// It does not.
    Plain,
}

impl Resolver {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Validating, Self::Plain];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::Plain => "plain",
        }
    }
}

/// Which names its mail is addressed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Names {
    /// Those that anybody may use.
    Permanent,
    /// Those of one trial.
    Labelled,
}

impl Names {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Permanent, Self::Labelled];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Labelled => "labelled",
        }
    }
}

/// What holds behind either resolver: `may`, or `dane, may` for validating and plain.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
struct Either {
    validating: String,
    plain: String,
}

impl From<String> for Either {
    fn from(text: String) -> Self {
        let (validating, plain) = text.split_once(", ").unwrap_or((&text, &text));
        Self { validating: validating.to_owned(), plain: plain.to_owned() }
    }
}

impl Either {
    fn behind(&self, resolver: Resolver) -> &str {
        match resolver {
            Resolver::Validating => &self.validating,
            Resolver::Plain => &self.plain,
        }
    }
}

/// The cases that must be called a fault, behind either resolver; no other may be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Faults {
    validating: BTreeSet<String>,
    plain: BTreeSet<String>,
}

/// A row, as `cases/<name>/row.toml` states it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sender: Option<String>,
    product: Option<String>,
    packages: Option<String>,
    #[serde(default)]
    by_hand: bool,
    #[serde(default)]
    bcc: bool,
    names: Option<Names>,
    term: Option<Either>,
    outcomes: BTreeMap<String, Either>,
    #[serde(default)]
    faults: Faults,
    #[serde(default)]
    traits: BTreeMap<String, Either>,
}

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct CaseRow {
    /// The folder's name.
    pub(crate) name: String,
    /// The folder of its settings, from the rig's on.
    pub(crate) settings: String,
    /// A folder of `products/`.
    pub(crate) product: String,
    /// A folder of `.ci/peers`' packages.
    pub(crate) packages: String,
    /// Whether it is run only where it is named.
    by_hand: bool,
    /// Whether what is held is named by `Bcc` alone.
    pub(crate) bcc: bool,
    /// The only names that it writes to, where what it does hangs on them.
    pub(crate) names: Option<Names>,
    term: Option<Either>,
    outcomes: BTreeMap<String, Either>,
    faults: Faults,
    traits: BTreeMap<String, Either>,
}

impl CaseRow {
    /// All rows that are run without being named, or those that `MAILASSAY_INTEROP_CASES` names with commas between.
    pub(crate) fn wanted() -> Vec<Self> {
        let wanted = std::env::var("MAILASSAY_INTEROP_CASES").ok();
        let rows = Self::all().into_iter().filter(|row| match &wanted {
            Some(wanted) => wanted.split(',').any(|name| name == row.name),
            None => !row.by_hand,
        });
        rows.collect()
    }

    /// All rows.
    pub(crate) fn all() -> Vec<Self> {
        let entries = fs::read_dir(folder()).expect("the folder of rows");
        let names =
            entries.map(|entry| entry.expect("a folder").file_name().into_string().expect("an ASCII name"));
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.iter().map(|name| Self::read(name)).collect()
    }

    fn read(name: &str) -> Self {
        let written: Written = parse(&folder().join(name).join("row.toml"));
        let Written { sender, product, packages, by_hand, bcc, names, term, outcomes, faults, traits } =
            written;
        let (settings, product, own) = match (sender, product) {
            (Some(sender), None) => {
                let row = super::super::row::Row::read(&sender);
                (format!("senders/{sender}"), row.product, row.packages)
            }
            (None, Some(product)) => (format!("cases/{name}"), product.clone(), product),
            _ => panic!("cases/{name}/row.toml names either a `sender` or a `product`"),
        };
        let (name, packages) = (name.to_owned(), packages.unwrap_or(own));
        let row =
            Self { name, settings, product, packages, by_hand, bcc, names, term, outcomes, faults, traits };
        for either in row.outcomes.values() {
            let words = [&either.validating, &either.plain];
            assert!(words.iter().all(|word| OUTCOMES.contains(&word.as_str())), "{}: {either:?}", row.name);
        }
        row
    }

    /// The cases that its mail goes to.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }

    /// How a case must come out.
    pub(crate) fn outcome(&self, case: &str, resolver: Resolver) -> &str {
        self.outcomes[case].behind(resolver)
    }

    /// The term that must come out, if it is the point.
    pub(crate) fn term(&self, resolver: Resolver) -> Option<&str> {
        self.term.as_ref().map(|term| term.behind(resolver))
    }

    /// The values of traits that must be found; `-` where nothing may be said.
    pub(crate) fn traits(&self, resolver: Resolver) -> impl Iterator<Item = (&str, &str)> {
        self.traits.iter().map(move |(tells, value)| (tells.as_str(), value.behind(resolver)))
    }

    /// The cases that must be called a fault.
    pub(crate) fn faults(&self, resolver: Resolver) -> &BTreeSet<String> {
        match resolver {
            Resolver::Validating => &self.faults.validating,
            Resolver::Plain => &self.faults.plain,
        }
    }
}

/// What the rig must know of a case of the catalogue.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CaseFile {
    #[serde(default)]
    suite: String,
    /// Those without are answered by no rule.
    family: Option<String>,
    /// Those that want IPv6 are not offered here.
    #[serde(default)]
    reach: String,
}

impl CaseFile {
    /// The file of a case.
    pub(crate) fn read(case: &str) -> Self {
        parse(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/cases").join(format!("{case}.toml")))
    }
}

/// The cases that a mail to all goes to.
pub(crate) fn all_cases() -> Vec<String> {
    in_suites(&["first", "", "all"])
}

/// The ruled cases of some suites, in order.
fn in_suites(suites: &[&str]) -> Vec<String> {
    let entries =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/cases")).expect("the catalogue");
    let names = entries.map(|entry| entry.expect("a file").file_name().into_string().expect("an ASCII name"));
    let cases = names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned));
    let is_in = |case: &String| {
        let file = CaseFile::read(case);
        file.family.is_some() && !file.reach.starts_with("v6") && suites.contains(&file.suite.as_str())
    };
    let mut cases: Vec<String> = cases.filter(is_in).collect();
    cases.sort();
    cases
}

fn folder() -> PathBuf {
    super::super::peers::rig().join("cases")
}

fn parse<T: DeserializeOwned>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_how_every_case_of_first_comes_out() {
        let first: BTreeSet<String> = in_suites(&["first"]).into_iter().collect();
        assert_eq!(first.len(), 9, "{first:?}");
        assert!(all_cases().len() >= 45);
        for row in CaseRow::all() {
            let cases: BTreeSet<String> = row.cases().map(str::to_owned).collect();
            assert!(cases.is_superset(&first), "{}: {cases:?}", row.name);
            for resolver in Resolver::ALL {
                assert!(row.faults(resolver).is_subset(&cases), "{}: {:?}", row.name, row.faults(resolver));
            }
        }
    }
}
