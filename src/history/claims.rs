//! What belongs to a trial: which links, queries and fetches of a journal are its history.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::trial::{Source, Tie, Timestamp, TrialId, before};

use super::attribution::{Attribution, Trial};
use super::{Attributed, History, Link, Noted, PolicyFetched, Queried, SelfChecked, Strength};

impl Attribution {
    /// A trial's history.
    pub fn history(&self, id: &TrialId) -> Option<History> {
        let trial = self.trials.get(id)?;
        let links = self.attributed_links(id, trial);
        let until = trial.ended.as_ref().map_or(Timestamp::MAX, |ended| ended.at);
        let from = before(trial.claims_from, self.pace.lookup_lead_s);
        let kept_from = before(from, self.max_age_s);
        let sources = self.sources_of(trial);
        let others: Vec<_> = self.rivals(id, from, until).collect();
        let others_resolvers: BTreeSet<_> =
            others.iter().flat_map(|other| self.resolvers_of(other)).collect();
        // A visit is its whose source is tied most strongly.
        let claim = |address: IpAddr| {
            let visitor = Source::new(address, None);
            let rival = others.iter().filter_map(|other| tie(&self.sources_of(other), &visitor)).max();
            (tie(&sources, &visitor), rival)
        };
        // Many senders ask through a resolver of their own, at their own address.
        let ours: BTreeSet<_> = self
            .resolvers_of(trial)
            .into_iter()
            .filter(|resolver| {
                let (own, rival) = claim(*resolver);
                own >= rival
            })
            .collect();
        let within = |at: Timestamp| (from..=until).contains(&at);
        let earlier = |at: Timestamp| (kept_from..from).contains(&at);
        let resolver = |query: &Noted<Queried>| query.what.source.ip().to_canonical();
        let queries = self.queries.iter().filter(|query| {
            within(query.at)
                && (ours.contains(&resolver(query)) || !others_resolvers.contains(&resolver(query)))
        });
        let earlier_policy_queries = self.queries.iter().filter(|query| {
            earlier(query.at) && ours.contains(&resolver(query)) && query.what.is_for_mta_sts()
        });
        let asked_before = |fetch: &&Noted<PolicyFetched>| {
            let lead = before(fetch.at, self.pace.lookup_lead_s);
            self.queries.iter().any(|query| {
                (lead..=fetch.at).contains(&query.at)
                    && query.what.is_for_mta_sts()
                    && ours.contains(&resolver(query))
                    && !others_resolvers.contains(&resolver(query))
            })
        };
        let mut fetches = Vec::new();
        for fetch in self.fetches.iter().filter(|fetch| within(fetch.at) || earlier(fetch.at)) {
            let (own, rival) = claim(fetch.what.address());
            if own.is_some() && own >= rival || rival.is_none() && within(fetch.at) && asked_before(&fetch) {
                fetches.push(fetch.clone());
            }
        }
        Some(History {
            id: id.clone(),
            opened: trial.opened,
            ended: trial.ended.clone(),
            window_until: trial
                .groups
                .iter()
                .map(|group| self.sources.window_until(*group, &self.pace))
                .max(),
            queries: queries.cloned().collect(),
            queries_complete: self.queries_lost_until < kept_from,
            earlier_policy_queries: earlier_policy_queries.cloned().collect(),
            fetches,
            strangers: Vec::new(),
            self_checks: self.self_checks_in_force(&links, until),
            links,
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
        })
    }

    /// The links with a transaction of the trial, and those of its sources without any transaction of a trial,
    /// unless another trial has a stronger claim.
    fn attributed_links(&self, id: &TrialId, trial: &Trial) -> Vec<Attributed> {
        let sources = self.sources_of(trial);
        let candidates: BTreeSet<_> =
            trial.groups.iter().filter_map(|group| self.links_of.get(group)).flatten().collect();
        let mut links: Vec<_> = candidates
            .into_iter()
            .chain(&trial.links)
            .chain(&trial.late)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter_map(|link| {
                let (link, _) = self.links.get(link)?;
                if !trial.links.contains(&link.id) && !trial.late.contains(&link.id) {
                    let strength = self.weak_claim(id, trial, &sources, link)?;
                    return Some(Attributed { link: link.clone(), strength });
                }
                // A link that is used again may carry mail of other trials, or of none: not this one's.
                let mut link = link.clone();
                let owns = |number: u16| self.owners.get(&(link.id, number)) == Some(id);
                link.transactions.retain(|(_, received)| owns(received.number));
                link.answers.retain(|(number, _)| owns(*number));
                Some(Attributed { link, strength: Strength::Exact })
            })
            .collect();
        links.sort_by_key(|attributed| (attributed.link.opened, attributed.link.first));
        links
    }

    fn weak_claim(&self, id: &TrialId, trial: &Trial, sources: &[Source], link: &Link) -> Option<Strength> {
        let owned = link
            .transactions
            .iter()
            .any(|(_, received)| self.owners.contains_key(&(link.id, received.number)));
        if owned || !trial.is_active(link.opened) {
            return None;
        }
        let tied = tie(sources, &link.source())?;
        let rival = self
            .rivals(id, link.opened, link.opened)
            .filter_map(|other| tie(&self.sources_of(other), &link.source()))
            .max();
        match rival {
            Some(rival) if rival > tied => None,
            Some(rival) => Some(Strength::Weak { tie: tied, shared: rival == tied }),
            None => Some(Strength::Weak { tie: tied, shared: false }),
        }
    }

    /// Other trials with a message that were active at some time between `from` and `until`.
    fn rivals(&self, id: &TrialId, from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Trial> {
        self.trials
            .iter()
            .filter(move |(other, trial)| {
                *other != id
                    && trial.has_message
                    && trial.claims_from <= until
                    && (trial.is_active(from) || trial.claims_from >= from)
            })
            .map(|(_, trial)| trial)
    }

    /// The sources of a trial's exact links, each once.
    pub(super) fn sources_of(&self, trial: &Trial) -> Vec<Source> {
        let mut sources: Vec<_> = Vec::new();
        for (link, _) in trial.links.iter().filter_map(|link| self.links.get(link)) {
            let source = link.source();
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }

    /// The resolvers that asked for the suite's MX records shortly before a link of the trial.
    fn resolvers_of(&self, trial: &Trial) -> BTreeSet<IpAddr> {
        let opened = trial.links.iter().filter_map(|link| Some(self.links.get(link)?.0.opened));
        let shortly_before = |opened: Timestamp| {
            let from = before(opened, self.pace.lookup_lead_s);
            let first = self.queries.partition_point(|query| query.at < from);
            self.queries[first..].iter().take_while(move |query| query.at <= opened)
        };
        opened
            .flat_map(shortly_before)
            .filter(|query| query.what.rtype == "MX")
            .map(|query| query.what.source.ip().to_canonical())
            .collect()
    }

    fn self_checks_in_force(&self, links: &[Attributed], until: Timestamp) -> Vec<Noted<SelfChecked>> {
        let first = links.first().map_or(Timestamp::MIN, |first| first.link.opened);
        let before_first = self.self_checks.iter().rfind(|check| check.at < first);
        let later = self.self_checks.iter().filter(|check| check.at >= first && check.at <= until);
        before_first.into_iter().chain(later).cloned().collect()
    }
}

/// The strongest tie between any of `sources` and `other`.
fn tie(sources: &[Source], other: &Source) -> Option<Tie> {
    sources.iter().filter_map(|source| source.tie(other)).max()
}
