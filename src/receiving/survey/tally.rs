//! What many domains come to together: counts, and beside each what was not measured.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::row::{Row, Why};

/// Lindenberg's colours, the best first.
pub const COLOURS: [&str; 4] = ["green", "white", "yellow", "red"];
/// The letters of our own rules, the best first.
pub const LETTERS: [&str; 6] = ["A+", "A", "B", "C", "D", "F"];
/// Ranges of internet.nl's percentage, the best first, with the least of each.
pub const SCORES: [(&str, u8); 5] = [("100", 100), ("90-99", 90), ("75-89", 75), ("50-74", 50), ("0-49", 0)];
/// How many values of an attribute, and operators, are told apart: the largest. The rest is one group.
const GROUPS_MAX: usize = 200;
/// How many are told apart while they are counted, before it is known which are the largest; what comes beyond is of the rest.
const GROUPS_COUNTED_MAX: usize = 20_000;
/// What the rest is called, and what has no value.
pub(super) const OTHERS: &str = "(others)";
pub(super) const NO_VALUE: &str = "(none)";

/// How many are of which kind, and how many were not measured, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    pub measured: u64,
    pub not_measured: u64,
    /// Those that have nothing to measure: neither of the two.
    pub nothing_to_measure: u64,
    pub counts: BTreeMap<&'static str, u64>,
}

impl Share {
    /// How many are of a kind.
    pub fn count(&self, kind: &str) -> u64 {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    fn add(&mut self, kind: Option<&'static str>) {
        match kind {
            Some(kind) => {
                self.measured += 1;
                *self.counts.entry(kind).or_default() += 1;
            }
            None => self.not_measured += 1,
        }
    }
}

/// What some domains come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All of them.
    pub domains: u64,
    /// Those that have something to measure: the whole of each share.
    pub counted: u64,
    pub colours: Share,
    pub letters: Share,
    pub scores: Share,
    /// Why something of a domain was not measured, or why there is nothing to measure.
    pub why: BTreeMap<&'static str, u64>,
    /// Those among them whose checks were made, be it not all.
    pub checked: u64,
    /// How many of these fail each check.
    pub faults: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts one more domain.
    pub fn add(&mut self, row: &Row) {
        self.domains += 1;
        if let Some(why) = row.why {
            *self.why.entry(why.name()).or_default() += 1;
        }
        if row.why.is_some_and(Why::has_nothing) {
            for share in [&mut self.colours, &mut self.letters, &mut self.scores] {
                share.nothing_to_measure += 1;
            }
            return;
        }
        self.counted += 1;
        self.colours.add(row.colour);
        self.letters.add(row.letter);
        let range = |score: u8| SCORES.iter().find(|(_, least)| score >= *least).map(|(name, _)| *name);
        self.scores.add(row.score.and_then(range));
        if row.is_checked() {
            self.checked += 1;
            for fault in &row.faults {
                *self.faults.entry(fault).or_default() += 1;
            }
        }
    }

    /// Adds what others come to.
    fn merge(&mut self, other: &Self) {
        self.domains += other.domains;
        self.counted += other.counted;
        self.checked += other.checked;
        for (share, more) in [
            (&mut self.colours, &other.colours),
            (&mut self.letters, &other.letters),
            (&mut self.scores, &other.scores),
        ] {
            share.measured += more.measured;
            share.not_measured += more.not_measured;
            share.nothing_to_measure += more.nothing_to_measure;
            sum(&mut share.counts, &more.counts);
        }
        sum(&mut self.why, &other.why);
        sum(&mut self.faults, &other.faults);
    }

    /// The checks that most domains fail, with their counts.
    pub fn top_faults(&self, at_most: usize) -> Vec<(&'static str, u64)> {
        let mut faults: Vec<_> = self.faults.iter().map(|(check, count)| (*check, *count)).collect();
        faults.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        faults.truncate(at_most);
        faults
    }
}

/// The domains of a survey, as a whole and by groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tallies {
    pub all: Tally,
    /// By the values of each attribute of the list.
    pub by_attribute: Vec<(String, BTreeMap<String, Tally>)>,
    /// By who operates the mail servers; a domain with several counts at each.
    pub by_operator: BTreeMap<String, Tally>,
}

impl Tallies {
    /// Nothing counted yet, of a list with these attributes.
    pub fn new(attributes: &[String]) -> Self {
        let by_attribute = attributes.iter().map(|name| (name.clone(), BTreeMap::new())).collect();
        Self { by_attribute, ..Self::default() }
    }

    /// Counts one more domain.
    pub fn add(&mut self, row: &Row) {
        self.all.add(row);
        for ((_, groups), value) in self.by_attribute.iter_mut().zip(&row.values) {
            let value = if value.is_empty() { NO_VALUE } else { value };
            group(groups, value).add(row);
        }
        for operator in &row.operators {
            group(&mut self.by_operator, operator).add(row);
        }
    }

    /// Ends the counting: beyond the largest groups the rest becomes one. A domain with two operators among the rest counts
    /// there at each.
    #[must_use]
    pub fn counted(mut self) -> Self {
        self.by_attribute.iter_mut().for_each(|(_, groups)| cut(groups));
        cut(&mut self.by_operator);
        self
    }

    /// The largest groups first.
    pub fn largest(groups: &BTreeMap<String, Tally>, at_most: usize) -> Vec<(&str, &Tally)> {
        let mut all: Vec<(&str, &Tally)> =
            groups.iter().map(|(name, tally)| (name.as_str(), tally)).collect();
        all.sort_by(|one, other| other.1.domains.cmp(&one.1.domains).then(one.0.cmp(other.0)));
        all.truncate(at_most);
        all
    }
}

fn group<'a>(groups: &'a mut BTreeMap<String, Tally>, name: &str) -> &'a mut Tally {
    let known = groups.len() < GROUPS_COUNTED_MAX || groups.contains_key(name);
    groups.entry(if known { name } else { OTHERS }.to_owned()).or_default()
}

fn cut(groups: &mut BTreeMap<String, Tally>) {
    let largest = Tallies::largest(groups, GROUPS_MAX);
    let kept: BTreeSet<String> = largest.into_iter().map(|(name, _)| name.to_owned()).collect();
    let all = std::mem::take(groups);
    for (name, tally) in all {
        let name = if kept.contains(&name) { name } else { OTHERS.to_owned() };
        groups.entry(name).or_default().merge(&tally);
    }
}

fn sum(counts: &mut BTreeMap<&'static str, u64>, more: &BTreeMap<&'static str, u64>) {
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_groups_are_told_apart_wherever_they_come_in_the_list() {
        let row = |domain: String, operator: String| Row {
            operators: vec![operator],
            faults: vec!["starttls"],
            ..Row::not_begun(&domain, Vec::new())
        };
        let mut tallies = Tallies::new(&[]);
        for nth in 0..GROUPS_MAX + 5 {
            tallies.add(&row(format!("d{nth}.example"), format!("small{nth:03}")));
        }
        for nth in 0..7 {
            tallies.add(&row(format!("l{nth}.example"), "large".to_owned()));
        }
        let tallies = tallies.counted();
        assert_eq!(tallies.by_operator["large"].domains, 7);
        assert_eq!(tallies.by_operator[OTHERS].domains, 6);
        assert_eq!(tallies.by_operator.len(), GROUPS_MAX + 1);
        let all: u64 = tallies.by_operator.values().map(|tally| tally.domains).sum();
        assert_eq!(all, tallies.all.domains);
    }

    #[test]
    fn a_domain_that_was_not_looked_at_is_in_no_share_of_a_check() {
        let mut tallies = Tallies::new(&[]);
        tallies.add(&Row::not_begun("a.example", Vec::new()));
        let looked_at = Row {
            at: Some(crate::shared::time::Timestamp::UNIX_EPOCH),
            why: Some(Why::Silent),
            faults: vec!["starttls"],
            ..Row::not_begun("b.example", Vec::new())
        };
        tallies.add(&looked_at);
        assert_eq!((tallies.all.counted, tallies.all.checked, tallies.all.faults["starttls"]), (2, 1, 1));
    }
}
