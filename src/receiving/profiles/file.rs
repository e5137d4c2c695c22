//! A profile as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::order::OrderRule;
use super::rule::{Members, Rule};
use super::set::Set;
use super::{Aggregate, Circumstance, Section, System, Worst};
use crate::receiving::checks::{Column, Level, Word};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ProfileFile {
    pub(super) title: String,
    pub(super) date: String,
    pub(super) source: String,
    pub(super) system: System,
    #[serde(default = "yes")]
    pub(super) implicit_mx: bool,
    #[serde(default = "yes")]
    pub(super) beside_null_mx: bool,
    #[serde(default)]
    pub(super) sections: BTreeMap<Section, Aggregate>,
    pub(super) check: Vec<CheckFile>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct CheckFile {
    pub(super) id: String,
    #[serde(default)]
    pub(super) aspect: Option<String>,
    #[serde(default)]
    pub(super) section: Option<Section>,
    #[serde(default)]
    pub(super) points: u16,
    #[serde(default)]
    pub(super) worth: BTreeMap<Word, u16>,
    #[serde(default)]
    pub(super) worst: Worst,
    #[serde(default)]
    pub(super) required_with: Option<Circumstance>,
    #[serde(default)]
    pub(super) excused_with: Option<Circumstance>,
    /// What it is worth where the question does not arise; all, if nothing is said.
    #[serde(default)]
    pub(super) elsewhere: Option<u16>,
    #[serde(default)]
    pub(super) left_out_elsewhere: bool,
    #[serde(default)]
    pub(super) needs: Option<String>,
    #[serde(default)]
    pub(super) counts_with: Option<String>,

    // Of these exactly one.
    #[serde(default)]
    always: Option<Level>,
    #[serde(default)]
    words: Option<BTreeMap<Word, Level>>,
    #[serde(default)]
    table: Option<Column>,
    #[serde(default)]
    each: Option<BTreeMap<String, Level>>,
    #[serde(default)]
    at_most: Option<BTreeMap<Level, u32>>,
    #[serde(default)]
    at_least: Option<BTreeMap<Level, u32>>,
    #[serde(default)]
    any_of: Option<MembersFile>,
    #[serde(default)]
    none_of: Option<MembersFile>,
    #[serde(default)]
    order: Option<OrderRule>,
    /// What no step, and no name, is said of: with `each`, `at-most`, `at-least`.
    #[serde(default)]
    otherwise: Option<Level>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct MembersFile {
    #[serde(default)]
    sets: Vec<Set>,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default = "good")]
    kept: Level,
    #[serde(default = "insufficient")]
    broken: Level,
}

fn good() -> Level {
    Level::Good
}

fn insufficient() -> Level {
    Level::Insufficient
}

impl From<MembersFile> for Members {
    fn from(file: MembersFile) -> Self {
        let MembersFile { sets, items, kept, broken } = file;
        Self { sets, items, kept, broken }
    }
}

impl CheckFile {
    /// Its one rule; else which key is wrong and why.
    pub(super) fn rule(&mut self) -> Result<Rule, (&'static str, String)> {
        let otherwise = self.otherwise;
        let stepped = |key: &'static str| {
            otherwise.ok_or((key, "needs `otherwise`, the level of all the rest".to_owned()))
        };
        let mut rules: Vec<(&'static str, Rule)> = Vec::new();
        rules.extend(self.always.map(|level| ("always", Rule::Always(level))));
        rules.extend(self.words.take().map(|levels| ("words", Rule::Words(levels))));
        rules.extend(self.table.map(|column| ("table", Rule::Table(column))));
        rules.extend(self.any_of.take().map(|members| ("any-of", Rule::AnyOf(members.into()))));
        rules.extend(self.none_of.take().map(|members| ("none-of", Rule::NoneOf(members.into()))));
        rules.extend(self.order.map(|rule| ("order", Rule::Order(rule))));
        if let Some(names) = self.each.take() {
            rules.push(("each", Rule::Each { names, otherwise: stepped("each")? }));
        }
        if let Some(steps) = self.at_most.take() {
            rules.push(("at-most", Rule::AtMost { steps, otherwise: stepped("at-most")? }));
        }
        if let Some(steps) = self.at_least.take() {
            rules.push(("at-least", Rule::AtLeast { steps, otherwise: stepped("at-least")? }));
        }
        match rules.len() {
            1 => {}
            0 => {
                return Err((
                    "words",
                    "is missing, or another rule: `always`, `table`, `each`, `at-most`, `at-least`, `any-of`, \
                     `none-of` or `order`"
                        .to_owned(),
                ));
            }
            _ => return Err((rules[1].0, format!("and `{}` are two rules; one is allowed", rules[0].0))),
        }
        let (key, rule) = rules.remove(0);
        let with_rest = matches!(rule, Rule::Each { .. } | Rule::AtMost { .. } | Rule::AtLeast { .. });
        if otherwise.is_some() && !with_rest {
            return Err(("otherwise", format!("has no meaning beside `{key}`")));
        }
        Ok(rule)
    }
}
