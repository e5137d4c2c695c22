//! The store of trials.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::sending::history::{
    Fact, History, NotRecorded, Observation, SelfChecked, Seq, SourceRecord, VerdictDelivery,
};
use crate::sending::journal::{Journal, Reader, Subscriber};
use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, LinkId, Source, TrialId};
use crate::shared::time::Timestamp;

use super::archive::{self, Away};
use super::attribution::{Attribution, Counts};
use super::labels::Labels;
use super::limits::TooMany;
use super::schedule::{Schedule, may_settle};
use super::source_book::Sources;

/// How many trials are put away in one go.
const PUT_AWAY_AT_ONCE: usize = 100;
/// How many trials may be followed at a time.
const FOLLOWED_MAX: usize = 10_000;

/// What became of the wish to delete a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// There is nothing of it any more.
    Erased,
    /// Its verdict was not told yet: it still needs what there is.
    NotYet,
    /// There is no such trial.
    Unknown,
}

/// All trials. It follows the journal, and is to be told before whoever looks a trial up there.
pub struct Trials {
    projection: Mutex<Attribution>,
    sources: Sources,
    labels: Labels,
    schedule: Schedule,
    followed: Mutex<HashMap<TrialId, watch::Sender<Seq>>>,
}

impl Trials {
    /// A store of the trials of `projection`, before the journal's first observation.
    pub fn new(projection: Attribution) -> Self {
        let (schedule, followed) = (Schedule::default(), Mutex::default());
        let (sources, labels) = (projection.sources(), projection.labels());
        Self { sources, labels, projection: Mutex::new(projection), schedule, followed }
    }

    /// The replay is over: every open trial is to be looked at. Trials of which a part was deleted by age are dropped.
    pub fn begin(&self) {
        let mut projection = self.projection.lock();
        for ghost in projection.drop_ghosts() {
            tracing::warn!(
                trial = ghost.log_name(),
                "a trial of which the journal keeps only a part was dropped; nothing is to be done"
            );
        }
        let open = projection.open_trials();
        drop(projection);
        self.schedule.begin(open);
    }

    /// What is remembered of a source. It waits for no trial.
    pub fn source_record(&self, source: &Source, now: Timestamp) -> SourceRecord {
        self.sources.record(source, now)
    }

    /// Whose labels are: what is asked of it waits for no trial.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Whether the transaction of an observation opened its trial.
    pub fn has_opened(&self, observation: &Observation) -> bool {
        self.projection.lock().has_opened(observation)
    }

    /// The history of a trial that is in memory: open, or told a short while ago.
    pub fn history(&self, trial: &TrialId) -> Option<History> {
        self.projection.lock().history(trial)
    }

    /// The history of a trial, in memory or in the journal.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn read(&self, trial: &TrialId, journal: &Reader) -> Result<Option<History>, NotRecorded> {
        match self.history(trial) {
            Some(history) => Ok(Some(history)),
            None => archive::read(journal, trial).await,
        }
    }

    /// What became of the verdict of a trial that has left memory; none if there is no such trial.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn past_delivery(
        &self,
        trial: &TrialId,
        journal: &Reader,
    ) -> Result<Option<VerdictDelivery>, NotRecorded> {
        archive::delivery(journal, trial).await
    }

    /// The histories of all trials, in the order of their opening.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn read_all(&self, journal: &Reader) -> Result<Vec<History>, NotRecorded> {
        let mut histories = Vec::new();
        let in_memory: BTreeSet<TrialId> = self.projection.lock().all_trials().into_iter().collect();
        for trial in journal.told_trials().await? {
            if !in_memory.contains(&trial) {
                histories.extend(archive::read(journal, &trial).await?);
            }
        }
        histories.extend(in_memory.iter().filter_map(|trial| self.history(trial)));
        histories.sort_by(|one, other| (one.opened, &one.id).cmp(&(other.opened, &other.id)));
        Ok(histories)
    }

    /// Tells of everything that concerns a trial: the place of the last observation that may. None where so many are
    /// followed already.
    pub fn follow(&self, trial: &TrialId) -> Option<watch::Receiver<Seq>> {
        let mut followed = self.followed.lock();
        if let Some(sender) = followed.get(trial) {
            return Some(sender.subscribe());
        }
        if followed.len() >= FOLLOWED_MAX {
            followed.retain(|_, sender| sender.receiver_count() > 0);
        }
        if followed.len() >= FOLLOWED_MAX {
            return None;
        }
        let (sender, receiver) = watch::channel(Seq(0));
        followed.insert(trial.clone(), sender);
        Some(receiver)
    }

    /// The trial of a transaction; none for what opened none, such as a callout.
    pub fn trial_of(&self, link: LinkId, number: u16) -> Option<TrialId> {
        self.projection.lock().trial_of(link, number)
    }

    /// The registrable domain of a trial's sender, if SPF or DKIM vouched for one.
    pub fn sender_domain(&self, trial: &TrialId) -> Option<String> {
        self.projection.lock().sender_domain(trial)
    }

    /// Whether a transaction of a trial is surely of its sender: nobody else is told where its page is.
    pub fn is_of_its_sender(&self, trial: &TrialId, link: LinkId, number: u16) -> bool {
        self.projection.lock().is_of_its_sender(trial, link, number)
    }

    /// Why a transaction opened no trial, if that is because there were too many.
    pub fn too_many(&self, link: LinkId, number: u16) -> Option<TooMany> {
        self.projection.lock().too_many(link, number)
    }

    /// Whether a trial has ended.
    pub fn has_ended(&self, trial: &TrialId) -> bool {
        self.projection.lock().has_ended(trial)
    }

    /// How many links of a trial carried its mail, and when it was opened; none if it is not in memory.
    pub fn extent(&self, trial: &TrialId) -> Option<(usize, Timestamp)> {
        self.projection.lock().extent(trial)
    }

    /// Whether mail of a trial was for ruled cases.
    pub(super) fn is_of_cases(&self, trial: &TrialId) -> bool {
        self.projection.lock().is_of_cases(trial)
    }

    /// The trial that a label leads to now at a case: who uses it again begins another than the first.
    pub fn trial_of_label(&self, case: &CaseId, label: &Label) -> Option<TrialId> {
        self.projection.lock().trial_of_label(case, label)
    }

    /// What the service found when it last looked at itself.
    pub fn last_self_check(&self) -> Option<Arc<SelfChecked>> {
        self.projection.lock().last_self_check()
    }

    /// The last link of a node that is known: identities of that node after it are free.
    pub fn last_link(&self, node: u16) -> Option<LinkId> {
        self.projection.lock().last_link(node)
    }

    /// The trials in memory, by the time they were opened.
    pub fn in_memory(&self) -> Vec<TrialId> {
        self.projection.lock().all_trials()
    }

    /// The trials that ended at `since` or later, or whose verdict is not handled yet, and for which nothing was
    /// scanned; at most so many.
    pub fn unscanned(&self, since: Timestamp, at_most: usize) -> Vec<TrialId> {
        self.projection.lock().unscanned(since, at_most)
    }

    /// How much is in memory.
    pub fn counts(&self) -> Counts {
        self.projection.lock().counts()
    }

    /// Takes out the trials that evidence touched or that are due at `now`.
    pub fn take(&self, now: Timestamp) -> BTreeSet<TrialId> {
        self.schedule.take(now)
    }

    /// Sets when a trial is to be looked at again.
    pub fn look_again(&self, trial: TrialId, at: Timestamp) {
        self.schedule.look_again(trial, at);
    }

    /// A trial has ended and is not to be looked at any more.
    pub fn unschedule(&self, trial: &TrialId) {
        self.schedule.unschedule(trial);
    }

    /// The earliest time at which a trial wants to be looked at.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.schedule.next_due()
    }

    /// Waits until evidence touches a trial.
    pub async fn wait_for_touch(&self) {
        self.schedule.wait_for_touch().await;
    }

    /// Lets what nobody needs leave memory: writes told trials into the journal and lets go of them, and forgets contacts
    /// that no trial can claim. To be called every few seconds.
    ///
    /// # Errors
    ///
    /// If the journal cannot be written; then all stays in memory.
    pub async fn put_away(&self, journal: &Journal, now: Timestamp) -> Result<(), NotRecorded> {
        loop {
            // The lock is taken for each anew, so that a listener waits for one of them at most.
            let due = self.projection.lock().retirable(now, PUT_AWAY_AT_ONCE);
            let away: Vec<_> =
                due.iter().filter_map(|trial| self.projection.lock().put_away(trial)).collect();
            if away.is_empty() {
                break;
            }
            let away = away.into_iter().map(Away::written).collect::<Result<Vec<_>, _>>()?;
            let trials: Vec<_> = away.iter().map(|away| away.trial.clone()).collect();
            journal.put_away(now, away).await?;
            trials.iter().for_each(|trial| self.projection.lock().retire(trial));
        }
        let needed_from = {
            let mut projection = self.projection.lock();
            projection.forget(now);
            projection.needed_from(now)
        };
        journal.needed_from(now, needed_from).await
    }

    /// Deletes a trial whose verdict was told: its observations, addresses and page. Later mail of it is still known as
    /// such, by digests and sources, until no queue can bring any.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read or written; then it may be tried again.
    pub async fn erase(
        &self,
        trial: &TrialId,
        journal: &Journal,
        now: Timestamp,
    ) -> Result<Erased, NotRecorded> {
        let (in_memory, away) = {
            let projection = self.projection.lock();
            (projection.extent(trial).is_some(), projection.put_away(trial))
        };
        match away {
            Some(away) => journal.put_away(now, vec![away.written()?]).await?,
            None if in_memory => return Ok(Erased::NotYet),
            None => {}
        }
        let Some(transactions) = archive::transactions(journal.reader(), trial).await? else {
            return Ok(Erased::Unknown);
        };
        journal.erase(now, trial, transactions).await?;
        self.projection.lock().retire(trial);
        self.followed.lock().remove(trial);
        Ok(Erased::Erased)
    }

    /// Forgets the trials that ended before `horizon`, so long ago that no queue can bring their mail any more. Their pages are
    /// read from the journal as long as it keeps them.
    pub fn forget_past(&self, horizon: Timestamp) {
        self.projection.lock().forget_past(horizon);
    }

    /// Drops an open trial whose name was another's, which the journal had put an end to.
    pub(super) fn drop_namesake(&self, trial: &TrialId) {
        self.projection.lock().drop_namesake(trial);
    }

    /// Tells those who follow a trial.
    fn tell_watchers(&self, projection: &Attribution, touched: &[TrialId], observation: &Observation) {
        let mut followed = self.followed.lock();
        if followed.is_empty() {
            return;
        }
        let own = own_trial(projection, observation);
        for trial in touched.iter().chain(&own) {
            let gone = match followed.get(trial) {
                Some(sender) => sender.send(observation.seq).is_err(),
                None => false,
            };
            if gone {
                followed.remove(trial);
            }
        }
    }
}

/// The trial that an observation names, or whose transaction it is about.
fn own_trial(projection: &Attribution, observation: &Observation) -> Option<TrialId> {
    match &observation.fact {
        Fact::TrialEnded(ended) => Some(ended.trial.clone()),
        Fact::VerdictHandled(handled) => Some(handled.trial.clone()),
        Fact::Scanned(scanned) => Some(scanned.trial.clone()),
        Fact::Answered { link, number, .. } => projection.trial_of(*link, *number),
        _ => None,
    }
}

impl Subscriber for Trials {
    fn committed(&self, observation: &Observation) {
        let mut projection = self.projection.lock();
        projection.note(observation);
        if !self.schedule.is_live() {
            return;
        }
        let settles = may_settle(&observation.fact);
        let is_followed = !self.followed.lock().is_empty();
        let touched = if settles || is_followed { projection.touched_by(observation) } else { Vec::new() };
        self.tell_watchers(&projection, &touched, observation);
        drop(projection);
        if settles {
            self.schedule.touch(&touched);
        }
    }

    fn past(&self, trial: &TrialId, past: &str) -> Result<(), String> {
        let past = serde_json::from_str(past).map_err(|error| error.to_string())?;
        self.projection.lock().resume(trial.clone(), past);
        Ok(())
    }

    fn resumes(&self, last: LinkId, at: Timestamp) {
        self.projection.lock().resumes(last, at);
    }
}
