//! What changed between two surveys, both under the rules of today: so no change is one of rules.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::row::Row;
use super::tally::{COLOURS, LETTERS, SCORES};

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
    /// By internet.nl's percentage, and from which range to which.
    pub scores: Moves,
    /// Whose letter is better.
    pub better: Vec<Moved>,
    /// Whose letter is worse.
    pub worse: Vec<Moved>,
    /// Whose colour is better.
    pub better_colour: Vec<Moved>,
    /// Whose colour is worse.
    pub worse_colour: Vec<Moved>,
    #[serde(skip)]
    moved_max: usize,
}

impl Difference {
    /// Nothing compared yet. Of domains that moved so many are listed each way; all are counted.
    pub fn listing(moved_max: usize) -> Self {
        Self { moved_max, ..Self::default() }
    }

    /// Compares a domain that is in both. `first` is how the earlier survey has it.
    pub fn both(&mut self, first: &Row, second: &Row) {
        self.in_both += 1;
        self.scores.add_scores(first.score, second.score);
        let recoloured = self.colours.add(&COLOURS, first.colour, second.colour);
        let regraded = self.letters.add(&LETTERS, first.letter, second.letter);
        for (better, lists, from, to) in [
            (regraded, [&mut self.better, &mut self.worse], first.letter, second.letter),
            (recoloured, [&mut self.better_colour, &mut self.worse_colour], first.colour, second.colour),
        ] {
            let (Some(better), Some(from), Some(to)) = (better, from, to) else { continue };
            let [betters, worses] = lists;
            let list = if better { betters } else { worses };
            if list.len() < self.moved_max {
                list.push(Moved { domain: second.domain.clone(), from, to });
            }
        }
    }

    /// Counts a domain that the earlier survey alone has.
    pub fn only_in_first(&mut self) {
        self.only_in_first += 1;
    }

    /// Counts a domain that the later survey alone has.
    pub fn only_in_second(&mut self) {
        self.only_in_second += 1;
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
        self.moved((from, to), place(to).cmp(&place(from)))
    }

    fn add_scores(&mut self, from: Option<u8>, to: Option<u8>) {
        let (Some(from), Some(to)) = (from, to) else {
            self.not_comparable += 1;
            return;
        };
        let range = |score: u8| SCORES.iter().find(|(_, least)| score >= *least).map_or("", |(name, _)| name);
        self.moved((range(from), range(to)), from.cmp(&to));
    }

    /// Counts a move between two kinds; `order` is less where it is better.
    fn moved(&mut self, (from, to): (&str, &str), order: Ordering) -> Option<bool> {
        let better = match order {
            Ordering::Equal => {
                self.same += 1;
                return None;
            }
            order => order.is_lt(),
        };
        *(if better { &mut self.better } else { &mut self.worse }) += 1;
        if from != to {
            *self.ways.entry(format!("{from} to {to}")).or_default() += 1;
        }
        Some(better)
    }
}

impl Difference {
    /// In lines of at most 80 columns.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} domains are in both surveys, {} in the first alone, {} in the second.\n\
             Both are judged by the rules of this version.\n\n",
            self.in_both, self.only_in_first, self.only_in_second
        );
        for (name, moves) in [("Colour", &self.colours), ("Grade", &self.letters), ("Score", &self.scores)] {
            text += &format!(
                "{name}: {} better, {} worse, {} the same; {} not comparable, since not\nmeasured in both.\n",
                moves.better, moves.worse, moves.same, moves.not_comparable
            );
            for (way, count) in &moves.ways {
                text += &format!("  {count:>7}  {way}\n");
            }
        }
        let letters = &self.letters;
        for (name, moved, all) in
            [("Better", &self.better, letters.better), ("Worse", &self.worse, letters.worse)]
        {
            if moved.is_empty() {
                continue;
            }
            text += &format!("\n{name}, by grade:\n");
            for one in moved {
                text += &format!("  {} {} to {}\n", one.domain, one.from, one.to);
            }
            let more = all.saturating_sub(moved.len() as u64);
            if more > 0 {
                text += &format!("  and {more} more, which --json lists\n");
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
        let mut found = Difference::listing(1);
        for (domain, from, to) in [
            ("up.example", (Some("red"), Some("F")), (Some("white"), Some("B"))),
            ("down.example", (Some("green"), Some("A+")), (Some("white"), Some("A"))),
            ("lower.example", (Some("green"), Some("A+")), (Some("white"), Some("A"))),
            ("same.example", (Some("white"), Some("B")), (Some("white"), Some("B"))),
            ("dark.example", (Some("white"), Some("B")), (None, None)),
        ] {
            found.both(&row(domain, from.0, from.1), &row(domain, to.0, to.1));
        }
        found.only_in_first();
        found.only_in_second();
        assert_eq!((found.in_both, found.only_in_first, found.only_in_second), (5, 1, 1));
        let moves = |moves: &Moves| (moves.better, moves.worse, moves.same, moves.not_comparable);
        assert_eq!(moves(&found.colours), (1, 2, 1, 1));
        assert_eq!(moves(&found.letters), (1, 2, 1, 1));
        assert_eq!(found.letters.ways["F to B"], 1);
        assert_eq!((found.better_colour[0].domain.as_str(), found.worse_colour.len()), ("up.example", 1));
        assert_eq!(moves(&found.scores), (0, 0, 0, 5));
        let text = found.text();
        assert!(text.lines().all(|line| line.chars().count() <= 80));
        assert!(
            text.contains("  down.example A+ to A\n  and 1 more") && !text.contains("lower.example"),
            "{text}"
        );
    }

    #[test]
    fn a_score_moves_within_its_range_too() {
        let scored = |score| Row { score: Some(score), ..row("one.example", None, None) };
        let mut found = Difference::listing(1);
        for (from, to) in [(80, 85), (80, 40), (50, 50)] {
            found.both(&scored(from), &scored(to));
        }
        let scores = &found.scores;
        assert_eq!((scores.better, scores.worse, scores.same), (1, 1, 1));
        assert_eq!(scores.ways.iter().collect::<Vec<_>>(), [(&"75-89 to 0-49".to_owned(), &1)]);
    }
}
