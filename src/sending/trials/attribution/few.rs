//! Few of many.

use std::collections::BTreeSet;

use crate::sending::history::Place;
use crate::shared::time::{Timestamp, before};

/// How many links and visits of strangers are looked at for a trial, to find its own.
pub(super) const LOOKED_AT_MAX: usize = 4_000;

/// How many links of strangers are shown with a trial: they named it, and nothing ties them to its sender.
pub(super) const STRANGERS_MAX: usize = 20;

/// How many are looked at and counted of what is too much to be judged.
pub(super) const COUNTED_MAX: usize = 100_000;

/// How many are counted beyond those that are judged, where all of a source are taken in: behind a busy resolver each look at a
/// trial would count all that it asked for others.
const BEYOND_COUNTED_MAX: usize = 10_000;

/// The first places of many, and how many more there are.
pub(super) struct Few {
    max: usize,
    pub(super) places: BTreeSet<Place>,
    pub(super) beyond: u32,
}

impl Few {
    pub(super) fn new(max: usize) -> Self {
        Self { max, places: BTreeSet::new(), beyond: 0 }
    }

    /// Takes in all places of a source, as far as they are judged, and counts the next of them: one that is left out is never
    /// the only one beyond.
    pub(super) fn extend(&mut self, places: impl Iterator<Item = Place>) {
        places.take(self.max.saturating_add(BEYOND_COUNTED_MAX)).for_each(|place| self.insert(place));
    }

    pub(super) fn insert(&mut self, place: Place) {
        if self.places.len() < self.max {
            self.places.insert(place);
        } else if !self.places.contains(&place) {
            self.beyond = self.beyond.saturating_add(1);
        }
    }
}

/// Spans of time, in the order of their beginnings, joined where they overlap.
pub(super) fn joined(spans: &[(Timestamp, Timestamp)]) -> Vec<(Timestamp, Timestamp)> {
    let mut spans = spans.to_vec();
    spans.sort();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (begin, end) in spans {
        match joined.last_mut() {
            Some((_, last)) if begin <= *last => *last = end.max(*last),
            _ => joined.push((begin, end)),
        }
    }
    joined
}

/// The spans of time that end at these times and begin `lead_s` before, joined where they overlap, and none before
/// `from`.
pub(super) fn spans(until: &[Timestamp], lead_s: u32, from: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let until = until.iter().filter(|end| **end >= from);
    let spans: Vec<_> = until.map(|end| (before(*end, lead_s).max(from), *end)).collect();
    joined(&spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::history::Seq;

    #[test]
    fn what_is_left_out_is_never_unsaid() {
        for (max, come) in [
            (2, 2),
            (2, 3),
            (3 * BEYOND_COUNTED_MAX, 3 * BEYOND_COUNTED_MAX + 1),
            (2, 5 * BEYOND_COUNTED_MAX),
        ] {
            let mut few = Few::new(max);
            few.extend((0..come).map(|n| (Timestamp::UNIX_EPOCH, Seq(i64::try_from(n).unwrap()))));
            assert_eq!(few.places.len(), max);
            let beyond = (come - max).min(BEYOND_COUNTED_MAX);
            assert_eq!(few.beyond as usize, beyond);
        }
    }
}
