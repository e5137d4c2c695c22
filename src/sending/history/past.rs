//! What ties mail and contacts to a trial, and what stays of it when its verdict was told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::sending::persona::CaseId;
use crate::sending::trial::{AddressId, LinkId, Network, Source};
use crate::shared::time::Timestamp;

use super::{Seq, Strength};

/// What ties mail and links to a trial, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ties {
    /// When its first MAIL came.
    pub opened: Timestamp,
    /// From when on contacts without a transaction may be its.
    pub claims_from: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When its verdict was told.
    pub told: Option<Timestamp>,
    /// The sources of the links that carried its mail, each once.
    pub sources: Vec<Source>,
    /// The Message-IDs of its mail.
    pub message_ids: Handful<String>,
    /// Its reverse-paths.
    pub paths: Handful<AddressId>,
    /// The Date fields of its messages.
    pub dates: Handful<String>,
    /// The registrable domains of its reverse-paths that SPF or DKIM vouched for.
    pub domains: Handful<String>,
    /// The cases that its mail was for.
    pub cases: Handful<CaseId>,
    /// Whether a message came to its dot: until then it may be a probe of an address.
    pub has_message: bool,
}

impl Ties {
    /// Before anything is known.
    pub(super) fn new(opened: Timestamp) -> Self {
        Self {
            opened,
            claims_from: opened,
            ended: None,
            told: None,
            sources: Vec::new(),
            message_ids: Handful::default(),
            paths: Handful::default(),
            dates: Handful::default(),
            domains: Handful::default(),
            cases: Handful::default(),
            has_message: false,
        }
    }

    /// Whether a contact between these times may be its. What came up to the verdict counts.
    pub(super) fn is_active(&self, from: Timestamp, until: Timestamp) -> bool {
        until >= self.claims_from && self.until().is_none_or(|end| from <= end)
    }

    /// When its verdict was told; none while what comes may still count.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.ended.and(self.told)
    }
}

/// From when on a start must take in what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// All that may be an open trial's.
    pub contacts: Timestamp,
    /// What only tells who knew a policy, and what of that is missing.
    pub lookups: Timestamp,
}

/// How long after its end a trial is known to later mail, in seconds: ten days, twice as long as queues keep mail by
/// default (RFC 5321 §4.5.4.1: "at least 4-5 days").
pub const PAST_KEPT_S: u32 = 10 * 86_400;

/// A trial whose verdict was told, as far as later mail may have to do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// What ties mail to it.
    pub ties: Ties,
    /// The networks of the resolvers that led to its links.
    pub resolvers: Handful<Network>,
}

/// When something was noted, and its place in the journal: the order of time, since a clock may have jumped.
pub type Place = (Timestamp, Seq);

/// What belongs to a trial beside the links that its mail was on, by its place in the journal. It stays as it was when
/// the verdict was told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// Links without mail, and how surely they are its.
    pub(super) weak: BTreeMap<LinkId, Strength>,
    pub(super) queries: BTreeSet<Place>,
    pub(super) earlier_policy_queries: BTreeSet<Place>,
    pub(super) fetches: BTreeSet<Place>,
    pub(super) tied_fetches: BTreeSet<Place>,
    pub(super) queries_complete: bool,
    pub(super) fetches_complete: bool,
    pub(super) main_resolver: Option<Network>,
    pub(super) beyond: Beyond,
}

impl Claims {
    /// Without what was noted after `last`.
    pub(super) fn up_to(mut self, last: Seq) -> Self {
        let places =
            [&mut self.queries, &mut self.earlier_policy_queries, &mut self.fetches, &mut self.tied_fetches];
        for places in places {
            places.retain(|(_, seq)| *seq <= last);
        }
        self
    }
}

/// What was too much to be judged with a trial: it is counted, at most up to the limits of counting, and no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// Links.
    pub links: u32,
    /// Transactions on links that are kept.
    pub transactions: u32,
    /// Questions to DNS.
    pub questions: u32,
    /// Visits to the policy host.
    pub fetches: u32,
}

impl Beyond {
    /// Whether nothing was too much.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// A set of few things, in their order: what tens of thousands of past trials have one of each. A tree has room for
/// eleven even where it holds one, which is most of what such a trial takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<T>", bound(deserialize = "T: Ord + Deserialize<'de>"))]
pub struct Handful<T>(Vec<T>);

impl<T> Default for Handful<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> Handful<T> {
    /// Adds a thing; whether it is new.
    pub fn insert(&mut self, thing: T) -> bool {
        match self.0.binary_search(&thing) {
            Ok(_) => false,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, thing);
                true
            }
        }
    }

    /// Whether a thing is in it.
    pub fn contains(&self, thing: &T) -> bool {
        self.0.binary_search(thing).is_ok()
    }

    /// Whether all of it is in another.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|thing| other.contains(thing))
    }

    /// Adds what is new.
    pub fn extend(&mut self, things: impl IntoIterator<Item = T>) {
        for thing in things {
            self.insert(thing);
        }
    }
}

impl<T> Handful<T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Ord> From<Vec<T>> for Handful<T> {
    fn from(mut things: Vec<T>) -> Self {
        things.sort();
        things.dedup();
        things.shrink_to_fit();
        Self(things)
    }
}

impl<T: Ord> FromIterator<T> for Handful<T> {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        things.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a, T> IntoIterator for &'a Handful<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_in_it_once_and_in_order() {
        let mut few: Handful<u8> = [3, 1, 3].into_iter().collect();
        assert!(few.insert(2) && !few.insert(1));
        assert_eq!(few.into_iter().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(few.contains(&2) && !few.contains(&4));
        let fewer: Handful<u8> = [1, 3].into_iter().collect();
        assert!(fewer.is_subset(&few) && !few.is_subset(&fewer));
        // As a set was written.
        let read: Handful<u8> = serde_json::from_str("[3,1,2,2]").expect("a list");
        assert_eq!((read.len(), serde_json::to_string(&read).expect("a list")), (3, "[1,2,3]".to_owned()));
    }
}
