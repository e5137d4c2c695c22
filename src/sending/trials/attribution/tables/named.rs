//! The questions and visits that name a trial by its label, by what they name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::sending::history::{Noted, Place, PolicyFetched, Queried, Seq};
use crate::sending::trials::labels::Key;
use crate::shared::time::Timestamp;

/// How many questions, and how many visits, are remembered of one label. What is judged with a trial is far less, and the names
/// of the pool are public.
const OF_KEY_MAX: usize = 5_000;
/// Which part of what may be remembered is for labels that are nobody's yet, which anybody can invent.
const NOBODYS_SHARE: usize = 4;

/// Where what was noted of one label is.
#[derive(Debug)]
struct OfKey {
    places: BTreeSet<Place>,
    /// The time up to which some of it are missing.
    lost_until: Timestamp,
}

impl Default for OfKey {
    fn default() -> Self {
        Self { places: BTreeSet::new(), lost_until: Timestamp::MIN }
    }
}

/// What was noted of labels, each with what it names, the oldest first.
#[derive(Debug)]
struct Kept<T> {
    by_time: BTreeMap<Place, (Key, Arc<T>)>,
    of_key: HashMap<Key, OfKey>,
    /// The time up to which some are missing to make room.
    lost_until: Timestamp,
    /// Whether any label has losses of its own.
    has_losses: bool,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        let (by_time, of_key) = (BTreeMap::new(), HashMap::new());
        Self { by_time, of_key, lost_until: Timestamp::MIN, has_losses: false }
    }
}

impl<T> Kept<T> {
    fn insert(&mut self, key: Key, place: Place, what: Arc<T>) {
        let of_key = self.of_key.entry(key.clone()).or_default();
        if of_key.places.len() >= OF_KEY_MAX {
            of_key.lost_until = of_key.lost_until.max(place.0);
            self.has_losses = true;
            return;
        }
        of_key.places.insert(place);
        self.by_time.insert(place, (key, what));
    }

    /// Takes out what there is of a label, and until when some of it are missing.
    fn take(&mut self, key: &Key) -> (Vec<(Place, Arc<T>)>, Timestamp) {
        let OfKey { places, lost_until } = self.of_key.remove(key).unwrap_or_default();
        let taken = places.into_iter().filter_map(|place| Some((place, self.by_time.remove(&place)?.1)));
        (taken.collect(), lost_until.max(self.lost_until))
    }

    /// Takes in what another had of a label.
    fn adopt(&mut self, key: &Key, (taken, lost_until): (Vec<(Place, Arc<T>)>, Timestamp)) {
        if lost_until > Timestamp::MIN {
            let of_key = self.of_key.entry(key.clone()).or_default();
            of_key.lost_until = of_key.lost_until.max(lost_until);
            self.has_losses = true;
        }
        taken.into_iter().for_each(|(place, what)| self.insert(key.clone(), place, what));
    }

    /// Forgets what is older than `horizon`, and the oldest beyond `max`.
    fn keep(&mut self, horizon: Timestamp, max: usize) {
        while let Some(first) = self.by_time.first_entry() {
            let at = first.key().0;
            let beyond = self.by_time.len() > max;
            if at >= horizon && !beyond {
                break;
            }
            if at >= horizon {
                self.lost_until = self.lost_until.max(at);
            }
            self.forget_first();
        }
        if self.has_losses {
            self.of_key.retain(|_, of_key| !of_key.places.is_empty() || of_key.lost_until >= horizon);
            self.has_losses = self.of_key.values().any(|of_key| of_key.lost_until >= horizon);
        }
    }

    fn forget_up_to(&mut self, until: Timestamp) {
        while self.by_time.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some((place, (key, _))) = self.by_time.pop_first() else { return };
        if let Some(of_key) = self.of_key.get_mut(&key) {
            of_key.places.remove(&place);
            if of_key.places.is_empty() && of_key.lost_until == Timestamp::MIN {
                self.of_key.remove(&key);
            }
        }
    }

    fn is_complete_of(&self, key: &Key, from: Timestamp) -> bool {
        self.lost_until < from && self.of_key.get(key).is_none_or(|of_key| of_key.lost_until < from)
    }

    fn of(&self, key: &Key, from: Timestamp) -> impl Iterator<Item = Place> {
        let of_key = self.of_key.get(key).into_iter();
        of_key.flat_map(move |of_key| of_key.places.range((from, Seq(i64::MIN))..)).copied()
    }

    fn get(&self, place: &Place) -> Option<Noted<Arc<T>>> {
        let (_, what) = self.by_time.get(place)?;
        Some(Noted { seq: place.1, at: place.0, what: Arc::clone(what) })
    }
}

/// What carries labels of a kind.
#[derive(Debug, Default)]
struct Lookups {
    questions: Kept<Queried>,
    fetches: Kept<PolicyFetched>,
}

/// What carries labels. Each is of the trial that has the label, and of no other. Labels that are nobody's yet are
/// kept apart: whoever invents them without end displaces nothing of trials.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct NamedTable {
    somebodys: Lookups,
    nobodys: Lookups,
}

impl NamedTable {
    pub(in crate::sending::trials) fn ask(&mut self, key: Key, is_somebodys: bool, asked: &Noted<Queried>) {
        let questions = &mut self.of_kind(is_somebodys).questions;
        questions.insert(key, (asked.at, asked.seq), Arc::new(asked.what.clone()));
    }

    pub(in crate::sending::trials) fn fetch(
        &mut self,
        key: Key,
        is_somebodys: bool,
        place: Place,
        fetched: &PolicyFetched,
    ) {
        self.of_kind(is_somebodys).fetches.insert(key, place, Arc::new(fetched.clone()));
    }

    fn of_kind(&mut self, is_somebodys: bool) -> &mut Lookups {
        if is_somebodys { &mut self.somebodys } else { &mut self.nobodys }
    }

    /// A label is somebody's from now on, with what was asked and visited before.
    pub(in crate::sending::trials) fn take_over(&mut self, key: &Key) {
        let Self { somebodys, nobodys } = self;
        somebodys.questions.adopt(key, nobodys.questions.take(key));
        somebodys.fetches.adopt(key, nobodys.fetches.take(key));
    }

    /// Questions up to a time were deleted.
    pub(in crate::sending::trials) fn forget_questions(&mut self, until: Timestamp) {
        self.somebodys.questions.forget_up_to(until);
        self.nobodys.questions.forget_up_to(until);
    }

    /// Visits up to a time were deleted.
    pub(in crate::sending::trials) fn forget_fetches(&mut self, until: Timestamp) {
        self.somebodys.fetches.forget_up_to(until);
        self.nobodys.fetches.forget_up_to(until);
    }

    /// Forgets what is older than `horizon`, and the oldest questions and visits beyond these numbers.
    pub(in crate::sending::trials) fn keep(
        &mut self,
        horizon: Timestamp,
        (questions_max, fetches_max): (usize, usize),
    ) {
        let Self { somebodys, nobodys } = self;
        nobodys.questions.keep(horizon, questions_max / NOBODYS_SHARE);
        nobodys.fetches.keep(horizon, fetches_max / NOBODYS_SHARE);
        somebodys.questions.keep(horizon, questions_max - questions_max / NOBODYS_SHARE);
        somebodys.fetches.keep(horizon, fetches_max - fetches_max / NOBODYS_SHARE);
    }

    /// How many questions and how many visits are remembered.
    pub(in crate::sending::trials) fn len(&self) -> (usize, usize) {
        let kinds = [&self.somebodys, &self.nobodys];
        let questions = kinds.iter().map(|kind| kind.questions.by_time.len()).sum();
        (questions, kinds.iter().map(|kind| kind.fetches.by_time.len()).sum())
    }

    /// Whether none of the questions, and none of the visits, that name somebody's label went from `from` on to make room.
    pub(in crate::sending::trials) fn is_complete_of(&self, key: &Key, from: Timestamp) -> (bool, bool) {
        let Lookups { questions, fetches } = &self.somebodys;
        (questions.is_complete_of(key, from), fetches.is_complete_of(key, from))
    }

    pub(in crate::sending::trials) fn questions_of(
        &self,
        key: &Key,
        from: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.somebodys.questions.of(key, from)
    }

    pub(in crate::sending::trials) fn fetches_of(
        &self,
        key: &Key,
        from: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.somebodys.fetches.of(key, from)
    }

    pub(in crate::sending::trials) fn question(&self, place: &Place) -> Option<Noted<Arc<Queried>>> {
        self.somebodys.questions.get(place)
    }

    pub(in crate::sending::trials) fn fetched(&self, place: &Place) -> Option<Noted<Arc<PolicyFetched>>> {
        self.somebodys.fetches.get(place)
    }
}
