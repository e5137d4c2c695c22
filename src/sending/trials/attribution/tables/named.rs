//! The questions and visits that name a trial by its label, by what they name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::sending::history::{Noted, Place, PolicyFetched, Queried, Seq};
use crate::sending::trials::labels::Key;
use crate::shared::time::Timestamp;

/// What was noted of a label, each with what it names, the oldest first.
#[derive(Debug)]
struct Kept<T> {
    by_time: BTreeMap<Place, (Key, Arc<T>)>,
    of_key: HashMap<Key, BTreeSet<Place>>,
    /// The time up to which some are missing to make room.
    lost_until: Timestamp,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_time: BTreeMap::new(), of_key: HashMap::new(), lost_until: Timestamp::MIN }
    }
}

impl<T> Kept<T> {
    fn insert(&mut self, key: Key, place: Place, what: Arc<T>) {
        self.of_key.entry(key.clone()).or_default().insert(place);
        self.by_time.insert(place, (key, what));
    }

    /// Forgets what is older than `horizon`, and the oldest beyond `max`.
    fn keep(&mut self, horizon: Timestamp, max: usize) {
        while let Some(first) = self.by_time.first_entry() {
            let at = first.key().0;
            let beyond = self.by_time.len() > max;
            if at >= horizon && !beyond {
                return;
            }
            if at >= horizon {
                self.lost_until = self.lost_until.max(at);
            }
            self.forget_first();
        }
    }

    fn forget_up_to(&mut self, until: Timestamp) {
        while self.by_time.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some((place, (key, _))) = self.by_time.pop_first() else { return };
        if let Some(places) = self.of_key.get_mut(&key) {
            places.remove(&place);
            if places.is_empty() {
                self.of_key.remove(&key);
            }
        }
    }

    fn of(&self, key: &Key, from: Timestamp) -> impl Iterator<Item = Place> {
        let places = self.of_key.get(key).into_iter();
        places.flat_map(move |places| places.range((from, Seq(i64::MIN))..)).copied()
    }

    fn get(&self, place: &Place) -> Option<Noted<Arc<T>>> {
        let (_, what) = self.by_time.get(place)?;
        Some(Noted { seq: place.1, at: place.0, what: Arc::clone(what) })
    }
}

/// What carries labels. Each is of the trial that has the label, and of no other.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct NamedTable {
    questions: Kept<Queried>,
    fetches: Kept<PolicyFetched>,
}

impl NamedTable {
    pub(in crate::sending::trials) fn ask(&mut self, key: Key, asked: &Noted<Queried>) {
        self.questions.insert(key, (asked.at, asked.seq), Arc::new(asked.what.clone()));
    }

    pub(in crate::sending::trials) fn fetch(&mut self, key: Key, (at, seq): Place, fetched: &PolicyFetched) {
        self.fetches.insert(key, (at, seq), Arc::new(fetched.clone()));
    }

    /// Questions up to a time were deleted.
    pub(in crate::sending::trials) fn forget_questions(&mut self, until: Timestamp) {
        self.questions.forget_up_to(until);
    }

    /// Visits up to a time were deleted.
    pub(in crate::sending::trials) fn forget_fetches(&mut self, until: Timestamp) {
        self.fetches.forget_up_to(until);
    }

    /// Forgets what is older than `horizon`, and the oldest questions and visits beyond these numbers.
    pub(in crate::sending::trials) fn keep(
        &mut self,
        horizon: Timestamp,
        (questions_max, fetches_max): (usize, usize),
    ) {
        self.questions.keep(horizon, questions_max);
        self.fetches.keep(horizon, fetches_max);
    }

    /// How many questions and how many visits are remembered.
    pub(in crate::sending::trials) fn len(&self) -> (usize, usize) {
        (self.questions.by_time.len(), self.fetches.by_time.len())
    }

    /// Whether none of the questions, and none of the visits, from `from` on went to make room.
    pub(in crate::sending::trials) fn is_complete_from(&self, from: Timestamp) -> (bool, bool) {
        (self.questions.lost_until < from, self.fetches.lost_until < from)
    }

    pub(in crate::sending::trials) fn questions_of(
        &self,
        key: &Key,
        from: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.questions.of(key, from)
    }

    pub(in crate::sending::trials) fn fetches_of(
        &self,
        key: &Key,
        from: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.fetches.of(key, from)
    }

    pub(in crate::sending::trials) fn question(&self, place: &Place) -> Option<Noted<Arc<Queried>>> {
        self.questions.get(place)
    }

    pub(in crate::sending::trials) fn fetched(&self, place: &Place) -> Option<Noted<Arc<PolicyFetched>>> {
        self.fetches.get(place)
    }
}
