//! A trial's history as it may be shown to anybody: what its sender did, without who wrote to whom.
//!
//! Left out are addresses but their networks, local parts, Message-IDs, host names but their registrable domains, labels of the
//! trial's names, the address of the result page, strangers' links, and whatever else a stranger may have written at will. What remains is
//! judged as the whole is. Whoever publishes evidence takes it from here, and nothing beside it: a new field of a
//! history is no field of this until somebody decides so, since every conversion names all fields.

mod address;
mod contact;
mod document;
mod link;
mod mail;
mod names;
mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::sending::history::{Beyond, History, Noted, Scan, Seq, TrialEnd};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::{Label, LinkId, Pace, TrialId};
use crate::shared::time::Timestamp;

use address::Numbered;
use names::Names;

pub use address::{NotRedacted, RedactedAddress, RedactedNetwork};
pub use contact::{RedactedFetch, RedactedPath, RedactedQuery, RedactedSelfCheck};
pub use document::document;
pub use link::{RedactedClosing, RedactedLink, RedactedTls, Sni};
pub use mail::{RedactedEnding, RedactedMail, RedactedMailbox, RedactedMessage, RedactedSignature};
pub use replay::{Replayed, replay};

/// The form of a redacted history in JSON. Fields may be added under the same version; what is renamed or means something
/// else raises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistorySchema {
    #[serde(rename = "mailassay-history/1")]
    V1,
}

/// A redacted history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RedactedHistory {
    pub schema: HistorySchema,
    /// What logs call the trial, from which nobody finds its page.
    pub trial: String,
    /// The domain under which the suite lies.
    pub origin: String,
    /// The ruled cases that it was begun for before any mail; what stands for the labels of their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<CaseId, Label>,
    /// The waits that it is judged by.
    pub pace: Pace,
    pub opened: Timestamp,
    pub ended: Option<Noted<TrialEnd>>,
    /// The last observation that the verdict rests on, once it was told.
    pub judged_to: Option<Seq>,
    /// The last observation of all.
    pub last: Seq,
    pub window_until: Option<Timestamp>,
    pub links: Vec<RedactedLink>,
    pub queries: Vec<RedactedQuery>,
    pub queries_complete: bool,
    pub fetches: Vec<RedactedFetch>,
    pub fetches_complete: bool,
    pub beyond: Beyond,
    pub policy_known_from: Option<Timestamp>,
    /// How many links of strangers named its mail: they are left out.
    pub strangers: u32,
    pub main_resolver: Option<RedactedNetwork>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub disputed_queries: BTreeSet<Seq>,
    pub earlier_policy_queries: Vec<RedactedQuery>,
    pub self_checks: Vec<RedactedSelfCheck>,
    pub scan: Option<Noted<Scan>>,
}

/// The history of a trial, redacted: see [the module](self).
pub fn redacted(catalogue: &Catalogue, pace: &Pace, history: &History) -> RedactedHistory {
    let names = Names::of(catalogue, history);
    let numbered = Numbered::new(addresses(history), history.main_resolver);
    let History {
        id,
        labels,
        opened,
        ended,
        judged_to,
        last,
        window_until,
        links,
        queries,
        queries_complete,
        fetches,
        fetches_complete,
        beyond,
        policy_known_from,
        strangers,
        main_resolver,
        disputed_queries,
        earlier_policy_queries,
        self_checks,
        scan,
        // What became of the verdict names an address, and is no evidence.
        delivery: _,
    } = history;
    let query = |noted| RedactedQuery::of(&numbered, &names, noted);
    RedactedHistory {
        schema: HistorySchema::V1,
        trial: id.log_name(),
        labels: labels.iter().map(|(case, label)| (case.clone(), names.label(label))).collect(),
        origin: catalogue.origin().to_owned(),
        pace: pace.clone(),
        opened: *opened,
        ended: ended.clone(),
        judged_to: *judged_to,
        last: *last,
        window_until: *window_until,
        links: links.iter().map(|link| RedactedLink::of(&numbered, &names, link)).collect(),
        queries: queries.iter().map(query).collect(),
        queries_complete: *queries_complete,
        fetches: fetches.iter().map(|noted| RedactedFetch::of(&numbered, &names, noted)).collect(),
        fetches_complete: *fetches_complete,
        beyond: *beyond,
        policy_known_from: *policy_known_from,
        strangers: u32::try_from(strangers.len()).unwrap_or(u32::MAX),
        main_resolver: main_resolver.map(|network| numbered.network(network)),
        disputed_queries: disputed_queries.clone(),
        earlier_policy_queries: earlier_policy_queries.iter().map(query).collect(),
        self_checks: self_checks.iter().map(RedactedSelfCheck::of).collect(),
        scan: scan.as_ref().map(|noted| Noted {
            seq: noted.seq,
            at: noted.at,
            what: Scan {
                domain: names.domain(&noted.what.domain).unwrap_or_default(),
                from: noted.what.from,
                to: noted.what.to,
            },
        }),
    }
}

/// Whoever connected, asked or fetched.
fn addresses(history: &History) -> impl Iterator<Item = IpAddr> {
    let links = history.links.iter().map(|attributed| attributed.link.address());
    let queries =
        history.queries.iter().chain(&history.earlier_policy_queries).map(|noted| noted.what.source.ip());
    links.chain(queries).chain(history.fetches.iter().map(|noted| noted.what.source.ip()))
}

impl RedactedHistory {
    /// The history for a judge: placeholders stand for what was withheld, and links have numbers of their own. Its
    /// identity is that of no trial.
    pub fn history(&self) -> History {
        let links = (1..).zip(&self.links).map(|(number, link)| link.attributed(LinkId(number)));
        History {
            id: TrialId::new(b"redacted", LinkId(0), 0),
            labels: self.labels.clone(),
            opened: self.opened,
            ended: self.ended.clone(),
            judged_to: self.judged_to,
            last: self.last,
            window_until: self.window_until,
            links: links.collect(),
            queries: self.queries.iter().map(RedactedQuery::noted).collect(),
            queries_complete: self.queries_complete,
            fetches: self.fetches.iter().map(RedactedFetch::noted).collect(),
            fetches_complete: self.fetches_complete,
            beyond: self.beyond,
            policy_known_from: self.policy_known_from,
            strangers: Vec::new(),
            main_resolver: self.main_resolver.map(RedactedNetwork::stand_in),
            disputed_queries: self.disputed_queries.clone(),
            earlier_policy_queries: self.earlier_policy_queries.iter().map(RedactedQuery::noted).collect(),
            self_checks: self.self_checks.iter().map(RedactedSelfCheck::noted).collect(),
            scan: self.scan.clone(),
            delivery: None,
        }
    }

    /// How an address of [`Self::history`] is shown: as the network it stands for.
    pub fn shown(&self, stand_in: IpAddr) -> Option<RedactedAddress> {
        let links = self.links.iter().map(|link| link.source);
        let queries = self.queries.iter().chain(&self.earlier_policy_queries).map(|query| query.source);
        let mut all = links.chain(queries).chain(self.fetches.iter().map(|fetch| fetch.source));
        all.find(|address| address.stand_in() == stand_in.to_canonical())
    }
}
