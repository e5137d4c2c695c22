//! From observations to trials: a fold of the journal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use crate::persona::Catalogue;
use crate::trial::{AddressId, LinkId, Pace, Source, Tie, Timestamp, TrialId, after, before};

use super::source_book::{GroupId, SourceBook};
use super::{
    Attributed, Ending, Fact, History, Link, Lost, Noted, Observation, PolicyFetched, Queried, QueriesLost,
    Received, SelfChecked, SourceRecord, Strength, TrialEnd, VerdictDelivery,
};

/// All trials of a journal, computed by folding its observations in order.
#[derive(Clone, Debug)]
pub struct Attribution {
    catalogue: Arc<Catalogue>,
    pace: Pace,
    secret: Vec<u8>,
    /// The longest time that a sender may keep a policy of ours, in seconds.
    max_age_s: u32,
    sources: SourceBook,
    links: BTreeMap<LinkId, (Link, Option<GroupId>)>,
    links_of: HashMap<GroupId, BTreeSet<LinkId>>,
    owners: HashMap<(LinkId, u16), TrialId>,
    trials: BTreeMap<TrialId, Trial>,
    by_message_id: HashMap<String, TrialId>,
    open_by_path: HashMap<AddressId, TrialId>,
    queries: Vec<Noted<Queried>>,
    /// The time up to which some are missing.
    queries_lost_until: Timestamp,
    fetches: Vec<Noted<PolicyFetched>>,
    self_checks: Vec<Noted<SelfChecked>>,
    /// Resolvers that a self-check of ours is asking through, and since when.
    own_resolvers: BTreeMap<IpAddr, Timestamp>,
}

/// What is kept of a trial beside its links.
#[derive(Clone, Debug)]
struct Trial {
    opened: Timestamp,
    /// From when on contacts without a transaction may be its.
    claims_from: Timestamp,
    ended: Option<Noted<TrialEnd>>,
    delivery: Option<Noted<VerdictDelivery>>,
    links: BTreeSet<LinkId>,
    groups: BTreeSet<GroupId>,
}

impl Trial {
    fn is_active(&self, at: Timestamp) -> bool {
        at >= self.claims_from && self.ended.as_ref().is_none_or(|ended| at <= ended.at)
    }
}

impl Attribution {
    /// Before the first observation. `secret` is the key of [`TrialId::new`].
    pub fn new(catalogue: Arc<Catalogue>, pace: Pace, secret: Vec<u8>) -> Self {
        let max_age_s =
            catalogue.test_cases().filter(|case| case.mta_sts.is_some()).map(|case| case.max_age_s).max();
        Self {
            catalogue,
            pace,
            secret,
            max_age_s: max_age_s.unwrap_or(0),
            sources: SourceBook::default(),
            links: BTreeMap::new(),
            links_of: HashMap::new(),
            owners: HashMap::new(),
            trials: BTreeMap::new(),
            by_message_id: HashMap::new(),
            open_by_path: HashMap::new(),
            queries: Vec::new(),
            queries_lost_until: Timestamp::MIN,
            fetches: Vec::new(),
            self_checks: Vec::new(),
            own_resolvers: BTreeMap::new(),
        }
    }

    /// Takes in the next observation of the journal.
    pub fn note(&mut self, observation: &Observation) {
        let (seq, at) = (observation.seq, observation.at);
        match &observation.fact {
            Fact::LinkOpened { link, .. } => self.open_link(*link, observation),
            Fact::Queried(queried) => self.note_query(Noted { seq, at, what: queried.clone() }),
            Fact::PolicyFetched(fetched) if self.is_self_check(fetched, at) => {}
            Fact::PolicyFetched(fetched) => self.fetches.push(Noted { seq, at, what: fetched.clone() }),
            Fact::SelfChecked(checked) => {
                self.own_resolvers.clear();
                self.self_checks.push(Noted { seq, at, what: checked.clone() });
            }
            Fact::QueriesLost(QueriesLost { until, why }) => {
                self.queries_lost_until = self.queries_lost_until.max(*until);
                if *why == Lost::Deleted {
                    self.queries.retain(|query| query.at > *until);
                }
            }
            Fact::TrialEnded(ended) => {
                if let Some(trial) = self.trials.get_mut(&ended.trial) {
                    trial.ended.get_or_insert(Noted { seq, at, what: ended.end });
                    self.open_by_path.retain(|_, open| *open != ended.trial);
                }
            }
            Fact::VerdictHandled(handled) => {
                if let Some(trial) = self.trials.get_mut(&handled.trial) {
                    trial.delivery = Some(Noted { seq, at, what: handled.delivery.clone() });
                }
            }
            fact => {
                if let Some(link) = fact.link() {
                    self.note_on_link(link, observation);
                }
            }
        }
    }

    fn open_link(&mut self, id: LinkId, observation: &Observation) {
        let Some(link) = Link::open(observation) else { return };
        let group = self.sources.group_of(&link.source());
        self.links.insert(id, (link, None));
        if let Some(group) = group {
            self.join(id, group);
        }
    }

    fn join(&mut self, id: LinkId, group: GroupId) {
        if let Some((_, place)) = self.links.get_mut(&id) {
            if let Some(former) = place.replace(group)
                && former != group
                && let Some(links) = self.links_of.get_mut(&former)
            {
                links.remove(&id);
            }
            self.links_of.entry(group).or_default().insert(id);
        }
    }

    fn note_on_link(&mut self, id: LinkId, observation: &Observation) {
        let Some((link, group)) = self.links.get_mut(&id) else { return };
        link.note(observation);
        let (source, group) = (link.source(), *group);
        match &observation.fact {
            Fact::Greeted { tls: false, offer, .. } => {
                let group = self.sources.greeted(&source, &self.pace, observation.at, !offer.starttls);
                self.join(id, group);
            }
            Fact::LinkClosed(_) => {
                let without_sni = link.tls.as_ref().is_some_and(|tls| tls.persona.is_none());
                if let (true, true, Some(group)) = (without_sni, link.refused_certificate(), group) {
                    self.sources.refused_without_sni(group);
                }
            }
            Fact::Received(received) => self.own(received),
            _ => {}
        }
    }

    /// Finds the trial of a transaction, or opens one.
    fn own(&mut self, received: &Received) {
        let message_id = match &received.ending {
            Ending::Complete(message) => message.message_id.as_ref(),
            _ => None,
        };
        let path = received.reverse_path.as_ref().map(|path| &path.id);
        let by_message = message_id.and_then(|id| self.by_message_id.get(id));
        let by_path = || path.and_then(|path| self.open_by_path.get(path));
        let known = by_message.or_else(by_path).cloned();
        let begins = !received.recipients.is_empty() && (message_id.is_some() || path.is_some());
        let Some(id) =
            known.or_else(|| begins.then(|| TrialId::new(&self.secret, received.link, received.number)))
        else {
            return;
        };
        self.owners.insert((received.link, received.number), id.clone());
        if let Some(message_id) = message_id {
            self.by_message_id.entry(message_id.clone()).or_insert_with(|| id.clone());
        }
        let opened = received.began;
        let trial = self.trials.entry(id.clone()).or_insert_with(|| Trial {
            opened,
            claims_from: opened,
            ended: None,
            delivery: None,
            links: BTreeSet::new(),
            groups: BTreeSet::new(),
        });
        trial.links.insert(received.link);
        if trial.ended.is_some() {
            return;
        }
        if let Some(path) = path {
            self.open_by_path.insert(path.clone(), id.clone());
        }
        if let Some((_, Some(group))) = self.links.get(&received.link)
            && trial.groups.insert(*group)
            && let Some(from) = self.sources.claim(*group, &id, &self.pace, received.began)
        {
            trial.claims_from = trial.claims_from.min(from);
        }
    }

    /// Keeps a query for a name of the suite. What a self-check asks is not a sender's: its first question is
    /// for [`Self::SELF_CHECK_LABEL`], and until its result is noted that resolver's questions are ours.
    fn note_query(&mut self, query: Noted<Queried>) {
        let name = query.what.name.to_ascii_lowercase();
        let resolver = query.what.source.ip().to_canonical();
        if name == format!("{}.{}", Self::SELF_CHECK_LABEL, self.catalogue.origin()) {
            self.own_resolvers.insert(resolver, query.at);
        }
        let of_suite = self.catalogue.test_cases().any(|case| {
            let domain = self.catalogue.domain(case);
            name == domain || name.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        });
        let ours =
            self.own_resolvers.get(&resolver).is_some_and(|since| Self::still_checking(*since, query.at));
        if of_suite && !ours {
            // Kept in the order of time, so that a look around a link is quick; a clock may have jumped.
            let place = self.queries.partition_point(|known| known.at <= query.at);
            self.queries.insert(place, query);
        }
    }

    /// Whether a visit to the policy host is a self-check's.
    fn is_self_check(&self, fetched: &PolicyFetched, at: Timestamp) -> bool {
        fetched.user_agent.as_ref().is_some_and(|agent| agent.starts_with("mailassay/"))
            && self.own_resolvers.values().any(|since| Self::still_checking(*since, at))
    }

    /// A self-check is at most that long, also one in another process, whose result is not noted here.
    fn still_checking(since: Timestamp, at: Timestamp) -> bool {
        at < after(since, Self::SELF_CHECK_S_MAX)
    }

    /// How long a self-check may last, in seconds.
    pub const SELF_CHECK_S_MAX: u32 = 60;

    /// The label under the origin that a self-check asks for first (TXT), so that its queries are known.
    pub const SELF_CHECK_LABEL: &'static str = "_selfcheck";

    /// Forgets what no trial can need any more: trials that ended before `horizon` with all that is theirs, and
    /// contacts, queries and visits that neither an open trial nor a new one could lay claim to. Only memory is
    /// freed; what the journal keeps is its own affair.
    pub fn forget(&mut self, horizon: Timestamp, now: Timestamp) {
        self.trials.retain(|_, trial| trial.ended.as_ref().is_none_or(|ended| ended.at >= horizon));
        let trials = &self.trials;
        self.by_message_id.retain(|_, id| trials.contains_key(id));
        self.open_by_path.retain(|_, id| trials.contains_key(id));
        self.owners.retain(|_, id| trials.contains_key(id));
        let claimed = trials.values().map(|trial| trial.claims_from).min().unwrap_or(now);
        // A new trial may claim contacts as old as its source is remembered.
        let contacts = before(now, self.pace.patience_s).min(claimed);
        self.links.retain(|_, (link, _)| link.opened >= contacts);
        let links = &self.links;
        self.links_of.retain(|_, ids| {
            ids.retain(|id| links.contains_key(id));
            !ids.is_empty()
        });
        let wanted = self.trials.values().flat_map(|trial| trial.groups.iter().copied()).collect();
        self.sources.forget(before(now, self.pace.patience_s), &wanted);
        let lookups = before(contacts, self.max_age_s.saturating_add(self.pace.lookup_lead_s));
        self.queries.retain(|query| query.at >= lookups);
        self.fetches.retain(|fetch| fetch.at >= lookups);
        let in_force = self.self_checks.iter().rposition(|check| check.at < contacts).unwrap_or(0);
        self.self_checks.drain(..in_force);
    }

    /// What is remembered of a source.
    pub fn source_record(&self, source: &Source, now: Timestamp) -> SourceRecord {
        self.sources.record(source, &self.pace, now)
    }

    /// The trial of a transaction; none for what opened none, such as a callout.
    pub fn trial_of(&self, link: LinkId, number: u16) -> Option<TrialId> {
        self.owners.get(&(link, number)).cloned()
    }

    /// Whether a trial has ended.
    pub fn has_ended(&self, id: &TrialId) -> bool {
        self.trials.get(id).is_some_and(|trial| trial.ended.is_some())
    }

    /// The trials that have not ended.
    pub fn open_trials(&self) -> Vec<TrialId> {
        self.trials.iter().filter(|(_, trial)| trial.ended.is_none()).map(|(id, _)| id.clone()).collect()
    }

    /// All trials, by the time they were opened.
    pub fn all_trials(&self) -> Vec<TrialId> {
        let mut trials: Vec<_> = self.trials.iter().map(|(id, trial)| (trial.opened, id.clone())).collect();
        trials.sort();
        trials.into_iter().map(|(_, id)| id).collect()
    }

    /// The open trials that an observation may concern.
    pub fn touched_by(&self, observation: &Observation) -> Vec<TrialId> {
        let concerned = |groups: &BTreeSet<GroupId>| match observation.fact.link() {
            Some(link) => self
                .links
                .get(&link)
                .and_then(|(_, group)| *group)
                .is_some_and(|group| groups.contains(&group)),
            None => {
                matches!(observation.fact, Fact::Queried(_) | Fact::PolicyFetched(_) | Fact::SelfChecked(_))
            }
        };
        let open = self.trials.iter().filter(|(_, trial)| trial.ended.is_none());
        open.filter(|(_, trial)| concerned(&trial.groups)).map(|(id, _)| id.clone()).collect()
    }

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
        // A visit is its whose source is tied most strongly; one that is tied to nobody may be anybody's.
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
            earlier(query.at) && ours.contains(&resolver(query)) && is_policy_query(&query.what)
        });
        let fetches = self.fetches.iter().filter(|fetch| {
            let (own, rival) = claim(fetch.what.address());
            within(fetch.at) && own >= rival || earlier(fetch.at) && own.is_some() && own >= rival
        });
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
            fetches: fetches.cloned().collect(),
            self_checks: self.self_checks_in_force(&links, until),
            links,
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
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter_map(|link| {
                let (link, _) = self.links.get(link)?;
                if !trial.links.contains(&link.id) {
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

    /// Other trials that were active at some time between `from` and `until`.
    fn rivals(&self, id: &TrialId, from: Timestamp, until: Timestamp) -> impl Iterator<Item = &Trial> {
        self.trials
            .iter()
            .filter(move |(other, trial)| {
                *other != id
                    && trial.claims_from <= until
                    && (trial.is_active(from) || trial.claims_from >= from)
            })
            .map(|(_, trial)| trial)
    }

    /// The sources of a trial's exact links, each once.
    fn sources_of(&self, trial: &Trial) -> Vec<Source> {
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

/// Whether a query is for an MTA-STS record.
fn is_policy_query(query: &Queried) -> bool {
    query.rtype == "TXT" && query.name.get(..9).is_some_and(|label| label.eq_ignore_ascii_case("_mta-sts."))
}

/// The strongest tie between any of `sources` and `other`.
fn tie(sources: &[Source], other: &Source) -> Option<Tie> {
    sources.iter().filter_map(|source| source.tie(other)).max()
}
