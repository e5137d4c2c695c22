//! The questions to our DNS, by time and by who asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ipnet::IpNet;

use crate::sending::history::{Noted, Place, Queried, Seq};
use crate::sending::trial::Network;
use crate::shared::time::{Timestamp, before};

use super::losses::Losses;

/// A question for a name of the suite.
#[derive(Clone, Debug)]
struct Question {
    what: Arc<Queried>,
    network: Network,
    /// Whether it is for an MTA-STS record.
    for_policy: bool,
}

/// What the resolvers of one network asked.
#[derive(Debug, Default)]
struct Asked {
    all: BTreeSet<Place>,
    /// Those for MTA-STS records.
    for_policy: BTreeSet<Place>,
}

/// The questions that are remembered.
#[derive(Debug, Default)]
pub(in crate::sending::trials) struct QuestionTable {
    by_time: BTreeMap<Place, Question>,
    /// Those that lead to a host of the suite: for MX records, or for a host's address.
    leading: BTreeMap<Place, Network>,
    /// Those for MTA-STS records, which are looked for over a far longer time than others.
    for_policy: BTreeSet<Place>,
    by_network: HashMap<Network, Asked>,
    losses: Losses,
}

/// How many questions before a link are looked at, at most, to find who led to it.
const LEAD_QUESTIONS_MAX: usize = 512;

impl QuestionTable {
    /// Takes in a question. `leads`: it is for MX records or the address of a host; `own`: a self-check may have asked.
    pub(in crate::sending::trials) fn insert(&mut self, question: &Noted<Queried>, leads: bool, own: bool) {
        let place = (question.at, question.seq);
        let network = Network::of(question.what.source.ip());
        let (what, for_policy) = (Arc::new(question.what.clone()), question.what.is_for_mta_sts());
        self.by_time.insert(place, Question { what, network, for_policy });
        let asked = self.by_network.entry(network).or_default();
        asked.all.insert(place);
        if for_policy {
            asked.for_policy.insert(place);
            self.for_policy.insert(place);
        }
        if leads && !own {
            self.leading.insert(place, network);
        }
    }

    /// Some questions up to a time are missing, of one site or of anybody; with `deleted`, none of that time is kept.
    pub(in crate::sending::trials) fn lost(
        &mut self,
        network: Option<IpNet>,
        until: Timestamp,
        deleted: bool,
    ) {
        self.losses.note(network, until);
        if deleted {
            self.forget(|(at, _)| at <= until, usize::MAX);
        }
    }

    /// Whether none of these networks is missing from `from` on; `None`: none of anybody's.
    pub(in crate::sending::trials) fn is_complete_from(
        &self,
        from: Timestamp,
        networks: Option<&BTreeSet<Network>>,
    ) -> bool {
        self.losses.is_complete_from(from, networks)
    }

    /// Forgets what is older than `horizon`, and the oldest beyond `max`.
    pub(in crate::sending::trials) fn keep(&mut self, horizon: Timestamp, max: usize) {
        self.losses.keep(horizon);
        self.forget(|(at, _)| at < horizon, usize::MAX);
        let beyond = self.by_time.len().saturating_sub(max);
        if let Some(((at, _), _)) = beyond.checked_sub(1).and_then(|last| self.by_time.iter().nth(last)) {
            self.losses.note(None, *at);
            self.forget(|_| true, beyond);
        }
    }

    fn forget(&mut self, is_old: impl Fn(Place) -> bool, at_most: usize) {
        for _ in 0..at_most {
            let Some(first) = self.by_time.first_entry().filter(|first| is_old(*first.key())) else { return };
            let (place, question) = first.remove_entry();
            self.leading.remove(&place);
            self.for_policy.remove(&place);
            if let Some(asked) = self.by_network.get_mut(&question.network) {
                asked.all.remove(&place);
                asked.for_policy.remove(&place);
                if asked.all.is_empty() {
                    self.by_network.remove(&question.network);
                }
            }
        }
    }

    /// How many are remembered.
    pub(in crate::sending::trials) fn len(&self) -> usize {
        self.by_time.len()
    }

    /// The networks whose question led to a link opened at `opened`: that asked last in the lead, or nearly so.
    pub(in crate::sending::trials) fn led_to(
        &self,
        opened: Timestamp,
        lead_s: u32,
        just_before_s: u32,
    ) -> BTreeSet<Network> {
        let lead = before(opened, lead_s);
        let upto = (opened, Seq(i64::MAX));
        let mut led =
            self.leading.range(..=upto).rev().take_while(|((at, _), _)| *at >= lead).take(LEAD_QUESTIONS_MAX);
        let Some(((last, _), network)) = led.next() else { return BTreeSet::new() };
        // Several may have asked at nearly the same time: each of them may have led here.
        let since = (*last).min(before(opened, just_before_s));
        let others = led.take_while(|((at, _), _)| *at >= since).map(|(_, network)| *network);
        others.chain([*network]).collect()
    }

    /// Whether all that [`Self::led_to`] and [`Self::asked_just_before`] look for were looked at. Where so many asked
    /// before a link, who led to it may have asked before them all, and stands nowhere.
    pub(in crate::sending::trials) fn is_lead_seen_through(
        &self,
        opened: Timestamp,
        lead_s: u32,
        just_before_s: u32,
    ) -> bool {
        let upto = (opened, Seq(i64::MAX));
        let (lead, just_before) = (before(opened, lead_s), before(opened, just_before_s.max(1)));
        let leading = self.leading.range((lead, Seq(i64::MIN))..=upto);
        let asked = self.by_time.range((just_before, Seq(i64::MIN))..=upto);
        leading.take(LEAD_QUESTIONS_MAX).count() < LEAD_QUESTIONS_MAX
            && asked.take(LEAD_QUESTIONS_MAX).count() < LEAD_QUESTIONS_MAX
    }

    /// Who asked just before a link, and whether for MX records and for an address.
    pub(in crate::sending::trials) fn asked_just_before(
        &self,
        opened: Timestamp,
        just_before_s: u32,
    ) -> impl Iterator<Item = (Network, &Queried)> {
        let from = before(opened, just_before_s);
        let asked = self.by_time.range(..=(opened, Seq(i64::MAX))).rev();
        asked
            .take_while(move |((at, _), _)| *at >= from)
            .take(LEAD_QUESTIONS_MAX)
            .map(|(_, question)| (question.network, &*question.what))
    }

    /// The questions of a network from a time on.
    pub(in crate::sending::trials) fn of_network(
        &self,
        network: &Network,
        from: Timestamp,
    ) -> impl Iterator<Item = Place> {
        let asked = self.by_network.get(network).into_iter();
        asked.flat_map(move |asked| asked.all.range((from, Seq(i64::MIN))..)).copied()
    }

    /// The questions of a network for MTA-STS records, from one time to before another.
    pub(in crate::sending::trials) fn for_policy_of_network(
        &self,
        network: &Network,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Place> {
        let range = (from, Seq(i64::MIN))..(until.max(from), Seq(i64::MIN));
        let asked = self.by_network.get(network).into_iter();
        asked.flat_map(move |asked| asked.for_policy.range(range.clone())).copied()
    }

    /// All questions between two times.
    pub(in crate::sending::trials) fn between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.by_time.range((from, Seq(i64::MIN))..=(until, Seq(i64::MAX))).map(|(place, _)| *place)
    }

    /// All questions for MTA-STS records from one time to before another.
    pub(in crate::sending::trials) fn for_policy(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Iterator<Item = Place> {
        self.for_policy.range((from, Seq(i64::MIN))..(until.max(from), Seq(i64::MIN))).copied()
    }

    /// Whether the question at a place is for an MTA-STS record.
    pub(in crate::sending::trials) fn is_for_policy(&self, place: &Place) -> bool {
        self.by_time.get(place).is_some_and(|question| question.for_policy)
    }

    /// The question at a place.
    pub(in crate::sending::trials) fn get(&self, place: &Place) -> Option<Noted<Arc<Queried>>> {
        let question = self.by_time.get(place)?;
        Some(Noted { seq: place.1, at: place.0, what: Arc::clone(&question.what) })
    }
}
