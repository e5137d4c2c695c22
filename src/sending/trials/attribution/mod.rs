//! From observations to trials: a projection of the journal.
//!
//! Whatever an observation costs does not depend on how many trials there are, nor on how long one is: everything is
//! found by an index, and everything that belongs to a trial has a limit ([`Limits`]).

mod cases;
mod claims;
mod few;
mod history;
mod joining;
mod resolvers;
mod retiring;
mod rivals;
mod tables;
mod weak;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::sending::history::{
    ContactsLost, Fact, FetchesLost, Link, Lost, Noted, Observation, PolicyFetched, Queried, QueriesLost,
    Scan, SelfChecked, Seq, VerdictHandled,
};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{LinkId, Mailbox, Network, Pace, TrialId};
use crate::shared::domain_name::registrable_domain;
use crate::shared::time::{Timestamp, after};

use super::limits::{Limits, TooMany};
use super::source_book::Sources;

use cases::CaseTables;
use tables::{FetchTable, LinkTable, Owner, QuestionTable, TrialTable};

/// All trials of a journal, computed by folding its observations in order.
#[derive(Debug)]
pub struct Attribution {
    catalogue: Arc<Catalogue>,
    pace: Pace,
    limits: Limits,
    secret: Vec<u8>,
    /// The longest time that a sender may keep a policy of ours, in seconds.
    max_age_s: u32,
    /// The same of policies of ruled cases.
    ruled_max_age_s: u32,
    sources: Sources,
    links: LinkTable,
    trials: TrialTable,
    questions: QuestionTable,
    fetches: FetchTable,
    cases: CaseTables,
    self_checks: Vec<Noted<Arc<SelfChecked>>>,
    /// Resolvers that a self-check of ours is asking through, and since when.
    own_resolvers: BTreeMap<IpAddr, Timestamp>,
    /// The last observation that was taken in, and its time.
    last: (Seq, Timestamp),
}

/// How many resolvers may be taken for those of a self-check at a time.
const OWN_RESOLVERS_MAX: usize = 64;

/// How many trials a question touches at most; more share a resolver only where it is one of the big ones, and then
/// their links and their deadlines touch them.
const TOUCHED_MAX: usize = 16;

/// How many trials are told that links of their network are missing.
const LACKING_MAX: usize = 1_000;

impl Attribution {
    /// Before the first observation. `secret` is the key of [`TrialId::new`].
    pub fn new(catalogue: Arc<Catalogue>, pace: Pace, limits: Limits, secret: Vec<u8>) -> Self {
        let max_age_s =
            catalogue.classic_cases().filter(|case| case.mta_sts.is_some()).map(|case| case.max_age_s).max();
        let ruled = catalogue.ruled_cases().filter_map(|case| case.mta_sts.as_ref());
        let ruled_max_age_s = ruled.map(|policy| policy.max_age_s).max().unwrap_or(0);
        Self {
            catalogue,
            sources: Sources::new(pace.clone()),
            pace,
            limits,
            secret,
            max_age_s: max_age_s.unwrap_or(0),
            ruled_max_age_s,
            links: LinkTable::default(),
            trials: TrialTable::default(),
            questions: QuestionTable::default(),
            fetches: FetchTable::default(),
            cases: CaseTables::default(),
            self_checks: Vec::new(),
            own_resolvers: BTreeMap::new(),
            last: (Seq(0), Timestamp::MIN),
        }
    }

    /// Takes in the next observation of the journal.
    pub fn note(&mut self, observation: &Observation) {
        let (seq, at) = (observation.seq, observation.at);
        self.last = (seq, self.last.1.max(at));
        match &observation.fact {
            Fact::LinkOpened { link, .. } => self.open_link(*link, observation),
            Fact::Queried(queried) => self.note_query(&Noted { seq, at, what: queried.clone() }),
            Fact::PolicyFetched(fetched) => {
                if self.is_self_check(fetched, at) {
                    return;
                }
                match self.is_policy_fetch(fetched) {
                    true => self.fetches.insert(seq, at, fetched),
                    false => self.note_case_fetch((seq, at), fetched),
                }
            }
            Fact::SelfChecked(checked) => {
                self.own_resolvers.clear();
                if !checked.unseen.is_empty() {
                    // Others were asked, too, and are asked on: the next look finds them again.
                    self.questions.lost(None, at, false);
                    self.cases.questions.lost(None, at, false);
                }
                self.self_checks.push(Noted { seq, at, what: Arc::new(checked.clone()) });
            }
            Fact::QueriesLost(QueriesLost { network, until, why }) => {
                self.questions.lost(*network, *until, *why == Lost::Deleted);
                self.cases.lost_questions(*network, *until, *why == Lost::Deleted);
            }
            Fact::FetchesLost(FetchesLost { network, until, why }) => {
                self.fetches.lost(*network, *until, *why == Lost::Deleted);
                self.cases.lost_fetches(*network, *until, *why == Lost::Deleted);
            }
            Fact::ContactsLost(lost) => self.note_contacts_lost(lost),
            Fact::TrialEnded(ended) => self.trials.end(&ended.trial, Noted { seq, at, what: ended.end }),
            Fact::VerdictHandled(handled) => self.tell(observation, handled),
            Fact::Scanned(scanned) => {
                self.trials.scanned(&scanned.trial, Noted { seq, at, what: Scan::from(&**scanned) });
            }
            Fact::LabelsIssued(issued) => self.note_labels(at, issued),
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
        let delivery = Noted { seq, at, what: handled.delivery.clone() };
        self.trials.tell(&handled.trial, delivery, judged_to, claims);
    }

    fn open_link(&mut self, id: LinkId, observation: &Observation) {
        let Some(link) = Link::open(observation) else { return };
        let group = self.sources.book().group_of(&link.source());
        self.links.open(link);
        if let Some(group) = group {
            self.links.join(id, group);
        }
    }

    fn note_on_link(&mut self, id: LinkId, observation: &Observation) {
        let Some(kept) = self.links.get_mut(id) else { return };
        Arc::make_mut(&mut kept.link).note(observation);
        let (link, group) = (Arc::clone(&kept.link), kept.group);
        match &observation.fact {
            Fact::Greeted { tls, .. } => {
                if !tls {
                    let group = {
                        let mut book = self.sources.book();
                        match link.entrance {
                            None => book.greeted(&link.source(), observation.at),
                            Some(_) => book.entered(&link.source(), observation.at),
                        }
                    };
                    self.links.join(id, group);
                }
                self.name_sources_anew(id);
            }
            Fact::HelloSeen { hello, .. } => self.note_server_name(id, hello.sni.as_deref()),
            Fact::Answered { number, code: 250, .. } => self.note_acknowledged(id, *number),
            Fact::LinkClosed(_) if link.entrance.is_none() => {
                let without_sni = link.tls.as_ref().is_some_and(|tls| tls.persona.is_none());
                if let (true, Some(group)) = (link.left_without_starttls(), group) {
                    self.sources.book().left(group);
                }
                if let (true, true, Some(group)) = (without_sni, link.refused_certificate(), group) {
                    self.sources.book().refused_without_sni(group, observation.at);
                }
            }
            Fact::Received(received) => self.own(received),
            _ => {}
        }
    }

    /// Keeps a query for a name of the suite. What a self-check asks is not a sender's: its first question is
    /// for [`Self::SELF_CHECK_LABEL`], and until its result is noted that resolver's questions are ours.
    fn note_query(&mut self, query: &Noted<Queried>) {
        let name = query.what.name.to_ascii_lowercase();
        let resolver = query.what.source.ip().to_canonical();
        let above = name.strip_suffix(self.catalogue.origin()).and_then(|rest| rest.strip_suffix('.'));
        // Whoever looks again soon has a name of its own below the label, which no cache answers.
        let is_mark = above.is_some_and(|above| above.rsplit('.').next() == Some(Self::SELF_CHECK_LABEL));
        if is_mark && self.own_resolvers.len() < OWN_RESOLVERS_MAX {
            self.own_resolvers.insert(resolver, query.at);
        }
        let of_suite = self.catalogue.classic_cases().any(|case| {
            let domain = self.catalogue.domain(case);
            name == domain || name.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        });
        let own =
            self.own_resolvers.get(&resolver).is_some_and(|since| Self::still_checking(*since, query.at));
        if !of_suite {
            self.note_case_query(query, own);
            return;
        }
        let leads = match query.what.rtype.as_str() {
            "MX" => true,
            "A" | "AAAA" => self.catalogue.persona_of_host(&query.what.name).is_some(),
            _ => false,
        };
        self.questions.insert(query, leads, own);
    }

    /// Links of a network are missing: the open trials with a source in it lack them.
    fn note_contacts_lost(&mut self, lost: &ContactsLost) {
        let count = u32::try_from(lost.count).unwrap_or(u32::MAX);
        let lacking: Vec<TrialId> = match lost.network {
            Some(network) => {
                let open = self.trials.in_site(network).filter(|id| !self.has_ended(id));
                open.take(LACKING_MAX).cloned().collect()
            }
            None => Vec::new(),
        };
        for id in lacking {
            if let Some(trial) = self.trials.get_mut(&id) {
                trial.beyond.links = trial.beyond.links.saturating_add(count);
            }
        }
        if lost.network.is_none() {
            self.links.lost(lost.until);
        }
    }

    /// Whether a visit is a self-check's.
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

    /// What is remembered of sources: listeners ask it, and wait for nothing else.
    pub fn sources(&self) -> Sources {
        self.sources.clone()
    }

    /// The trial of a transaction; none for what opened none, such as a callout.
    pub fn trial_of(&self, link: LinkId, number: u16) -> Option<TrialId> {
        match self.owner_of(link, number)? {
            Owner::Trial(trial) => Some(trial.clone()),
            Owner::Nobody(_) => None,
        }
    }

    /// Why a transaction opened no trial, if that is because there were too many.
    pub fn too_many(&self, link: LinkId, number: u16) -> Option<TooMany> {
        match self.owner_of(link, number)? {
            Owner::Trial(_) => None,
            Owner::Nobody(too_many) => Some(*too_many),
        }
    }

    fn owner_of(&self, link: LinkId, number: u16) -> Option<&Owner> {
        let owners = &self.links.get(link)?.owners;
        owners.iter().rfind(|(n, _)| *n == number).map(|(_, owner)| owner)
    }

    /// Whether a trial has ended.
    pub fn has_ended(&self, id: &TrialId) -> bool {
        self.trials.ties(id).is_some_and(|ties| ties.ended.is_some())
    }

    /// How many links carried mail of a trial, and when it was opened; none if it is not kept as a whole.
    pub fn extent(&self, id: &TrialId) -> Option<(usize, Timestamp)> {
        self.trials.get(id).map(|trial| (trial.links.len(), trial.ties.opened))
    }

    /// What the service found when it last looked at itself.
    pub fn last_self_check(&self) -> Option<Arc<SelfChecked>> {
        self.self_checks.last().map(|noted| Arc::clone(&noted.what))
    }

    /// The last link of a node that is known: identities of that node after it are free.
    pub fn last_link(&self, node: u16) -> Option<LinkId> {
        self.links.last_of(node)
    }

    /// The trials that have not ended.
    pub fn open_trials(&self) -> Vec<TrialId> {
        self.trials.all_open().cloned().collect()
    }

    /// How many trials are open, kept as a whole, and past; and how many links, questions and visits are remembered.
    pub fn counts(&self) -> Counts {
        Counts {
            open: self.trials.open_count(),
            kept: self.trials.kept_count(),
            past: self.trials.past_count(),
            links: self.links.len(),
            questions: self.questions.len() + self.cases.questions.len() + self.cases.named.len().0,
            fetches: self.fetches.len() + self.cases.fetches.len() + self.cases.named.len().1,
        }
    }

    /// The trials that ended at `since` or later, or whose verdict is not handled yet, and for which nothing was
    /// scanned; at most so many.
    pub fn unscanned(&self, since: Timestamp, at_most: usize) -> Vec<TrialId> {
        self.trials.unscanned(since).take(at_most).cloned().collect()
    }

    /// All trials that are kept as a whole, by the time they were opened.
    pub fn all_trials(&self) -> Vec<TrialId> {
        let mut trials: Vec<_> =
            self.trials.kept().map(|(id, trial)| (trial.ties.opened, id.clone())).collect();
        trials.sort();
        trials.into_iter().map(|(_, id)| id).collect()
    }

    /// The open trials that an observation may concern.
    pub fn touched_by(&self, observation: &Observation) -> Vec<TrialId> {
        if let Some(named) = self.touched_by_name(&observation.fact) {
            return vec![named];
        }
        match &observation.fact {
            Fact::Queried(queried) => {
                let network = Network::of(queried.source.ip());
                self.few_open(self.trials.led_by(network))
            }
            Fact::PolicyFetched(fetched) => {
                let network = Network::of(fetched.address());
                self.few_open(self.trials.in_network(network))
            }
            // Every quarter of an hour, and only where something changed.
            Fact::SelfChecked(checked) => {
                let before = self.self_checks.iter().rev().nth(1);
                match before.is_some_and(|before| *before.what == *checked) {
                    true => Vec::new(),
                    false => self.open_trials(),
                }
            }
            fact => {
                let kept = fact.link().and_then(|link| self.links.get(link));
                let group = kept.and_then(|kept| kept.group);
                group.into_iter().flat_map(|group| self.trials.open_of_group(group)).cloned().collect()
            }
        }
    }

    /// The open ones of these trials, if they are few.
    fn few_open<'a>(&self, trials: impl Iterator<Item = &'a TrialId>) -> Vec<TrialId> {
        let mut few: Vec<_> = trials.take(TOUCHED_MAX + 1).cloned().collect();
        if few.len() > TOUCHED_MAX {
            few.clear();
        }
        few.retain(|id| !self.has_ended(id));
        few
    }
}

/// How much is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Trials that are open.
    pub open: usize,
    /// Trials that are kept as a whole: those that are open, and the latest that ended.
    pub kept: usize,
    /// Trials whose pages are read from the journal.
    pub past: usize,
    pub links: usize,
    /// Questions to DNS.
    pub questions: usize,
    /// Visits to the policy host.
    pub fetches: usize,
}

/// The registrable domain of a reverse-path; the domain itself where it has none.
fn domain_of(path: &Mailbox) -> String {
    registrable_domain(&path.domain).unwrap_or_else(|| path.domain.clone())
}
