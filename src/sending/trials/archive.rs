//! What is kept of a told trial in the journal: its claims, by their place there; and its history, read from there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sending::history::{
    Attributed, Beyond, Fact, History, Link, NotRecorded, Noted, Observation, Place, PolicyFetched, Scan,
    Seq, Strength, TrialEnd, VerdictDelivery,
};
use crate::sending::journal::{PutAway, Reader};
use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, LinkId, Network, TrialId};
use crate::shared::time::Timestamp;

use super::ties::Past;

/// A told trial that is to leave memory.
pub struct Away {
    /// What later mail may have to do with.
    pub(super) past: Past,
    /// What its page is made of.
    pub record: Record,
    /// The links that carried its mail, and none of a trial that stays.
    pub(super) links: Vec<LinkId>,
}

impl Away {
    /// As the journal keeps it.
    pub(super) fn written(self) -> Result<PutAway, NotRecorded> {
        let Self { past, record, links } = self;
        let unwritten = |error: serde_json::Error| NotRecorded(error.to_string());
        Ok(PutAway {
            ended_at: record.ended_at(),
            past: serde_json::to_string(&past).map_err(unwritten)?,
            record: serde_json::to_string(&record).map_err(unwritten)?,
            links,
            seqs: record.own_seqs().collect(),
            trial: record.trial,
        })
    }
}

/// What belongs to a trial beside the links that its mail was on, by its place in the journal. It stays as it was when
/// the verdict was told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Claims {
    /// Links without mail, and how surely they are its.
    pub(super) weak: BTreeMap<LinkId, Strength>,
    pub(super) queries: BTreeSet<Place>,
    pub(super) earlier_policy_queries: BTreeSet<Place>,
    pub(super) fetches: BTreeSet<Place>,
    pub(super) tied_fetches: BTreeSet<Place>,
    /// Of policies of ruled cases.
    pub(super) case_fetches: BTreeSet<Place>,
    /// Links that name the trial by a label and that nothing ties to its sender.
    pub(super) strangers: BTreeSet<LinkId>,
    pub(super) queries_complete: bool,
    pub(super) fetches_complete: bool,
    pub(super) main_resolver: Option<Network>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) disputed_queries: BTreeSet<Seq>,
    pub(super) beyond: Beyond,
}

impl Claims {
    /// Without what was noted after `last`.
    pub(super) fn up_to(mut self, last: Seq) -> Self {
        for places in [
            &mut self.queries,
            &mut self.earlier_policy_queries,
            &mut self.fetches,
            &mut self.tied_fetches,
            &mut self.case_fetches,
        ] {
            places.retain(|(_, seq)| *seq <= last);
        }
        self.disputed_queries.retain(|seq| *seq <= last);
        self
    }
}

impl Claims {
    /// All visits to policy hosts, in their order.
    pub(super) fn all_fetches(&self) -> impl Iterator<Item = &Place> {
        self.fetches.union(&self.case_fetches)
    }

    /// From when on the sender knew a policy of the classic suite, if it fetched one, or may have. A fetch that nothing ties to the sender may
    /// have been a stranger's: it excuses, and never accuses.
    pub(super) fn policy_known_from(&self, fetches: &[Noted<Arc<PolicyFetched>>]) -> Option<Timestamp> {
        let classic = |fetch: &&Noted<_>| self.fetches.contains(&(fetch.at, fetch.seq));
        let known = fetches.iter().filter(classic).filter(|fetch| fetch.what.status == Some(200));
        let (by_itself, by_others): (Vec<_>, Vec<_>) =
            known.partition(|fetch| self.tied_fetches.contains(&(fetch.at, fetch.seq)));
        match by_itself.iter().map(|fetch| fetch.at).min() {
            Some(first) => Some(first),
            None => by_others.iter().map(|fetch| fetch.at).max(),
        }
    }
}

/// What a told trial's page is made of, by its place in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub(super) trial: TrialId,
    /// The labels of ruled cases that are its.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) labels: BTreeMap<CaseId, Label>,
    pub(super) opened: Timestamp,
    pub(super) ended: Option<Noted<TrialEnd>>,
    pub(super) scan: Option<Noted<Scan>>,
    pub(super) delivery: Option<Noted<VerdictDelivery>>,
    pub(super) judged_to: Option<Seq>,
    pub(super) last: Seq,
    pub(super) window_until: Option<Timestamp>,
    /// The links with its mail, and the numbers of its transactions on them.
    pub(super) links: BTreeMap<LinkId, Vec<u16>>,
    pub(super) strangers: BTreeSet<LinkId>,
    pub(super) claims: Claims,
    pub(super) beyond: Beyond,
    pub(super) self_checks: Vec<Place>,
}

impl Record {
    fn ended_at(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.opened, |ended| ended.at)
    }

    /// All links that its page shows.
    pub fn links(&self) -> BTreeSet<LinkId> {
        self.links.keys().chain(self.claims.weak.keys()).chain(&self.strangers).copied().collect()
    }

    /// Whether a link carried its mail.
    fn is_own(&self, link: LinkId) -> bool {
        self.links.contains_key(&link)
    }

    /// Its transactions, by their links.
    fn transactions(&self) -> Vec<(LinkId, u16)> {
        let of = |(link, numbers): (&LinkId, &Vec<u16>)| -> Vec<_> {
            numbers.iter().map(|number| (*link, *number)).collect()
        };
        self.links.iter().flat_map(of).collect()
    }

    /// The observations that are about the trial itself.
    fn own_seqs(&self) -> impl Iterator<Item = Seq> {
        let seqs = [
            self.ended.as_ref().map(|noted| noted.seq),
            self.scan.as_ref().map(|noted| noted.seq),
            self.delivery.as_ref().map(|noted| noted.seq),
        ];
        seqs.into_iter().flatten()
    }

    /// The questions, fetches and self-checks that its page shows.
    pub fn seqs(&self) -> BTreeSet<Seq> {
        let claims = &self.claims;
        let places = claims.queries.iter().chain(&claims.earlier_policy_queries).chain(claims.all_fetches());
        places.chain(&self.self_checks).map(|place| place.1).collect()
    }

    /// The history, from the observations of [`Self::links`] and those at [`Self::seqs`], in their order. What is not
    /// kept in the journal any more is missing from it.
    pub fn history(&self, observations: &[Observation]) -> History {
        let (mut links, mut queries, mut fetches, mut self_checks) =
            (BTreeMap::<LinkId, Link>::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for observation in observations {
            let (seq, at) = (observation.seq, observation.at);
            match &observation.fact {
                Fact::LinkOpened { link, .. } => {
                    links.extend(Link::open(observation).map(|opened| (*link, opened)));
                }
                Fact::Queried(query) => {
                    queries.insert(seq, Noted { seq, at, what: Arc::new(query.clone()) });
                }
                Fact::PolicyFetched(fetched) => {
                    fetches.insert(seq, Noted { seq, at, what: Arc::new(fetched.clone()) });
                }
                Fact::SelfChecked(checked) => {
                    self_checks.insert(seq, Noted { seq, at, what: Arc::new(checked.clone()) });
                }
                fact => {
                    if let Some(link) = fact.link().and_then(|link| links.get_mut(&link)) {
                        link.note(observation);
                    }
                }
            }
        }
        let links: BTreeMap<LinkId, Arc<Link>> =
            links.into_iter().map(|(id, link)| (id, Arc::new(link))).collect();
        let claims = &self.claims;
        let asked = |places: &BTreeSet<Place>| -> Vec<_> {
            places.iter().filter_map(|(_, seq)| queries.get(seq).cloned()).collect()
        };
        // What went by age, or to make room, is no silence.
        let mut asked_for = claims.queries.iter().chain(&claims.earlier_policy_queries);
        let has_all_queries = asked_for.all(|(_, seq)| queries.contains_key(seq));
        let fetches: Vec<_> = claims.all_fetches().filter_map(|(_, seq)| fetches.get(seq).cloned()).collect();
        let strangers = self.strangers.iter().filter_map(|id| links.get(id).cloned());
        History {
            id: self.trial.clone(),
            labels: self.labels.clone(),
            opened: self.opened,
            ended: self.ended.clone(),
            judged_to: self.judged_to,
            last: self.last,
            window_until: self.window_until,
            queries: asked(&claims.queries),
            queries_complete: claims.queries_complete && has_all_queries,
            main_resolver: claims.main_resolver,
            disputed_queries: claims.disputed_queries.clone(),
            earlier_policy_queries: asked(&claims.earlier_policy_queries),
            policy_known_from: claims.policy_known_from(&fetches),
            fetches_complete: claims.fetches_complete && fetches.len() == claims.all_fetches().count(),
            fetches,
            beyond: self.beyond,
            strangers: strangers.collect(),
            self_checks: self
                .self_checks
                .iter()
                .filter_map(|(_, seq)| self_checks.get(seq).cloned())
                .collect(),
            links: self.attributed(&links),
            scan: self.scan.clone(),
            delivery: self.delivery.clone(),
        }
    }

    fn attributed(&self, links: &BTreeMap<LinkId, Arc<Link>>) -> Vec<Attributed> {
        let exact = self.links.iter().filter_map(|(id, numbers)| {
            let link = links.get(id)?.only(|number| numbers.contains(&number));
            Some(Attributed { link, strength: Strength::Exact })
        });
        let weak = self.claims.weak.iter().filter_map(|(id, strength)| {
            Some(Attributed { link: links.get(id)?.clone(), strength: *strength })
        });
        let mut attributed: Vec<_> = exact.chain(weak).collect();
        attributed.sort_by_key(|attributed| (attributed.link.opened, attributed.link.first));
        attributed
    }
}

fn unread(trial: &TrialId) -> impl Fn(serde_json::Error) -> NotRecorded {
    move |error| NotRecorded(format!("trial {}: {error}", trial.log_name()))
}

/// The history of a trial that was put away; none if there is no such trial. Where it is too much, the links with the
/// trial's own mail go before what it was asked, and that before links of others.
pub(super) async fn read(journal: &Reader, trial: &TrialId) -> Result<Option<History>, NotRecorded> {
    let Some(record) = journal.record(trial).await? else { return Ok(None) };
    let record: Record = serde_json::from_str(&record).map_err(unread(trial))?;
    let (own, others): (Vec<_>, Vec<_>) = record.links().into_iter().partition(|link| record.is_own(*link));
    let observations = journal.observations_of(&own, &record.seqs(), &others).await?;
    Ok(Some(record.history(&observations)))
}

/// The transactions of a trial that was put away; none if there is no such trial.
pub(super) async fn transactions(
    journal: &Reader,
    trial: &TrialId,
) -> Result<Option<Vec<(LinkId, u16)>>, NotRecorded> {
    let Some(record) = journal.record(trial).await? else { return Ok(None) };
    let record: Record = serde_json::from_str(&record).map_err(unread(trial))?;
    Ok(Some(record.transactions()))
}

/// What became of the verdict of a trial that was put away; none if there is no such trial.
pub(super) async fn delivery(
    journal: &Reader,
    trial: &TrialId,
) -> Result<Option<VerdictDelivery>, NotRecorded> {
    #[derive(Deserialize)]
    struct Delivered {
        delivery: Option<Noted<VerdictDelivery>>,
    }
    let Some(record) = journal.record(trial).await? else { return Ok(None) };
    let record: Delivered = serde_json::from_str(&record).map_err(unread(trial))?;
    Ok(record.delivery.map(|noted| noted.what))
}
