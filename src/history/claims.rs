//! What belongs to a trial: which links, queries and fetches of a journal are its history.

use std::collections::BTreeSet;

use crate::policy::POLICY_PATH;
use crate::trial::{Network, Source, Tie, Timestamp, TrialId, before};

use super::attribution::{Attribution, Trial};
use super::{Attributed, History, Link, Noted, PolicyFetched, Queried, SelfChecked, Strength};

/// From so many networks on, a trial's resolver is one of many addresses, as public ones are: each question may come
/// from another, and none can be told from a stranger's.
const RESOLVER_NETWORKS_FEW: usize = 3;

impl Attribution {
    /// A trial's history.
    pub fn history(&self, id: &TrialId) -> Option<History> {
        let trial = self.trials.get(id)?;
        let links = self.attributed_links(id, trial);
        let until = trial.until().unwrap_or(Timestamp::MAX);
        let from = before(trial.claims_from, self.pace.lookup_lead_s);
        let kept_from = before(from, self.max_age_s);
        let sources = self.sources_of(trial);
        let others: Vec<_> = self.rivals(id, from, until).collect();
        // What is tied to an address belongs to the trial that it is tied to most strongly.
        let claim = |visitor: &Source| {
            let rival =
                others.iter().filter_map(|other| strongest_tie(&self.sources_of(other), visitor)).max();
            (strongest_tie(&sources, visitor), rival)
        };
        let opened: Vec<_> = links
            .iter()
            .filter(|attributed| !matches!(attributed.strength, Strength::Weak { shared: true, .. }))
            .map(|attributed| attributed.link.opened)
            .collect();
        let mut ours = self.resolvers_before(&opened);
        // Many senders ask through a resolver of their own, at their own address.
        ours.retain(|resolver| {
            let (own, rival) = claim(&Source::new(resolver.address(), None));
            own >= rival
        });
        let others_resolvers: BTreeSet<_> = others
            .iter()
            .flat_map(|other| {
                let opened: Vec<_> =
                    other.links.iter().filter_map(|link| Some(self.links.get(link)?.0.opened)).collect();
                self.resolvers_before(&opened)
            })
            .collect();
        let many = ours.len() >= RESOLVER_NETWORKS_FEW;
        let within = |at: Timestamp| (from..=until).contains(&at);
        let earlier = |at: Timestamp| (kept_from..from).contains(&at);
        let shortly_before_a_link = |at: Timestamp| {
            opened.iter().any(|opened| (before(*opened, self.pace.lookup_lead_s)..=*opened).contains(&at))
        };
        let is_ours = |query: &Noted<Queried>| {
            ours.contains(&resolver(query)) || many && shortly_before_a_link(query.at)
        };
        let queries: Vec<_> =
            self.queries.iter().filter(|query| within(query.at) && is_ours(query)).cloned().collect();
        let earlier_policy_queries = self.queries.iter().filter(|query| {
            earlier(query.at) && ours.contains(&resolver(query)) && query.what.is_for_mta_sts()
        });
        let asked_before = |fetch: &Noted<PolicyFetched>| {
            let lead = before(fetch.at, self.pace.lookup_lead_s);
            let shared = |query: &Noted<Queried>| others_resolvers.contains(&resolver(query));
            let mut asked = queries.iter().filter(|query| (lead..=fetch.at).contains(&query.at));
            asked.any(|query| query.what.is_for_mta_sts() && !shared(query))
        };
        let fetches = self.fetches.iter().filter(|fetch| {
            let (own, rival) = claim(&Source::new(fetch.what.address(), None));
            let tied = own.is_some() && own >= rival;
            (within(fetch.at) || earlier(fetch.at))
                && (tied || rival.is_none() && within(fetch.at) && asked_before(fetch))
        });
        let strangers = trial.strangers.iter().filter_map(|link| Some(self.links.get(link)?.0.clone()));
        Some(History {
            id: id.clone(),
            opened: trial.opened,
            ended: trial.ended.clone(),
            judged_to: trial.judged_to,
            last: self.last,
            window_until: trial
                .groups
                .iter()
                .map(|group| self.sources.window_until(*group, &self.pace))
                .max(),
            queries_complete: self.queries_lost_until < kept_from,
            resolver_shared: ours.iter().any(|resolver| others_resolvers.contains(resolver)),
            earlier_policy_queries: earlier_policy_queries.cloned().collect(),
            fetches: fetches.cloned().collect(),
            strangers: strangers.collect(),
            self_checks: self.self_checks_in_force(&links, until),
            queries,
            links,
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
        })
    }

    /// Whether a visit to the policy host may have been a sender's: it asked for the policy under the name of its
    /// host, or would have, had TLS not failed. Everything else is a scan; hosts on the Internet are visited on port
    /// 443 many times an hour.
    pub(super) fn is_policy_fetch(&self, fetched: &PolicyFetched) -> bool {
        let host = fetched.sni.as_deref().unwrap_or_default().strip_prefix("mta-sts.").unwrap_or_default();
        let published = self.catalogue.case_of_domain(host).is_some_and(|case| case.mta_sts.is_some());
        published && fetched.path.as_deref().is_none_or(|path| path == POLICY_PATH)
    }

    /// The links with a transaction of the trial, and those of its sources without any transaction of a trial,
    /// unless another trial has a stronger claim.
    fn attributed_links(&self, id: &TrialId, trial: &Trial) -> Vec<Attributed> {
        let sources = self.sources_of(trial);
        let kin = trial.groups.iter().flat_map(|group| self.sources.kin_of(*group));
        let groups: BTreeSet<_> = trial.groups.iter().copied().chain(kin).collect();
        let candidates: BTreeSet<_> =
            groups.iter().filter_map(|group| self.links_of.get(group)).flatten().collect();
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
        // Mail for nobody here, for the operator or of another trial speaks of no trial but its own.
        let owned = link
            .transactions
            .iter()
            .any(|(_, received)| self.owners.contains_key(&(link.id, received.number)));
        if owned || link.has_mail() || !trial.is_active(link.opened, link.greeted.unwrap_or(link.opened)) {
            return None;
        }
        let source = link.source();
        let Some(tie) = strongest_tie(sources, &source) else {
            // Another node of the sender, or somebody under its name: it decides nothing.
            let kin = sources.iter().any(|other| other.tie(&source) == Some(Tie::Domain));
            return kin.then_some(Strength::Weak { tie: Tie::Domain, shared: true });
        };
        let rivals: Vec<_> = self
            .rivals(id, link.opened, link.opened)
            .map(|other| (other, self.sources_of(other)))
            .filter_map(|(other, theirs)| Some((strongest_tie(&theirs, &source)?, other, theirs)))
            .collect();
        if rivals.iter().any(|(rival, ..)| *rival > tie) {
            return None;
        }
        // Two users of one server, with mail for the same, make no doubt about the server; two servers behind one
        // address do.
        let alike = |other: &Trial, theirs: &[Source]| {
            same_server(sources, theirs, &source) && other.cases.is_subset(&trial.cases)
        };
        let shared = rivals.iter().any(|(rival, other, theirs)| *rival == tie && !alike(other, theirs));
        Some(Strength::Weak { tie, shared })
    }

    /// Other trials with a message that were active at some time between `from` and `until`.
    fn rivals(&self, id: &TrialId, from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Trial> {
        self.trials
            .iter()
            .filter(move |(other, trial)| {
                *other != id
                    && trial.has_message
                    && trial.claims_from <= until
                    && trial.is_active(from, until)
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

    /// The networks whose resolvers asked for the suite's MX records, or for the addresses of its hosts, shortly
    /// before one of these times.
    fn resolvers_before(&self, opened: &[Timestamp]) -> BTreeSet<Network> {
        let shortly_before = |opened: &Timestamp| {
            let from = before(*opened, self.pace.lookup_lead_s);
            let first = self.queries.partition_point(|query| query.at < from);
            let opened = *opened;
            self.queries[first..].iter().take_while(move |query| query.at <= opened)
        };
        let leads_to_a_host = |query: &&Noted<Queried>| match query.what.rtype.as_str() {
            "MX" => true,
            "A" | "AAAA" => self.catalogue.persona_of_host(&query.what.name).is_some(),
            _ => false,
        };
        opened.iter().flat_map(shortly_before).filter(leads_to_a_host).map(resolver).collect()
    }

    fn self_checks_in_force(&self, links: &[Attributed], until: Timestamp) -> Vec<Noted<SelfChecked>> {
        let first = links.first().map_or(Timestamp::MIN, |first| first.link.opened);
        let before_first = self.self_checks.iter().rfind(|check| check.at < first);
        let later = self.self_checks.iter().filter(|check| check.at >= first && check.at <= until);
        before_first.into_iter().chain(later).cloned().collect()
    }
}

/// The strongest tie between any of `sources` and `other`, by address or network: the name in EHLO alone ties
/// nothing, since anybody can give it.
pub(super) fn strongest_tie(sources: &[Source], other: &Source) -> Option<Tie> {
    sources.iter().filter_map(|source| source.tie(other)).filter(|tie| *tie > Tie::Domain).max()
}

/// Whether a link from `source` came from one and the same server whichever of two trials it was for: both have links
/// from its address, and all of these give names of one domain.
fn same_server(ours: &[Source], theirs: &[Source], source: &Source) -> bool {
    let here = |sources: &[Source]| -> BTreeSet<Option<String>> {
        let here = sources.iter().filter(|other| other.address == source.address);
        here.map(|other| other.domain.clone()).collect()
    };
    let (ours, theirs) = (here(ours), here(theirs));
    ours.len() == 1 && ours == theirs
}

/// The network that a question came from: a resolver may ask from neighbouring addresses.
fn resolver(query: &Noted<Queried>) -> Network {
    Network::of(query.what.source.ip())
}
