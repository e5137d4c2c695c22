//! The handle through which the rest of the program writes and reads.

use std::fs::File;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::sending::history::{
    Fact, NotRecorded, Received, Recorder, Scanned, Seq, TrialEnded, VerdictHandled,
};
use crate::sending::trial::{AddressId, LinkId, Mailbox, TrialId};
use crate::shared::time::Timestamp;

use super::archive::PutAway;
use super::nodes::Nodes;
use super::outbox::OutboxEntry;
use super::reader::Reader;
use super::replay::Needed;
use super::writer::{
    self, ConditionSeen, Day, Dropped, Figures, Job, Measured, Order, Outcome, Spawned, Store,
};
use super::{Settings, Subscriber, Trouble};

/// How long a verdict is claimed where nobody says otherwise, in seconds.
const CLAIM_S: u32 = 3_600;

/// The journal of a running service. Every `Ok` means: on disk, and told to the subscribers.
pub struct Journal {
    jobs: parking_lot::Mutex<Option<mpsc::Sender<Job>>>,
    dropped: Arc<Dropped>,
    day: Arc<Day>,
    condition: ConditionSeen,
    measured: Arc<Measured>,
    reader: Reader,
    nodes: Arc<Nodes>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Starts the writer of a journal.
    pub(super) fn start(
        settings: Settings,
        store: Store,
        lock: File,
        subscribers: Vec<Arc<dyn Subscriber>>,
        (reader, nodes): (Reader, Nodes),
    ) -> Self {
        let Spawned { jobs, dropped, day, condition, measured, task } =
            writer::spawn(settings, store, lock, subscribers);
        let jobs = parking_lot::Mutex::new(Some(jobs));
        let (nodes, task) = (Arc::new(nodes), Mutex::new(Some(task)));
        Self { jobs, dropped, day, condition, measured, reader, nodes, task }
    }

    /// Records a transaction and, in the same commit, keeps its full reverse-path for the verdict.
    pub async fn receive(
        &self,
        at: Timestamp,
        received: Received,
        address: Option<String>,
    ) -> Result<Seq, NotRecorded> {
        let id = received.reverse_path.as_ref().map(|mailbox| mailbox.id.clone());
        let fact = Fact::Received(Box::new(received));
        self.noted(at, Order::Note { fact, address: id.zip(address) }).await
    }

    /// Records a trial's end and, in the same commit, puts its verdict into the outbox, to be sent at `due`. A
    /// trial ends once: later calls give the place of the first.
    pub async fn end_trial(
        &self,
        at: Timestamp,
        ended: TrialEnded,
        due: Timestamp,
    ) -> Result<Seq, NotRecorded> {
        let trial = ended.trial.clone();
        self.noted(at, Order::End { fact: Fact::TrialEnded(ended), trial, due }).await
    }

    /// Records a trial's scan and, in the same commit, makes its verdict due at `due`, if it still waits and would
    /// only be due later.
    pub async fn scanned(&self, at: Timestamp, scanned: Scanned, due: Timestamp) -> Result<Seq, NotRecorded> {
        let trial = scanned.trial.clone();
        let fact = Fact::Scanned(Box::new(scanned));
        self.noted(at, Order::Scanned { fact, trial, due }).await
    }

    /// Claims the verdict that is due longest at `now`, if one is, for [`CLAIM_S`].
    pub async fn claim_due(&self, now: Timestamp) -> Result<Option<OutboxEntry>, NotRecorded> {
        self.claim_due_for(now, CLAIM_S).await
    }

    /// Claims the verdict that is due longest at `now`, if one is. Whoever has not handled it after `for_s` seconds has
    /// died, or claims it again.
    pub async fn claim_due_for(
        &self,
        now: Timestamp,
        for_s: u32,
    ) -> Result<Option<OutboxEntry>, NotRecorded> {
        if self.nodes.is_draining() {
            return Ok(None);
        }
        match self.order(now, Order::Claim { for_s }).await? {
            Outcome::Claimed(entry) => Ok(entry),
            _ => Err(unexpected()),
        }
    }

    /// Puts a claimed verdict back until `until`; `error` says why, for the operator. `claim` is the number of the claim
    /// ([`OutboxEntry::attempts`]); false where it is not the last, and nothing is done.
    pub async fn retry_at(
        &self,
        now: Timestamp,
        trial: &TrialId,
        claim: u32,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, NotRecorded> {
        let error = error.chars().take(500).collect();
        let retry = Order::Retry { trial: trial.clone(), claim, until, error };
        Ok(!matches!(self.order(now, retry).await?, Outcome::Late))
    }

    /// Closes a verdict for good, in one commit: notes what became of it ([`Fact::VerdictHandled`]), counts it
    /// for the limits by day if it was sent `to` somebody, and forgets the full addresses of its transactions
    /// (link and number). `claim` is the number of the claim ([`OutboxEntry::attempts`]), 0 where nobody has claimed it
    /// yet; none where it is not the last, and nothing of this is done.
    pub async fn handled(
        &self,
        at: Timestamp,
        claim: u32,
        handled: VerdictHandled,
        to: Option<&Mailbox>,
        forget: Vec<(LinkId, u16)>,
    ) -> Result<Option<Seq>, NotRecorded> {
        match self.order(at, Order::Handled { claim, handled, to: to.cloned(), forget }).await? {
            Outcome::Noted(seq) => Ok(Some(seq)),
            Outcome::Late => Ok(None),
            _ => Err(unexpected()),
        }
    }

    /// The full address that `id` stands for, while a verdict needs it.
    pub async fn address(&self, id: &AddressId) -> Result<Option<String>, NotRecorded> {
        self.reader.address(id).await
    }

    /// Forgets the full addresses of transactions (link and number).
    pub async fn forget_addresses(
        &self,
        now: Timestamp,
        transactions: Vec<(LinkId, u16)>,
    ) -> Result<(), NotRecorded> {
        self.order(now, Order::Forget(transactions)).await.map(|_| ())
    }

    /// Puts away told trials, so that neither a start nor memory has to know them. Each may be put away again.
    pub async fn put_away(&self, now: Timestamp, trials: Vec<PutAway>) -> Result<(), NotRecorded> {
        let orders = trials.into_iter().map(|away| self.order(now, Order::PutAway(Box::new(away))));
        futures_util::future::try_join_all(orders).await.map(|_| ())
    }

    /// Deletes what there is of a trial that was put away, and what its `transactions` (link and number) were on links
    /// that it shares.
    pub async fn erase(
        &self,
        now: Timestamp,
        trial: &TrialId,
        transactions: Vec<(LinkId, u16)>,
    ) -> Result<(), NotRecorded> {
        self.order(now, Order::Erase { trial: trial.clone(), transactions }).await.map(|_| ())
    }

    /// Remembers that a start needs nothing from before `from`, but for the trials that were put away.
    pub async fn needed_from(&self, now: Timestamp, from: Needed) -> Result<(), NotRecorded> {
        self.order(now, Order::NeededFrom(from)).await.map(|_| ())
    }

    /// Deletes what is older than the settings keep it. To be called every few minutes.
    pub async fn expire(&self, now: Timestamp) -> Result<(), NotRecorded> {
        while let Outcome::Expired { more: true } = self.order(now, Order::Expire).await? {}
        Ok(())
    }

    /// Reads of what is committed.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// This node, among others or alone.
    pub fn nodes(&self) -> &Arc<Nodes> {
        &self.nodes
    }

    /// What is wrong with it, if anything is.
    pub fn trouble(&self) -> Option<Trouble> {
        self.condition.trouble()
    }

    /// Waits for a trouble that only a restart mends: what follows the journal may not be trusted any more, or nobody
    /// writes it, which is so after [`Self::close`], too.
    pub fn lasting_trouble(&self) -> impl Future<Output = Trouble> + Send + 'static + use<> {
        self.condition.clone().lasting()
    }

    /// Counts the `octets` of a mail to the operator that came `from` an address and is written beside the journal: such
    /// mail has a quarter of what may be written in a day, and a site a quarter of that. An error where that is spent.
    pub fn take_operators(&self, at: Timestamp, from: IpAddr, octets: u64) -> Result<(), NotRecorded> {
        match self.day.take_operators(at, from, octets) {
            true => Ok(()),
            false => {
                Err(NotRecorded("as much came for the operator today as journal.day_mib allows".to_owned()))
            }
        }
    }

    /// How many facts were dropped because the queue was full or the disk was.
    pub fn dropped_facts(&self) -> u64 {
        self.dropped.facts()
    }

    /// How much was written since the start, and how long it took.
    pub fn figures(&self) -> Figures {
        let queued = self.sender().map_or(0, |jobs| jobs.max_capacity() - jobs.capacity());
        self.measured.figures(queued, self.dropped_facts())
    }

    /// Writes what is queued, merges the log into the file and ends the writer. What is noted afterwards is
    /// dropped.
    pub async fn close(&self) {
        self.jobs.lock().take();
        if let Some(task) = self.task.lock().await.take() {
            // An `Err` is a panic of the writer, which has been reported where it happened.
            let _panicked = task.await;
        }
    }

    fn sender(&self) -> Option<mpsc::Sender<Job>> {
        self.jobs.lock().clone()
    }

    async fn order(&self, at: Timestamp, order: Order) -> Result<Outcome, NotRecorded> {
        let closed = || NotRecorded("the journal is closed".to_owned());
        let jobs = self.sender().ok_or_else(closed)?;
        let (answer, outcome) = oneshot::channel();
        jobs.send(Job { at, order, answer: Some(answer) }).await.map_err(|_| closed())?;
        drop(jobs);
        outcome.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn noted(&self, at: Timestamp, order: Order) -> Result<Seq, NotRecorded> {
        match self.order(at, order).await? {
            Outcome::Noted(seq) => Ok(seq),
            _ => Err(unexpected()),
        }
    }

    /// Queries and fetches are many and made by anybody; half of the queue is kept for what senders do.
    fn has_room(jobs: &mpsc::Sender<Job>, fact: &Fact) -> bool {
        let best_effort = matches!(fact, Fact::Queried(_) | Fact::PolicyFetched(_));
        !best_effort || jobs.capacity() > jobs.max_capacity() / 2
    }
}

fn unexpected() -> NotRecorded {
    NotRecorded("the writer answered another order".to_owned())
}

impl Recorder for Journal {
    fn note(&self, at: Timestamp, fact: Fact) {
        let Some(jobs) = self.sender().filter(|jobs| Self::has_room(jobs, &fact)) else {
            return self.dropped.count(at, &fact);
        };
        let job = Job { at, order: Order::Note { fact, address: None }, answer: None };
        if let Err(TrySendError::Full(job) | TrySendError::Closed(job)) = jobs.try_send(job)
            && let Order::Note { fact, .. } = &job.order
        {
            self.dropped.count(at, fact);
        }
    }

    fn would_take(&self, at: Timestamp, fact: &Fact) -> bool {
        self.day.has_room(at, fact)
    }

    fn commit(
        &self,
        at: Timestamp,
        fact: Fact,
    ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
        Box::pin(self.noted(at, Order::Note { fact, address: None }))
    }
}
