//! What ties mail and contacts to a trial, and what stays of it when its verdict was told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::persona::CaseId;
use crate::trial::{AddressId, LinkId, Network, Source, Timestamp};

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
    pub message_ids: BTreeSet<String>,
    /// Its reverse-paths.
    pub paths: BTreeSet<AddressId>,
    /// The Date fields of its messages.
    pub dates: BTreeSet<String>,
    /// The registrable domains of its reverse-paths that SPF or DKIM vouched for.
    pub domains: BTreeSet<String>,
    /// The cases that its mail was for.
    pub cases: BTreeSet<CaseId>,
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
            message_ids: BTreeSet::new(),
            paths: BTreeSet::new(),
            dates: BTreeSet::new(),
            domains: BTreeSet::new(),
            cases: BTreeSet::new(),
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

/// How long after its end a trial is known to later mail, in seconds: ten days, twice as long as queues keep mail by
/// default (RFC 5321 §4.5.4.1: "at least 4-5 days").
pub const PAST_KEPT_S: u32 = 10 * 86_400;

/// A trial whose verdict was told, as far as later mail may have to do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// What ties mail to it.
    pub ties: Ties,
    /// The networks of the resolvers that led to its links.
    pub resolvers: BTreeSet<Network>,
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
