//! What changed between two surveys, both under the rules of today: so no change is one of rules.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::row::Row;
use super::tally::{COLOURS, LETTERS};

/// What is compared of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    colour: Option<&'static str>,
    letter: Option<&'static str>,
}

/// How domains moved on one scale.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    pub better: u64,
    pub worse: u64,
    pub same: u64,
    /// Measured in one of the two alone, or in neither.
    pub not_comparable: u64,
    /// From where to where, with the count; what stayed is left out.
    pub ways: BTreeMap<String, u64>,
}

/// A domain that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub domain: String,
    pub from: &'static str,
    pub to: &'static str,
}

/// What changed between two surveys, under one version of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How many domains are in both.
    pub in_both: u64,
    pub only_in_first: u64,
    pub only_in_second: u64,
    pub colours: Moves,
    pub letters: Moves,
    /// Whose letter is better.
    pub better: Vec<Moved>,
    /// Whose letter is worse.
    pub worse: Vec<Moved>,
}

/// The first of two surveys, before the second one comes.
#[derive(Clone, Debug, Default)]
pub struct Earlier(HashMap<String, Known>);

impl Earlier {
    /// Takes a domain of it.
    pub fn add(&mut self, row: &Row) {
        self.0.insert(row.domain.clone(), Known { colour: row.colour, letter: row.letter });
    }

    /// Compares it with the domains of the second.
    pub fn against(mut self, second: impl IntoIterator<Item = Row>) -> Difference {
        let mut difference = Difference::default();
        for row in second {
            let Some(known) = self.0.remove(&row.domain) else {
                difference.only_in_second += 1;
                continue;
            };
            difference.in_both += 1;
            difference.colours.add(&COLOURS, known.colour, row.colour);
            let better = difference.letters.add(&LETTERS, known.letter, row.letter);
            if let (Some(better), Some(from), Some(to)) = (better, known.letter, row.letter) {
                let moved = Moved { domain: row.domain, from, to };
                if better { difference.better.push(moved) } else { difference.worse.push(moved) }
            }
        }
        difference.only_in_first = self.0.len() as u64;
        difference
    }
}

impl Moves {
    /// Whether it is better, if it is not the same.
    fn add(&mut self, scale: &[&str], from: Option<&'static str>, to: Option<&'static str>) -> Option<bool> {
        let place = |kind: &str| scale.iter().position(|known| *known == kind);
        let (Some(from), Some(to)) = (from, to) else {
            self.not_comparable += 1;
            return None;
        };
        if from == to {
            self.same += 1;
            return None;
        }
        let better = place(to) < place(from);
        *(if better { &mut self.better } else { &mut self.worse }) += 1;
        *self.ways.entry(format!("{from} to {to}")).or_default() += 1;
        Some(better)
    }
}

impl Difference {
    /// In lines of at most 80 columns; single domains up to `domains_max` of each kind.
    pub fn text(&self, domains_max: usize) -> String {
        let mut text = format!(
            "{} domains are in both surveys, {} in the first alone, {} in the second.\n\
             Both are judged by the rules of this version.\n\n",
            self.in_both, self.only_in_first, self.only_in_second
        );
        for (name, moves) in [("Colour", &self.colours), ("Grade", &self.letters)] {
            text += &format!(
                "{name}: {} better, {} worse, {} the same; {} not comparable, since not\nmeasured in both.\n",
                moves.better, moves.worse, moves.same, moves.not_comparable
            );
            for (way, count) in &moves.ways {
                text += &format!("  {count:>7}  {way}\n");
            }
        }
        for (name, moved) in [("Better", &self.better), ("Worse", &self.worse)] {
            if moved.is_empty() {
                continue;
            }
            text += &format!("\n{name}, by grade:\n");
            for one in moved.iter().take(domains_max) {
                text += &format!("  {} {} to {}\n", one.domain, one.from, one.to);
            }
            if moved.len() > domains_max {
                text += &format!("  and {} more, which --json lists\n", moved.len() - domains_max);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::survey::Row;

    fn row(domain: &str, colour: Option<&'static str>, letter: Option<&'static str>) -> Row {
        Row { colour, letter, ..Row::not_begun(domain, Vec::new()) }
    }

    #[test]
    fn moves_are_counted_and_what_is_not_measured_is_no_move() {
        let mut earlier = Earlier::default();
        for row in [
            row("up.example", Some("red"), Some("F")),
            row("down.example", Some("green"), Some("A+")),
            row("same.example", Some("white"), Some("B")),
            row("gone.example", Some("white"), Some("B")),
            row("dark.example", Some("white"), Some("B")),
        ] {
            earlier.add(&row);
        }
        let found = earlier.against([
            row("up.example", Some("white"), Some("B")),
            row("down.example", Some("white"), Some("A")),
            row("same.example", Some("white"), Some("B")),
            row("dark.example", None, None),
            row("new.example", Some("red"), Some("F")),
        ]);
        assert_eq!((found.in_both, found.only_in_first, found.only_in_second), (4, 1, 1));
        let moves = |moves: &Moves| (moves.better, moves.worse, moves.same, moves.not_comparable);
        assert_eq!(moves(&found.colours), (1, 1, 1, 1));
        assert_eq!(moves(&found.letters), (1, 1, 1, 1));
        assert_eq!(found.letters.ways["F to B"], 1);
        assert!(found.text(10).lines().all(|line| line.chars().count() <= 80));
    }
}
