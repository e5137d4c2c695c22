//! The kinds of rules: from what was measured to a level.

use std::collections::BTreeMap;

use super::Check;
use super::order::{OrderRule, Ruling};
use super::set::Set;
use crate::receiving::checks::{Column, Item, Level, Measured, Scale, Tables, Word};

/// How a profile rates what a check measured.
#[derive(Clone, Debug)]
pub enum Rule {
    /// The same whatever was measured: the profile names the check and does not test it.
    Always(Level),
    /// By the check's word.
    Words(BTreeMap<Word, Level>),
    /// Each item by a column of the tables; the worst counts.
    Table(Column),
    /// Each item by its name; the worst counts.
    Each {
        /// By name, as [`Tables::name`] has it.
        names: BTreeMap<String, Level>,
        /// What everything that is not named gets.
        otherwise: Level,
    },
    /// The best level whose number is not exceeded.
    AtMost {
        /// By level the highest number.
        steps: BTreeMap<Level, u32>,
        /// What a number beyond all limits gets.
        otherwise: Level,
    },
    /// The best level whose number is reached.
    AtLeast {
        /// By level the lowest number.
        steps: BTreeMap<Level, u32>,
        /// What a number below all limits gets.
        otherwise: Level,
    },
    /// Whether one of the items is such.
    AnyOf(Members),
    /// Whether none of the items is such.
    NoneOf(Members),
    /// How a server chooses.
    Order(OrderRule),
}

/// Items by their sets or names.
#[derive(Clone, Debug)]
pub struct Members {
    /// Any of these sets.
    pub sets: Vec<Set>,
    /// Any of these names.
    pub items: Vec<String>,
    /// The level if the rule is kept.
    pub kept: Level,
    /// The level if it is broken.
    pub broken: Level,
}

impl Members {
    fn contain(&self, item: &Item, tables: &Tables) -> bool {
        self.sets.iter().any(|set| set.contains(item, tables)) || self.items.contains(&tables.name(item))
    }
}

impl Rule {
    /// Whether the rule fits what a check measures.
    pub(super) fn fits(&self, check: Check) -> bool {
        match check.scale() {
            _ if matches!(self, Self::Always(_)) => true,
            Scale::Words(_) => matches!(self, Self::Words(_)),
            Scale::Order => matches!(self, Self::Order(_)),
            Scale::Count => matches!(self, Self::AtMost { .. } | Self::AtLeast { .. }),
            Scale::Items => {
                matches!(self, Self::Table(_) | Self::Each { .. } | Self::AnyOf(_) | Self::NoneOf(_))
            }
        }
    }

    /// The worst level it can come to.
    pub fn worst_level(&self) -> Level {
        let of = |levels: &mut dyn Iterator<Item = Level>| levels.max().unwrap_or(Level::Good);
        match self {
            Self::Always(level) => *level,
            Self::Words(levels) => of(&mut levels.values().copied()),
            Self::Table(_) => Level::Insufficient,
            Self::Each { names, otherwise } => of(&mut names.values().copied().chain([*otherwise])),
            Self::AtMost { steps, otherwise } | Self::AtLeast { steps, otherwise } => {
                of(&mut steps.keys().copied().chain([*otherwise]))
            }
            Self::AnyOf(members) | Self::NoneOf(members) => members.kept.max(members.broken),
            Self::Order(rule) => rule.no_preference.max(rule.wrong_level),
        }
    }

    /// Applies the rule to what was measured.
    pub(super) fn apply(&self, measured: &Measured, tables: &Tables) -> Ruling {
        match (self, measured) {
            (Self::Always(level), _) => (*level).into(),
            (Self::Words(levels), Measured::Is { word }) => {
                Ruling { level: levels.get(word).copied(), ..Ruling::default() }
            }
            (Self::Table(_) | Self::Each { .. }, Measured::Items { items, open, .. }) => {
                self.worst(items, open.is_some(), tables)
            }
            (Self::AtMost { steps, otherwise }, Measured::Count { count }) => {
                steps.iter().find(|(_, most)| count <= most).map_or(*otherwise, |(level, _)| *level).into()
            }
            (Self::AtLeast { steps, otherwise }, Measured::Count { count }) => {
                steps.iter().find(|(_, least)| count >= least).map_or(*otherwise, |(level, _)| *level).into()
            }
            (Self::AnyOf(members), Measured::Items { items, complete, open }) => {
                let found = items.iter().any(|item| members.contain(item, tables));
                // A scan asks until it has an example of each set or knows that there is none; of what is only named
                // here it may have had no reason to ask.
                let settled = *complete || open.is_none() && members.items.is_empty();
                match (found, settled) {
                    (true, _) => members.kept.into(),
                    (false, true) => members.broken.into(),
                    (false, false) => Ruling::default(),
                }
            }
            (Self::NoneOf(members), Measured::Items { items, open, .. }) => {
                let bad = items.iter().filter(|item| members.contain(item, tables));
                let affected: Vec<Item> = bad.cloned().collect();
                match (affected.is_empty(), open) {
                    // A list that is not complete still shows one of each bad class, unless it says otherwise.
                    (true, None) => members.kept.into(),
                    (true, Some(_)) => Ruling::default(),
                    (false, _) => Ruling { level: Some(members.broken), affected, breach: None },
                }
            }
            (Self::Order(rule), Measured::Order(order)) => rule.apply(order, tables),
            _ => Ruling::default(),
        }
    }

    /// The level of one item, where they are rated one by one.
    pub(super) fn item(&self, item: &Item, tables: &Tables) -> Option<Level> {
        match self {
            Self::Table(column) => tables.level(item, *column),
            Self::Each { names, otherwise } => {
                Some(names.get(&tables.name(item)).copied().unwrap_or(*otherwise))
            }
            _ => None,
        }
    }

    fn worst(&self, items: &[Item], open: bool, tables: &Tables) -> Ruling {
        let mut rated: Vec<(Level, &Item)> =
            items.iter().filter_map(|item| Some((self.item(item, tables)?, item))).collect();
        rated.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
        let worst = rated.first().map_or(Level::Good, |(level, _)| *level);
        let affected = rated.iter().filter(|(level, _)| *level > Level::Sufficient);
        Ruling {
            // Good ones prove nothing while there may be bad ones.
            level: (!open || worst == Level::Insufficient).then_some(worst),
            affected: affected.map(|(_, item)| (*item).clone()).collect(),
            breach: None,
        }
    }
}
