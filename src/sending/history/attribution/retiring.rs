//! What leaves memory: trials whose verdict was told go to the journal, whose pages read them from there, and what no
//! trial can need any more goes altogether.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sending::trial::{LinkId, TrialId};
use crate::shared::time::{Timestamp, before};

use super::super::past::{Claims, Needed, Past, Place};
use super::super::{
    Attributed, Beyond, Fact, History, Link, Noted, Observation, Scan, Seq, Strength, TrialEnd,
    VerdictDelivery,
};
use super::Attribution;
use super::claims::{beyond, only};
use super::links::Kept;
use super::trials::Trial;

/// How many told trials are kept as a whole; the oldest go first. A start knows nothing of the windows of those that went
/// before their time.
const TOLD_KEPT_MAX: usize = 1_000;
/// How many of anything one call forgets, so that nobody waits long for it.
const FORGOTTEN_MAX: usize = 20_000;
/// How long a trial must have been open to be one whose other mail was deleted by age, in seconds: nothing is deleted
/// before, and who was killed often, or had too much to do, is late with a trial and has yet to tell of it.
const GHOST_S_MIN: u32 = 86_400;
/// How long a link may last, in seconds; one whose end never came, since we were killed, is over then.
const LINK_S_MAX: u32 = 3_600;

/// A told trial that is to leave memory.
#[derive(Clone, Debug, PartialEq)]
pub struct PutAway {
    /// What later mail may have to do with.
    pub past: Past,
    /// What its page is made of.
    pub record: Record,
    /// The links that carried its mail, and none of a trial that stays.
    pub links: Vec<LinkId>,
}

/// What a told trial's page is made of, by its place in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    trial: TrialId,
    opened: Timestamp,
    ended: Option<Noted<TrialEnd>>,
    scan: Option<Noted<Scan>>,
    delivery: Option<Noted<VerdictDelivery>>,
    judged_to: Option<Seq>,
    last: Seq,
    window_until: Option<Timestamp>,
    /// The links with its mail, and the numbers of its transactions on them.
    links: BTreeMap<LinkId, Vec<u16>>,
    strangers: BTreeSet<LinkId>,
    claims: Claims,
    beyond: Beyond,
    self_checks: Vec<Place>,
}

impl Record {
    /// The trial.
    pub fn trial(&self) -> &TrialId {
        &self.trial
    }

    /// When it ended.
    pub fn ended_at(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.opened, |ended| ended.at)
    }

    /// All links that its page shows.
    pub fn links(&self) -> BTreeSet<LinkId> {
        self.links.keys().chain(self.claims.weak.keys()).chain(&self.strangers).copied().collect()
    }

    /// Whether a link carried its mail.
    pub fn is_own(&self, link: LinkId) -> bool {
        self.links.contains_key(&link)
    }

    /// The observations that are about the trial itself.
    pub fn own_seqs(&self) -> impl Iterator<Item = Seq> {
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
        let places = claims.queries.iter().chain(&claims.earlier_policy_queries).chain(&claims.fetches);
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
        let fetches: Vec<_> =
            claims.fetches.iter().filter_map(|(_, seq)| fetches.get(seq).cloned()).collect();
        let strangers = self.strangers.iter().filter_map(|id| links.get(id).cloned());
        History {
            id: self.trial.clone(),
            opened: self.opened,
            ended: self.ended.clone(),
            judged_to: self.judged_to,
            last: self.last,
            window_until: self.window_until,
            queries: asked(&claims.queries),
            queries_complete: claims.queries_complete,
            main_resolver: claims.main_resolver,
            earlier_policy_queries: asked(&claims.earlier_policy_queries),
            policy_known_from: claims.policy_known_from(&fetches),
            fetches,
            fetches_complete: claims.fetches_complete,
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
            let link = only(links.get(id)?, |number| numbers.contains(&number));
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

impl Attribution {
    /// The told trials that are due to leave memory at `now`, the oldest first, at most so many.
    pub fn retirable(&self, now: Timestamp, at_most: usize) -> Vec<TrialId> {
        let told = self.trials.told_before(Timestamp::MAX).count();
        // Few long ones may be as much as many short ones.
        let kept_max = if self.links.len() > self.limits.links_max { 0 } else { TOLD_KEPT_MAX };
        let too_many = told.saturating_sub(kept_max);
        let due = self.trials.told_before(before(now, self.told_kept_s())).count();
        let oldest = self.trials.told_before(Timestamp::MAX).take(too_many.max(due));
        oldest.filter(|id| self.is_quiet(id, now)).take(at_most).cloned().collect()
    }

    /// How long after its verdict was told a trial is kept as a whole, in seconds. Its source is remembered for patience;
    /// a trial that began on that source's window meanwhile may be open as long again, and a start must find the window as
    /// it was. Meanwhile the sender's retries are shown on the trial's page.
    fn told_kept_s(&self) -> u32 {
        self.pace.patience_s.saturating_mul(2)
    }

    /// Whether no link of a trial may still bring more.
    fn is_quiet(&self, id: &TrialId, now: Timestamp) -> bool {
        let Some(trial) = self.trials.get(id) else { return false };
        let over = before(now, LINK_S_MAX);
        trial.links.iter().chain(&trial.late).all(|link| {
            self.links.get(*link).is_none_or(|kept| kept.link.closing.is_some() || kept.link.opened < over)
        })
    }

    /// What is to be written of a told trial before it may leave memory.
    pub fn put_away(&self, id: &TrialId) -> Option<PutAway> {
        let trial = self.trials.get(id)?;
        let claims = trial.told.as_deref()?;
        let history = self.history(id)?;
        let numbers = |link: &LinkId| {
            let owners = self.links.get(*link).map(|kept| kept.owners.as_slice()).unwrap_or_default();
            let numbers = owners.iter().map(|(number, _)| *number);
            let kept = self.links.get(*link);
            numbers.filter(|number| kept.is_some_and(|kept| kept.is_of(*number, id))).collect()
        };
        let links = trial.links.iter().chain(&trial.late).map(|link| (*link, numbers(link))).collect();
        let record = Record {
            trial: id.clone(),
            opened: trial.ties.opened,
            ended: trial.ended.clone(),
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
            judged_to: trial.judged_to,
            last: trial.delivery.as_ref().map_or(self.last.0, |told| told.seq),
            window_until: self.window_until(trial),
            links,
            strangers: trial.strangers.clone(),
            claims: claims.clone(),
            beyond: beyond(trial, claims, &history.links),
            self_checks: history.self_checks.iter().map(|check| (check.at, check.seq)).collect(),
        };
        let stays = |other: &TrialId| other != id && self.trials.get(other).is_some();
        let is_free = |link: &LinkId| {
            self.links.get(*link).is_some_and(|kept| {
                // One that has no end yet may bring more.
                kept.link.closing.is_some() && !kept.trials().any(stays)
            })
        };
        let links = record.links.keys().copied().filter(is_free).collect();
        Some(PutAway { past: self.past_of(trial), record, links })
    }

    fn past_of(&self, trial: &Trial) -> Past {
        Past { ties: trial.ties.clone(), resolvers: self.own_resolvers_of(trial).into_iter().collect() }
    }

    /// Lets a told trial leave memory, once it is written; a later mail of it is still known.
    pub fn retire(&mut self, id: &TrialId) {
        let Some(past) =
            self.trials.get(id).filter(|trial| trial.told.is_some()).map(|trial| self.past_of(trial))
        else {
            return;
        };
        for link in self.trials.retire(id, past) {
            let is_over = |kept: &Kept| kept.link.closing.is_some();
            if self.links.get(link).is_some_and(|kept| is_over(kept) && !self.is_wanted(kept)) {
                self.links.remove(link);
            }
        }
    }

    /// Links up to this one exist, though nothing of them is taken in any more, and what was written last is of this time.
    pub fn resumes(&mut self, last: LinkId, at: Timestamp) {
        self.links.skip_to(last);
        self.last.1 = at;
    }

    /// Takes in a trial that was written, after [`Self::resumes`] and before all observations.
    pub fn resume(&mut self, id: TrialId, past: Past) {
        self.trials.resume(id, past, before(self.last.1, self.pace.patience_s));
    }

    /// Whether a link carries mail of a trial that is kept.
    fn is_wanted(&self, kept: &Kept) -> bool {
        kept.trials().any(|trial| self.trials.get(trial).is_some())
    }

    /// Forgets what no trial can need any more: contacts, questions and visits that neither an open trial nor a new one
    /// could lay claim to. Only memory is freed; what the journal keeps is its own affair. It takes no longer than a mail
    /// may wait, and is to be called every few seconds.
    pub fn forget(&mut self, now: Timestamp) {
        // A link that lasts may still bring the mail that opens a trial.
        let kept_s = self.pace.patience_s.max(LINK_S_MAX);
        let contacts = before(now, kept_s).min(self.claimed_from().unwrap_or(now));
        let remembered = before(now, self.pace.patience_s);
        let (trials, limits) = (&self.trials, &self.limits);
        let is_wanted = |kept: &Kept| kept.trials().any(|trial| trials.get(trial).is_some());
        self.links.keep((contacts, limits.links_max), FORGOTTEN_MAX, is_wanted);
        self.trials.forget_sources(remembered, FORGOTTEN_MAX);
        self.sources.book().forget(remembered, FORGOTTEN_MAX);
        let lookups = before(contacts, self.max_age_s.saturating_add(self.pace.lookup_lead_s));
        self.questions.keep(lookups, self.limits.questions_max);
        self.fetches.keep(lookups, self.limits.fetches_max);
        let in_force = self.self_checks.iter().rposition(|check| check.at < contacts).unwrap_or(0);
        self.self_checks.drain(..in_force);
    }

    /// Since when contacts may be those of a trial that is open or whose verdict is not told yet.
    fn claimed_from(&self) -> Option<Timestamp> {
        let untold = self.trials.kept().filter(|(_, trial)| trial.told.is_none());
        untold.map(|(_, trial)| trial.ties.claims_from).min()
    }

    /// From when on a start must take in what is written; what came before is nobody's, or is written with a trial.
    pub fn needed_from(&self, now: Timestamp) -> Needed {
        // Of a told trial, too, until it is written.
        let claimed = self.trials.kept().map(|(_, trial)| trial.ties.claims_from).min();
        // What its source was remembered for when the first of them began.
        let contacts = before(now.min(claimed.unwrap_or(now)), self.pace.patience_s);
        let contacts = before(contacts, self.pace.lookup_lead_s.saturating_add(LINK_S_MAX));
        Needed { contacts, lookups: before(contacts, self.max_age_s) }
    }

    /// Forgets the past trials that ended before `horizon`.
    pub fn forget_past(&mut self, horizon: Timestamp) {
        for id in self.trials.past_before(horizon) {
            self.trials.forget(&id);
        }
    }

    /// Drops trials that were open for longer than a trial may be when the journal's last observation came: a part of
    /// their mail had been deleted by age, and with it the mail that had opened and ended them. To be called once, after
    /// what is stored was taken in. Gives those it dropped.
    pub fn drop_ghosts(&mut self) -> Vec<TrialId> {
        let horizon = before(self.last.1, self.pace.patience_s.saturating_mul(2).max(GHOST_S_MIN));
        let old = |id: &&TrialId| self.trials.ties(id).is_some_and(|ties| ties.opened < horizon);
        let ghosts: Vec<_> = self.trials.all_open().filter(old).cloned().collect();
        ghosts.iter().for_each(|id| self.trials.forget(id));
        ghosts
    }
}
