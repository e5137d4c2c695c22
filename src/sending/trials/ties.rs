//! What ties mail and contacts to a trial, and what stays of that when its verdict was told.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::sending::persona::CaseId;
use crate::sending::trial::{AddressId, Label, Network, Source, Tie};
use crate::shared::time::Timestamp;

use super::handful::Handful;

/// What ties mail and links to a trial, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ties {
    /// When its first MAIL came.
    pub(super) opened: Timestamp,
    /// From when on contacts without a transaction may be its.
    pub(super) claims_from: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// When its verdict was told.
    pub(super) told: Option<Timestamp>,
    /// The sources of the links that carried its mail, each once.
    pub(super) sources: Vec<Source>,
    /// The Message-IDs of its mail.
    pub(super) message_ids: Handful<String>,
    /// Its reverse-paths.
    pub(super) paths: Handful<AddressId>,
    /// The Date fields of its messages.
    pub(super) dates: Handful<String>,
    /// The registrable domains of its reverse-paths that SPF or DKIM vouched for.
    pub(super) domains: Handful<String>,
    /// The cases that its mail was for, by names without a label of its own.
    pub(super) cases: Handful<CaseId>,
    /// The ruled cases that its mail was for, with the labels that lead to it.
    #[serde(default, skip_serializing_if = "Handful::is_empty")]
    pub(super) labelled: Handful<(Label, CaseId)>,
    /// The free labels that lead to it.
    #[serde(default, skip_serializing_if = "Handful::is_empty")]
    pub(super) roots: Handful<Label>,
    /// Whether a message came to its dot: until then it may be a probe of an address.
    pub(super) has_message: bool,
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
            labelled: Handful::default(),
            roots: Handful::default(),
            has_message: false,
        }
    }

    /// Whether a contact between these times may be its. What came up to the verdict counts.
    pub(super) fn is_active(&self, from: Timestamp, until: Timestamp) -> bool {
        until >= self.claims_from && self.until().is_none_or(|end| from <= end)
    }

    /// Whether its mail was for nothing that the mail of another was not for.
    pub(super) fn asks_no_more_than(&self, other: &Self) -> bool {
        self.cases.is_subset(&other.cases) && self.labelled.is_subset(&other.labelled)
    }

    /// When its verdict was told; none while what comes may still count.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.ended.and(self.told)
    }
}

/// A trial whose verdict was told, as far as later mail may have to do with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Past {
    /// What ties mail to it.
    pub(super) ties: Ties,
    /// The networks of the resolvers that led to its links.
    pub(super) resolvers: Handful<Network>,
}

/// A past trial as it lies in memory.
#[derive(Clone, Debug)]
pub(super) enum Gone {
    /// As a whole, as long as links may be its.
    Whole(Box<Past>),
    /// As text, in a third of the room: of the tens of thousands that ended in the last days hardly one is asked for again.
    Packed { ended: Option<Timestamp>, text: Box<str> },
}

impl Gone {
    /// A past trial as text; as a whole, should it have none.
    pub(super) fn packed(past: Past) -> Self {
        match serde_json::to_string(&past) {
            Ok(text) => Self::Packed { ended: past.ties.ended, text: text.into() },
            Err(_) => Self::Whole(Box::new(past)),
        }
    }

    /// When it ended.
    pub(super) fn ended(&self) -> Option<Timestamp> {
        match self {
            Self::Whole(past) => past.ties.ended,
            Self::Packed { ended, .. } => *ended,
        }
    }

    /// What it is. A text that does not read was never written here.
    pub(super) fn past(&self) -> Option<Cow<'_, Past>> {
        match self {
            Self::Whole(past) => Some(Cow::Borrowed(past)),
            Self::Packed { text, .. } => serde_json::from_str(text).ok().map(Cow::Owned),
        }
    }
}

/// The strongest tie between any of `sources` and `other` that nobody else can make up: the same address, or the same
/// network and the same domain in EHLO. Neighbours at a hoster are strangers, and the name in EHLO alone ties nothing.
pub(super) fn strongest_tie(sources: &[Source], other: &Source) -> Option<Tie> {
    let ties = sources.iter().filter_map(|source| match source.tie(other)? {
        Tie::Address => Some(Tie::Address),
        Tie::Network if source.domain.is_some() && source.domain == other.domain => Some(Tie::Network),
        Tie::Network | Tie::Domain => None,
    });
    ties.max()
}

/// Whether anything ties `other` to `sources`, be it the name in EHLO: enough for whoever knows a secret label, too.
pub(super) fn is_loosely_tied(sources: &[Source], other: &Source) -> bool {
    sources.iter().any(|source| source.tie(other).is_some())
}

/// The strongest tie of a visitor who gives no name.
pub(super) fn nearest_tie(sources: &[Source], other: &Source) -> Option<Tie> {
    sources.iter().filter_map(|source| source.tie(other)).filter(|tie| *tie > Tie::Domain).max()
}

/// Whether any of these gave no name in EHLO that could tell it from others.
pub(super) fn has_no_name(sources: &[Source]) -> bool {
    sources.iter().any(|source| source.domain.is_none())
}

/// Whether a link from `source` came from one and the same server whichever of two trials it was for: both have links
/// from its address, and all of these give names of one domain.
pub(super) fn same_server(ours: &[Source], theirs: &[Source], source: &Source) -> bool {
    let here = |sources: &[Source]| -> BTreeSet<Option<String>> {
        let here = sources.iter().filter(|other| other.address == source.address);
        here.map(|other| other.domain.clone()).collect()
    };
    let (ours, theirs) = (here(ours), here(theirs));
    ours.len() == 1 && ours == theirs
}
