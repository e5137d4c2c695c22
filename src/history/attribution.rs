//! From observations to trials: a fold of the journal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use crate::persona::{CaseId, Catalogue};
use crate::trial::{
    AddressId, LinkId, Mailbox, Pace, Source, Timestamp, TrialId, after, before, registrable_domain,
};

use super::claims::Claims;
use super::source_book::{GroupId, SourceBook};
use super::{
    Ending, Fact, Link, Lost, MessageFacts, Noted, Observation, PolicyFetched, Queried, QueriesLost,
    Received, Scan, SelfChecked, Seq, SourceRecord, TrialEnd, VerdictDelivery, VerdictHandled,
};

/// All trials of a journal, computed by folding its observations in order.
#[derive(Clone, Debug)]
pub struct Attribution {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
    pub(super) secret: Vec<u8>,
    /// The longest time that a sender may keep a policy of ours, in seconds.
    pub(super) max_age_s: u32,
    pub(super) sources: SourceBook,
    pub(super) links: BTreeMap<LinkId, (Link, Option<GroupId>)>,
    pub(super) links_of: HashMap<GroupId, BTreeSet<LinkId>>,
    pub(super) owners: HashMap<(LinkId, u16), TrialId>,
    pub(super) trials: BTreeMap<TrialId, Trial>,
    /// Nearly always one trial each; senders that have nothing to do with each other may use the same, or a stranger
    /// a sender's.
    pub(super) by_message_id: HashMap<String, Vec<TrialId>>,
    /// The open trials of each reverse-path, which strangers know, too.
    pub(super) open_by_path: HashMap<AddressId, Vec<TrialId>>,
    /// The latest ended trials of each reverse-path, for retries that show no Message-ID.
    pub(super) ended_by_path: HashMap<AddressId, Vec<TrialId>>,
    pub(super) queries: Vec<Noted<Queried>>,
    /// Those that a self-check of ours may have asked: they lead to nothing.
    pub(super) own_queries: BTreeSet<Seq>,
    /// The time up to which some are missing.
    pub(super) queries_lost_until: Timestamp,
    pub(super) fetches: Vec<Noted<PolicyFetched>>,
    pub(super) self_checks: Vec<Noted<SelfChecked>>,
    /// Resolvers that a self-check of ours is asking through, and since when.
    pub(super) own_resolvers: BTreeMap<IpAddr, Timestamp>,
    /// The last observation that was taken in.
    pub(super) last: Seq,
}

/// What is kept of a trial beside its links.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) opened: Timestamp,
    /// From when on contacts without a transaction may be its.
    pub(super) claims_from: Timestamp,
    pub(super) ended: Option<Noted<TrialEnd>>,
    pub(super) scan: Option<Noted<Scan>>,
    pub(super) delivery: Option<Noted<VerdictDelivery>>,
    /// The last observation that the verdict rested on, once it was told.
    pub(super) judged_to: Option<Seq>,
    /// What it had a claim to when its verdict was told.
    pub(super) told: Option<Claims>,
    /// The registrable domains of its reverse-paths that SPF or DKIM vouched for.
    pub(super) domains: BTreeSet<String>,
    /// The cases that its mail was for.
    pub(super) cases: BTreeSet<CaseId>,
    /// The Date fields of its messages.
    pub(super) dates: BTreeSet<String>,
    pub(super) links: BTreeSet<LinkId>,
    /// Whether a message came to its dot: until then it may be a probe of an address.
    pub(super) has_message: bool,
    /// Links that carried its mail only after its end: shown, and no claim to anything.
    pub(super) late: BTreeSet<LinkId>,
    /// Links whose mail named its reverse-path or Message-ID and that nothing ties to it.
    pub(super) strangers: BTreeSet<LinkId>,
    pub(super) groups: BTreeSet<GroupId>,
}

impl Trial {
    fn new(opened: Timestamp) -> Self {
        Self {
            opened,
            claims_from: opened,
            ended: None,
            scan: None,
            delivery: None,
            judged_to: None,
            told: None,
            domains: BTreeSet::new(),
            cases: BTreeSet::new(),
            dates: BTreeSet::new(),
            links: BTreeSet::new(),
            has_message: false,
            late: BTreeSet::new(),
            strangers: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }

    /// Whether a contact between these times may be its. What came up to the verdict counts.
    pub(super) fn is_active(&self, from: Timestamp, until: Timestamp) -> bool {
        until >= self.claims_from && self.until().is_none_or(|end| from <= end)
    }

    /// When its verdict was told; none while what comes may still count.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.ended.as_ref().and(self.delivery.as_ref()).map(|told| told.at)
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
            ended_by_path: HashMap::new(),
            queries: Vec::new(),
            own_queries: BTreeSet::new(),
            queries_lost_until: Timestamp::MIN,
            fetches: Vec::new(),
            self_checks: Vec::new(),
            own_resolvers: BTreeMap::new(),
            last: Seq(0),
        }
    }

    /// Takes in the next observation of the journal.
    pub fn note(&mut self, observation: &Observation) {
        let (seq, at) = (observation.seq, observation.at);
        self.last = seq;
        match &observation.fact {
            Fact::LinkOpened { link, .. } => self.open_link(*link, observation),
            Fact::Queried(queried) => self.note_query(Noted { seq, at, what: queried.clone() }),
            Fact::PolicyFetched(fetched) => {
                if self.is_policy_fetch(fetched) && !self.is_self_check(fetched, at) {
                    self.fetches.push(Noted { seq, at, what: fetched.clone() });
                }
            }
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
                    let of_trial = |id: &mut TrialId| *id == ended.trial;
                    for (path, open) in &mut self.open_by_path {
                        let its = open.extract_if(.., of_trial);
                        its.for_each(|id| self.ended_by_path.entry(path.clone()).or_default().push(id));
                    }
                    self.open_by_path.retain(|_, open| !open.is_empty());
                }
            }
            Fact::VerdictHandled(handled) => self.tell(observation, handled),
            // The first counts: a verdict that went out stays what it was.
            Fact::Scanned(scanned) => {
                if let Some(trial) = self.trials.get_mut(&scanned.trial) {
                    trial.scan.get_or_insert_with(|| Noted { seq, at, what: Scan::from(&**scanned) });
                }
            }
            fact => {
                if let Some(link) = fact.link() {
                    self.note_on_link(link, observation);
                }
            }
        }
    }

    /// A verdict was told: what it rested on is kept as it was.
    fn tell(&mut self, observation: &Observation, handled: &VerdictHandled) {
        let (seq, at) = (observation.seq, observation.at);
        // Journals from before that was noted: the verdict rested on what came up to the end.
        let ended = self.trials.get(&handled.trial).and_then(|trial| trial.ended.as_ref());
        let judged_to = handled.judged_to.unwrap_or_else(|| ended.map_or(seq, |ended| ended.seq));
        let claims = self.claims_up_to(&handled.trial, judged_to);
        if let Some(trial) = self.trials.get_mut(&handled.trial) {
            trial.judged_to = Some(judged_to);
            trial.told = Some(claims);
            trial.delivery = Some(Noted { seq, at, what: handled.delivery.clone() });
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
            Fact::Greeted { tls: false, .. } => {
                let group = self.sources.greeted(&source, &self.pace, observation.at);
                self.join(id, group);
            }
            Fact::LinkClosed(_) => {
                let without_sni = link.tls.as_ref().is_some_and(|tls| tls.persona.is_none());
                if let (true, Some(group)) = (link.left_without_starttls(), group) {
                    self.sources.left(group);
                }
                if let (true, true, Some(group)) = (without_sni, link.refused_certificate(), group) {
                    self.sources.refused_without_sni(group, observation.at);
                }
            }
            Fact::Received(received) => self.own(received),
            _ => {}
        }
    }

    /// Finds the trial of a transaction, or opens one.
    fn own(&mut self, received: &Received) {
        let message = match &received.ending {
            Ending::Complete(message) => Some(&**message),
            _ => None,
        };
        let message_id = message.and_then(|message| message.message_id.as_ref());
        let path = received.reverse_path.as_ref().map(|path| &path.id);
        let (same_mail, of_strangers) = self.trials_named(received, message);
        let opened = received.began;
        // What is vouched for is the sender's own, and the trial that it names a forger's: he is told nothing of it.
        let unvouched = message.is_some_and(|message| !message.authentication.vouched);
        for id in of_strangers.into_iter().filter(|_| unvouched) {
            let trial = self.trials.get_mut(&id).filter(|trial| trial.strangers.len() < Self::STRANGERS_MAX);
            if let Some(trial) = trial {
                trial.strangers.insert(received.link);
            }
        }
        let begins = !received.recipients.is_empty() && (message_id.is_some() || path.is_some());
        let Some(id) =
            same_mail.or_else(|| begins.then(|| TrialId::new(&self.secret, received.link, received.number)))
        else {
            return;
        };
        self.owners.insert((received.link, received.number), id.clone());
        if let Some(message_id) = message_id {
            let trials = self.by_message_id.entry(message_id.clone()).or_default();
            if !trials.contains(&id) {
                trials.push(id.clone());
            }
        }
        let trial = self.trials.entry(id.clone()).or_insert_with(|| Trial::new(opened));
        if trial.ended.is_some() {
            if !trial.links.contains(&received.link) {
                trial.late.insert(received.link);
            }
            return;
        }
        trial.links.insert(received.link);
        let vouched = message.is_some_and(|message| message.authentication.vouched);
        trial.domains.extend(received.reverse_path.as_ref().filter(|_| vouched).map(domain_of));
        let addressed = message.into_iter().flat_map(|message| &message.addressed);
        trial.cases.extend(received.recipients.iter().chain(addressed).map(|to| to.case.clone()));
        trial.dates.extend(message.and_then(|message| message.date.clone()));
        trial.has_message |= message.is_some();
        if let Some(path) = path {
            let open = self.open_by_path.entry(path.clone()).or_default();
            if !open.contains(&id) {
                open.push(id.clone());
            }
        }
        let begun = match self.links.get(&received.link) {
            Some((link, Some(group))) if trial.groups.insert(*group) => Some((link.source(), *group)),
            _ => None,
        };
        let Some((source, group)) = begun else { return };
        let vouched = message.is_some_and(|message| message.authentication.vouched);
        let owner = self.sources.owner(group).and_then(|owner| self.trials.get(owner));
        let shares = owner.is_some_and(|trial| {
            trial.ended.is_none()
                && trial.has_message
                && self.trials.get(&id).is_some_and(|own| own.cases.is_subset(&trial.cases))
                && self.sources_of(trial).contains(&source)
        });
        let from = self.sources.claim((group, &source), (&id, opened), &self.pace, vouched, shares);
        if let (Some(from), Some(trial)) = (from, self.trials.get_mut(&id)) {
            trial.claims_from = trial.claims_from.min(from);
        }
    }

    /// How many links of strangers are kept with a trial.
    const STRANGERS_MAX: usize = 20;

    /// The trial that a transaction belongs to, and the trials that it only names. Reverse-path, Message-ID and the
    /// name in EHLO are known to others: a transaction joins a trial by them only from a source that is tied to it by
    /// address or network, or where SPF or DKIM vouches for it.
    fn trials_named(
        &self,
        received: &Received,
        message: Option<&MessageFacts>,
    ) -> (Option<TrialId>, Vec<TrialId>) {
        let message_id = message.and_then(|message| message.message_id.as_ref());
        let path = received.reverse_path.as_ref().map(|path| &path.id);
        let all = |ids: Option<&Vec<TrialId>>| ids.into_iter().flatten().cloned().collect::<Vec<_>>();
        let by_message = all(message_id.and_then(|id| self.by_message_id.get(id)));
        let by_message = by_message.into_iter().filter(|id| self.is_same_mail(id, message));
        let by_path = all(path.and_then(|path| self.open_by_path.get(path)));
        // What shows no Message-ID cannot be a new mail for sure: a retry that was broken off, or of a mail that
        // has none. It starts nothing.
        let retried =
            all(path.filter(|_| message_id.is_none()).and_then(|path| self.ended_by_path.get(path)));
        let retried = retried.into_iter().rev().filter(|id| {
            let ended = self.trials.get(id).and_then(|trial| trial.ended.as_ref());
            ended.is_some_and(|ended| received.began < after(ended.at, self.pace.patience_s))
        });
        let mut of_strangers = Vec::new();
        for id in by_message.chain(by_path).chain(retried) {
            if self.is_tied(&id, received, message) {
                return (Some(id), Vec::new());
            }
            of_strangers.push(id);
        }
        of_strangers.sort();
        of_strangers.dedup();
        (None, of_strangers)
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
        if of_suite {
            if ours {
                self.own_queries.insert(query.seq);
            }
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
        self.by_message_id.retain(|_, ids| {
            ids.retain(|id| trials.contains_key(id));
            !ids.is_empty()
        });
        for by_path in [&mut self.open_by_path, &mut self.ended_by_path] {
            by_path.retain(|_, ids| {
                ids.retain(|id| trials.contains_key(id));
                !ids.is_empty()
            });
        }
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
        let oldest = self.queries.iter().map(|query| query.seq).min().unwrap_or(self.last);
        self.own_queries.retain(|seq| *seq >= oldest);
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

    /// The last link that is known: identities after it are free.
    pub fn last_link(&self) -> Option<LinkId> {
        self.links.keys().next_back().copied()
    }

    /// The trials that have not ended.
    pub fn open_trials(&self) -> Vec<TrialId> {
        self.trials.iter().filter(|(_, trial)| trial.ended.is_none()).map(|(id, _)| id.clone()).collect()
    }

    /// The trials that ended at `since` or later, or whose verdict is not handled yet, and for which nothing was
    /// scanned.
    pub fn unscanned(&self, since: Timestamp) -> Vec<TrialId> {
        let wanted = |trial: &Trial| {
            let ended = trial.ended.as_ref();
            trial.scan.is_none() && ended.is_some_and(|ended| ended.at >= since || trial.delivery.is_none())
        };
        self.trials.iter().filter(|(_, trial)| wanted(trial)).map(|(id, _)| id.clone()).collect()
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
}

/// The registrable domain of a reverse-path; the domain itself where it has none.
pub(super) fn domain_of(path: &Mailbox) -> String {
    registrable_domain(&path.domain).unwrap_or_else(|| path.domain.clone())
}
