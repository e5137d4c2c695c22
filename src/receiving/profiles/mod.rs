//! Profiles: dated rules that rate findings.
//!
//! A profile is a file of `config/profiles/`, whose name is the value of `--profile`. It states per check a rule of a
//! closed set ([`Rule`]), what it is worth, and how bad its worst can be. New levels are data; a new kind of rule is
//! code. Checks that a profile does not know it does not score. An operator may have profiles of its own beside these.

mod file;
mod order;
mod rate;
mod read;
mod rule;
mod set;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::receiving::checks::{Check, Item, Level, Tables, Word};

pub use order::{Breach, OrderRule, PreferenceRule, Reach};
pub use rate::{Aspect, Circumstances, Points, Rated, Status};
pub use read::ProfileError;
pub use rule::{Members, Rule};
pub use set::Set;

/// The worst that a check can come to: required, recommended, optional.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worst {
    /// Required: a bad finding fails.
    #[default]
    Fail,
    /// Recommended: a bad finding is a warning at worst.
    Notice,
    /// Optional: a bad finding is worth knowing, and no more.
    Info,
}

impl Worst {
    /// A level, or the worst that the check can come to, if that is better.
    fn at_worst(self, level: Level) -> Level {
        match (self, level) {
            (Self::Notice, Level::Insufficient) => Level::Notice,
            (Self::Info, Level::Notice | Level::PhaseOut | Level::Insufficient) => Level::Info,
            _ => level,
        }
    }
}

/// How a profile comes to a result. Each is code of its own in `grade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// Points by sections, a percentage.
    Internetnl,
    /// The letter of the worst MX host.
    Luxsci,
    Lindenberg,
    /// Whether qualified transport encryption is possible.
    Qte,
    /// Our own letter.
    Mailassay,
    /// Whether a domain without mail says so.
    NoMail,
    /// A medal, gold or silver.
    Bsi,
}

/// What internet.nl groups its subtests by and gives a percentage of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// Modern addresses.
    Ipv6,
    Dnssec,
    /// Sender authentication records.
    Auth,
    /// STARTTLS and TLS, certificates, DANE.
    Tls,
    /// Route authorisation.
    Rpki,
}

impl Section {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Ipv6, Self::Dnssec, Self::Auth, Self::Tls, Self::Rpki];

    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv6 => "ipv6",
            Self::Dnssec => "dnssec",
            Self::Auth => "auth",
            Self::Tls => "tls",
            Self::Rpki => "rpki",
        }
    }
}

/// How the points of a section come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregate {
    /// Each check's points, of MX hosts the mean.
    Sum,
    /// The least of the sums of the domain and of each MX host.
    Minimum,
}

/// What a check is worth where the question does not arise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Elsewhere {
    pub points: u16,
    /// Whether the check is left out of the maximum if the question arises nowhere.
    pub left_out: bool,
}

/// What makes an optional check a required one, or a required one a recommended one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Circumstance {
    /// The MX host has a usable TLSA record of usage DANE-TA (RFC 7672 §3.1.2).
    DaneTa,
    /// Every certificate matches a secure TLSA record of usage DANE-EE (RFC 7672 §3.1.1).
    DaneEe,
}

/// What a profile states of one check; of more than one aspect where it asks more than one thing.
#[derive(Clone, Debug)]
pub struct Entry {
    pub check: Check,
    /// Which of several questions.
    pub aspect: Option<String>,
    /// What it is summed under.
    pub section: Option<Section>,
    /// What it is worth.
    pub points: u16,
    /// What words are worth that are worth neither all nor nothing.
    pub worth: BTreeMap<Word, u16>,
    /// The worst it can come to.
    pub worst: Worst,
    /// Under which circumstance it is required all the same.
    pub required_with: Option<Circumstance>,
    /// Under which circumstance it is only recommended.
    pub excused_with: Option<Circumstance>,
    /// What it is worth where the question does not arise.
    pub elsewhere: Elsewhere,
    /// The check without whose points this one counts for nothing, nor in the maximum.
    pub counts_with: Option<Check>,
    /// The check that must have its points, too, for these to count.
    pub needs: Option<Check>,
    pub rule: Rule,
}

/// A profile: which findings are good, and how bad the others are.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name: that of its file, and the value of `--profile`.
    pub name: String,
    /// Whether it is the operator's, and no part of the program.
    pub is_own: bool,
    /// What it is called.
    pub title: String,
    /// Of when its rules are: a year, a month or a day, such as `2026-07-14`.
    pub date: String,
    /// Where they are from.
    pub source: String,
    /// How it comes to a result.
    pub system: System,
    /// Whether a domain without MX records is measured at its own addresses (RFC 5321 §5.1).
    pub implicit_mx: bool,
    /// Whether MX hosts beside a null MX are measured (RFC 7505 §3).
    pub beside_null_mx: bool,
    pub sections: BTreeMap<Section, Aggregate>,
    entries: Vec<Entry>,
}

impl Profile {
    /// What it states of a check; none: it does not score it.
    pub fn entries(&self, check: Check) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.check == check)
    }

    /// What it states of a check without aspects.
    pub fn entry(&self, check: Check) -> Option<&Entry> {
        self.entries(check).next()
    }

    /// The checks it knows, in the order of its file.
    pub fn checks(&self) -> impl Iterator<Item = Check> {
        let mut before = None;
        self.entries
            .iter()
            .map(|entry| entry.check)
            .filter(move |check| before.replace(*check) != Some(*check))
    }

    /// The level of one item of a check, where its rule rates them one by one.
    pub fn item_level(&self, check: Check, item: &Item) -> Option<Level> {
        self.entries(check).find_map(|entry| entry.rule.item(item, Tables::embedded()))
    }
}

/// All profiles, by name.
#[derive(Clone, Debug, Default)]
pub struct Profiles(Vec<Arc<Profile>>);

impl Profiles {
    /// All profiles, by name.
    pub fn all(&self) -> &[Arc<Profile>] {
        &self.0
    }

    /// The profile of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.0.iter().find(|profile| profile.name == name)
    }

    /// The names: the values of `--profile`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|profile| profile.name.as_str())
    }
}
