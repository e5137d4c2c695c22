//! A trial's history, as it is judged and shown, and what the offer to a source follows from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, Mailbox, Network, Source, Tie, TrialId};
use crate::shared::time::Timestamp;

use super::link::{Link, LinkState};
use super::lookups::{PolicyFetched, Queried};
use super::outcome::{Scanned, SelfChecked, TrialEnd, VerdictDelivery};
use super::place::{Noted, Seq};
use super::smtp::{Ending, MessageFacts, Received};

/// What is remembered of a scan. Its evidence, up to 256 KiB, stays in the journal, where its place finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub domain: String,
    /// When the scan began.
    pub from: Timestamp,
    pub to: Timestamp,
}

impl From<&Scanned> for Scan {
    fn from(scanned: &Scanned) -> Self {
        Self { domain: scanned.domain.clone(), from: scanned.from, to: scanned.to }
    }
}

/// What was too much to be judged with a trial: it is counted, at most up to the limits of counting, and no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
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

/// What the offer to a source follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceRecord {
    /// When the source's latest window opened: its first EHLO, or the first after a trial asked for the window
    /// once more. None: a source that is not remembered.
    pub window_from: Option<Timestamp>,
    /// Whether its next EHLO opens the window once more.
    pub reopens: bool,
    /// How many links without SNI it has refused since it is remembered.
    pub no_sni_refused: u32,
    /// When it did so first and last.
    pub no_sni_refusals: Option<(Timestamp, Timestamp)>,
}

/// How surely a link belongs to a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// A transaction of the trial was on it.
    Exact,
    /// It came from a source of the trial and had no transaction of another.
    Weak {
        /// What ties the sighting to the trial.
        tie: Tie,
        /// Another trial has as good a claim, or only the name in EHLO ties it: then it decides nothing.
        shared: bool,
    },
}

/// A link of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributed {
    pub link: Arc<Link>,
    /// How surely it belongs to the trial.
    pub strength: Strength,
}

/// The observations of one trial in order.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    pub id: TrialId,
    /// The ruled cases that it was begun for before any mail, each with the label that its names carry; none where permanent
    /// names are used.
    pub labels: BTreeMap<CaseId, Label>,
    /// When its first MAIL came.
    pub opened: Timestamp,
    /// Its end, once it has ended.
    pub ended: Option<Noted<TrialEnd>>,
    /// The last observation that its verdict rested on, once that was told.
    pub judged_to: Option<Seq>,
    /// The last observation of the journal, whatever it was about.
    pub last: Seq,
    /// Until when STARTTLS is withheld from its sources; the end of time while their next EHLO is yet to open
    /// the window once more.
    pub window_until: Option<Timestamp>,
    /// Its links, by their opening.
    pub links: Vec<Attributed>,
    /// DNS queries for names of the suite in the time of the trial, by resolvers that led to a link of it. A resolver
    /// may ask for others, too.
    pub queries: Vec<Noted<Arc<Queried>>>,
    /// Whether all queries of the trial's time, and of the time before it that a policy may be kept, are there:
    /// only then the absence of one means anything.
    pub queries_complete: bool,
    /// Fetches of the policy in the time of the trial that its sources made, or that followed upon a query for the
    /// policy's record by a resolver of its own; and those of its sources before it, as long as a policy may be kept.
    /// Other visits to the policy host are scans, and stand nowhere.
    pub fetches: Vec<Noted<Arc<PolicyFetched>>>,
    /// Whether all visits of that time are there: only then the absence of one means anything.
    pub fetches_complete: bool,
    /// What was too much to be kept with the trial.
    pub beyond: Beyond,
    /// From when on the sender knew a policy, if it fetched one in the trial, or may have: what came before says nothing
    /// of MTA-STS (RFC 8461 §5.1).
    pub policy_known_from: Option<Timestamp>,
    /// Links whose mail named the trial's reverse-path or Message-ID and that nothing ties to its sender: shown as a
    /// stranger's, and worth nothing.
    pub strangers: Vec<Arc<Link>>,
    /// The network of the resolver that led to most of its links, where it led to no other trial's: what it asked was
    /// asked for this one.
    pub main_resolver: Option<Network>,
    /// Those of [`Self::queries`] for an MX record that may have been asked for another trial: its resolver is not one of this
    /// trial's, or led to a link of another soon after.
    pub disputed_queries: BTreeSet<Seq>,
    /// Queries for `_mta-sts` names before the trial by a resolver of its own, as long as a policy may be kept.
    pub earlier_policy_queries: Vec<Noted<Arc<Queried>>>,
    /// The self-checks that were in force: the last one before the first link, and all later ones.
    pub self_checks: Vec<Noted<Arc<SelfChecked>>>,
    /// The scan of the domain of its sender, once it has ended.
    pub scan: Option<Noted<Scan>>,
    /// What became of the verdict.
    pub delivery: Option<Noted<VerdictDelivery>>,
}

impl History {
    /// Whether the verdict may rest on an observation: what came after it was told is shown and judged no more, so
    /// that it stays what was sent.
    pub fn is_judged(&self, seq: Seq) -> bool {
        self.judged_to.is_none_or(|last| seq <= last)
    }

    /// The name servers that answered beside us in the trial's time, each once: what they were asked is not known.
    pub fn unseen_name_servers(&self) -> Vec<&str> {
        let mut unseen: Vec<&str> =
            self.self_checks.iter().flat_map(|noted| &noted.what.unseen).map(String::as_str).collect();
        unseen.sort_unstable();
        unseen.dedup();
        unseen
    }

    /// The sources that its exact links came from, each once, in order.
    pub fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = Vec::new();
        for attributed in &self.links {
            let source = attributed.link.source();
            if attributed.strength == Strength::Exact
                && !sources.iter().any(|known| known.address == source.address)
            {
                sources.push(source);
            }
        }
        sources
    }

    /// The transactions of the trial with the link they were on.
    pub fn transactions(&self) -> impl Iterator<Item = (&Link, Seq, &Received)> {
        self.links.iter().filter(|attributed| attributed.strength == Strength::Exact).flat_map(|attributed| {
            attributed.link.transactions.iter().map(|(seq, tx)| (&*attributed.link, *seq, tx))
        })
    }

    /// The first message that came to its dot.
    pub fn message(&self) -> Option<&MessageFacts> {
        self.transactions().find_map(|(_, _, received)| match &received.ending {
            Ending::Complete(message) => Some(&**message),
            _ => None,
        })
    }

    /// The reverse-paths, each once, in order; the null one is left out.
    pub fn reverse_paths(&self) -> Vec<&Mailbox> {
        let mut paths: Vec<&Mailbox> = Vec::new();
        for path in self.transactions().filter_map(|(_, _, received)| received.reverse_path.as_ref()) {
            if !paths.iter().any(|known| known.id == path.id) {
                paths.push(path);
            }
        }
        paths
    }

    /// The furthest state that a link of the trial reached.
    pub fn furthest(&self) -> LinkState {
        self.links.iter().map(|attributed| attributed.link.state()).max().unwrap_or(LinkState::None)
    }
}
