//! What leaves memory: trials whose verdict was told go to the journal, whose pages read them from there, and what no
//! trial can need any more goes altogether.

use crate::sending::journal::{Needed, PAST_KEPT_S};
use crate::sending::trial::{LinkId, TrialId};
use crate::sending::trials::archive::{Away, Record};
use crate::sending::trials::ties::Past;
use crate::shared::time::{Timestamp, before};

use super::Attribution;
use super::tables::{SeenLink, Trial};

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
    pub fn put_away(&self, id: &TrialId) -> Option<Away> {
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
            labels: history.labels.clone(),
            opened: trial.ties.opened,
            ended: trial.ended.clone(),
            scan: trial.scan.clone(),
            delivery: trial.delivery.clone(),
            judged_to: trial.judged_to,
            last: trial.delivery.as_ref().map_or(self.last.0, |told| told.seq),
            window_until: self.window_until(trial),
            links,
            strangers: trial.strangers.union(&claims.strangers).copied().collect(),
            claims: claims.clone(),
            beyond: history.beyond,
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
        Some(Away { past: self.past_of(trial), record, links })
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
            let is_over = |kept: &SeenLink| kept.link.closing.is_some();
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

    /// Takes in a trial that was written, after [`Self::resumes`] and before all observations. Of one that ended too long ago
    /// for later mail to be its only the name is of use, which no other may have.
    pub(in crate::sending::trials) fn resume(&mut self, id: TrialId, past: Past) {
        let is_over = past.ties.ended.is_some_and(|ended| ended < before(self.last.1, PAST_KEPT_S));
        if is_over && !past.ties.roots.is_empty() {
            self.trials.spend(&id);
            return;
        }
        self.trials.resume(id, past, before(self.last.1, self.pace.patience_s));
    }

    /// Whether a link carries mail of a trial that is kept.
    fn is_wanted(&self, kept: &SeenLink) -> bool {
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
        let is_wanted = |kept: &SeenLink| kept.trials().any(|trial| trials.get(trial).is_some());
        self.links.keep((contacts, limits.links_max), FORGOTTEN_MAX, is_wanted);
        self.trials.forget_sources(remembered, FORGOTTEN_MAX);
        self.sources.book().forget(remembered, FORGOTTEN_MAX);
        let kept_s = self.max_age_s.max(self.ruled_max_age_s);
        let lookups = before(contacts, kept_s.saturating_add(self.pace.lookup_lead_s));
        let (questions_max, fetches_max) = (self.limits.questions_max, self.limits.fetches_max);
        for questions in [&mut self.questions, &mut self.cases.questions] {
            questions.keep(lookups, questions_max);
        }
        for fetches in [&mut self.fetches, &mut self.cases.fetches] {
            fetches.keep(lookups, fetches_max);
        }
        self.cases.named.keep(lookups, (questions_max, fetches_max));
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
        Needed { contacts, lookups: before(contacts, self.max_age_s.max(self.ruled_max_age_s)) }
    }

    /// Forgets the past trials that ended before `horizon`.
    pub fn forget_past(&mut self, horizon: Timestamp) {
        for id in self.trials.past_before(horizon) {
            self.trials.forget(&id);
        }
    }

    /// Drops an open trial whose name was one's that the journal had put an end to, and that was forgotten: of each name
    /// there is one verdict. The label that it is named after may begin another.
    pub(in crate::sending::trials) fn drop_namesake(&mut self, id: &TrialId) {
        self.trials.forget(id);
        self.trials.spend(id);
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
