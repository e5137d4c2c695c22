//! The one task that writes.

mod budget;
mod condition;
mod day;
mod expiry;
mod follow;
mod job;
mod measured;
mod missing;
mod rows;

use std::collections::VecDeque;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::sending::history::{Fact, NotRecorded, Observation};
use crate::shared::time::{Timestamp, after};

use super::database::{Connection, database_advice, is_damaged, may_pass, query};
use super::{Settings, Subscriber};

use budget::ToldOf;
pub(super) use budget::pages_max;
pub(super) use condition::ConditionSeen;
pub use condition::Trouble;
use condition::{Condition, condition};
pub(super) use day::Day;
use expiry::{Capped, Expired, Rows, cap, expire};
pub(super) use follow::Remote;
use follow::TRANSACTION_S;
pub(super) use job::{Job, Order, Outcome};
use job::{answer, obey};
pub(super) use measured::Measured;
pub use measured::{COMMIT_BUCKETS_S, Figures};
pub(super) use missing::Dropped;
use missing::Missing;
pub(super) use rows::note_restoration;
use rows::{Written, flush, insert, insert_all};

/// How often the journal says that queries were dropped, in seconds.
const DROPS_NOTED_EVERY_S: u32 = 1;
/// How often the write-ahead log is emptied of addresses that were forgotten, in seconds.
const LOG_EMPTIED_EVERY_S: u32 = 60;
/// How often what was held back is tried again while nobody else writes, in seconds.
const HELD_RETRY_S: u64 = 2;

struct Writer {
    settings: Settings,
    connection: Connection,
    /// What there is beside the connection where that is to a server.
    remote: Option<Remote>,
    subscribers: Vec<Arc<dyn Subscriber>>,
    dropped: Arc<Dropped>,
    condition: Condition,
    /// Facts that nobody waits for and that could not be written, as a rule because the disk is full: the first to be
    /// written when they can be.
    held: VecDeque<Job>,
    drops_noted: Timestamp,
    rows: Rows,
    told_of_cuts: ToldOf,
    /// When room could not be made.
    cut_failed: Option<Timestamp>,
    day: Arc<Day>,
    measured: Arc<Measured>,
    /// Whether addresses were forgotten that the write-ahead log may still hold.
    log_holds_forgotten: bool,
    log_emptied: Timestamp,
    /// Held as long as the writer lives.
    lock: File,
}

/// Where a writer writes.
pub(super) struct Store {
    pub(super) connection: Connection,
    pub(super) remote: Option<Remote>,
    /// Whether an earlier process did not end in order.
    pub(super) was_cut: bool,
}

/// A writer that runs, as its handle has it.
pub(super) struct Spawned {
    pub(super) jobs: mpsc::Sender<Job>,
    pub(super) dropped: Arc<Dropped>,
    pub(super) day: Arc<Day>,
    pub(super) condition: ConditionSeen,
    pub(super) measured: Arc<Measured>,
    pub(super) task: JoinHandle<()>,
}

/// Starts the writer.
pub(super) fn spawn(
    settings: Settings,
    Store { connection, remote, was_cut }: Store,
    lock: File,
    subscribers: Vec<Arc<dyn Subscriber>>,
) -> Spawned {
    let (sender, receiver) = mpsc::channel(settings.queue_facts.max(2));
    let dropped = Arc::new(Dropped::default());
    if was_cut {
        // What an earlier process had not written nobody knows any more.
        dropped.count_unknown();
    }
    let (condition, seen) = condition();
    let day = Arc::new(Day::new(settings.day_mib));
    let measured = Arc::new(Measured::default());
    let writer = Writer {
        settings,
        connection,
        remote,
        subscribers,
        dropped: Arc::clone(&dropped),
        condition,
        held: VecDeque::new(),
        drops_noted: Timestamp::MIN,
        rows: Rows::default(),
        told_of_cuts: ToldOf::default(),
        cut_failed: None,
        day: Arc::clone(&day),
        measured: Arc::clone(&measured),
        // An earlier run may have ended before it emptied the log.
        log_holds_forgotten: true,
        log_emptied: Timestamp::MIN,
        lock,
    };
    let task = tokio::spawn(writer.run(receiver));
    Spawned { jobs: sender, dropped, day, condition: seen, measured, task }
}

impl Writer {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        self.tell_owed();
        // What cannot be read now begins at nothing, and the limits hold from there.
        self.rows = Rows::count(&mut self.connection).await.unwrap_or_default();
        let _ = self.day.resume(&mut self.connection).await;
        while let Some(group) = self.gather(&mut jobs).await {
            if let Some(remote) = &self.remote {
                remote.owed.write(true);
            }
            self.work(group).await;
            self.measured.hold(self.held.len());
            self.tell_owed();
        }
        // What still cannot be written is counted.
        let _ = self.write_held().await;
        self.held.iter().for_each(|job| self.count_dropped(job));
        self.held.clear();
        self.leave().await;
        // The log is merged into the file and the connection closed in order, so that a later reader finds one
        // whole file. A failure here loses nothing: the log is read at the next opening.
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the journal did not close in order");
        }
        // Closing the file is not enough where a child process has inherited it for a moment. An error leaves
        // that: the lock goes with the last process that has the file.
        let _ = self.lock.unlock();
    }

    /// Waits until others may have written something, where there are others.
    async fn woken(&self) {
        match &self.remote {
            Some(remote) => remote.woken().await,
            None => std::future::pending().await,
        }
    }

    /// Waits for jobs and takes all there are. While nobody waits for any of them, more may gather. Empty where something
    /// is held back that may be tried again, or others may have written.
    async fn gather(&self, jobs: &mut mpsc::Receiver<Job>) -> Option<Vec<Job>> {
        let limit = self.settings.group_facts.max(1);
        let mut group = Vec::new();
        let pause = Duration::from_secs(HELD_RETRY_S);
        tokio::select! {
            biased;
            taken = jobs.recv_many(&mut group, limit) => if taken == 0 { return None },
            () = tokio::time::sleep(pause), if !self.held.is_empty() => return Some(group),
            () = self.woken() => return Some(group),
        }
        let linger = tokio::time::sleep(Duration::from_millis(self.settings.linger_ms));
        tokio::pin!(linger);
        while group.len() < limit && group.iter().all(|job| job.answer.is_none()) {
            let room = limit - group.len();
            tokio::select! {
                biased;
                taken = jobs.recv_many(&mut group, room) => if taken == 0 { break },
                () = &mut linger => break,
            }
        }
        Some(group)
    }

    /// Writes a group. What was held back goes before it, so that the order stays, and what makes room before that.
    async fn work(&mut self, group: Vec<Job>) {
        if group.is_empty() && self.held.is_empty() {
            return self.catch_up().await;
        }
        let group = self.turn_away(group);
        let (making_room, others): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|job| matches!(job.order, Order::Expire));
        if !making_room.is_empty()
            && let Err((asked, error)) = self.write(making_room).await
        {
            self.refuse(asked, &error);
        }
        match self.write_held().await {
            Ok(()) if others.is_empty() => {}
            Ok(()) => {
                if let Err((others, error)) = self.write(others).await {
                    self.refuse(others, &error);
                }
            }
            Err(error) => self.refuse(others, &error),
        }
    }

    /// Writes what was held back.
    async fn write_held(&mut self) -> Result<(), NotRecorded> {
        while !self.held.is_empty() {
            let part = self.held.len().min(self.settings.group_facts.max(1));
            let part = self.held.drain(..part).collect();
            if let Err((part, error)) = self.write(part).await {
                part.into_iter().rev().for_each(|job| self.held.push_front(job));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Tells those who wait that nothing was written, and holds back what nobody waits for, as much as a queue holds.
    fn refuse(&mut self, group: Vec<Job>, error: &NotRecorded) {
        for job in group {
            let best_effort =
                matches!(&job.order, Order::Note { fact: Fact::Queried(_) | Fact::PolicyFetched(_), .. });
            let held_max = self.settings.queue_facts / if best_effort { 2 } else { 1 };
            match (&job.answer, &job.order) {
                (None, Order::Note { .. }) if self.held.len() < held_max => self.held.push_back(job),
                (None, _) => self.count_dropped(&job),
                (Some(_), _) => answer(job, Err(error.clone())),
            }
        }
    }

    fn count_dropped(&self, job: &Job) {
        if let Order::Note { fact, .. } = &job.order {
            self.dropped.count(job.at, fact);
        }
    }

    /// One transaction, one sync; then the subscribers, then those who wait. What could not be written is given back if it
    /// can be written later.
    async fn write(&mut self, mut group: Vec<Job>) -> Result<(), (Vec<Job>, NotRecorded)> {
        let latest = latest_of_jobs(&group);
        if let Err(error) = self.ready().await {
            return self.say_not_written(group, &error);
        }
        self.make_room(latest).await;
        // A database that is slow to delete may have been left for it.
        if let Err(error) = self.ready().await {
            return self.say_not_written(group, &error);
        }
        let forgets =
            |job: &Job| matches!(job.order, Order::Handled { .. } | Order::Forget(_) | Order::Erase { .. });
        let forgot = group.iter().any(forgets);
        let began = Instant::now();
        let written = self.transact(&group).await;
        if let Err(error) = &written {
            self.after_failure(error, &mut group).await;
        }
        let facts = written.as_ref().ok().map(|(_, written)| written.observations.len());
        self.measured.note(began.elapsed(), facts);
        let written = match written {
            Ok((outcomes, Written { observations, octets, .. })) => {
                self.log_holds_forgotten |= forgot;
                self.day.add(latest, observations.iter().zip(octets));
                self.say_written();
                observations.iter().for_each(|observation| self.tell(observation));
                for (job, outcome) in group.into_iter().zip(outcomes) {
                    answer(job, Ok(outcome));
                }
                Ok(())
            }
            // It is the fault of some of the group alone.
            Err(error) if !may_pass(&error) && group.len() > 1 => return self.write_halves(group).await,
            Err(error) => self.say_not_written(group, &error),
        };
        if self.log_holds_forgotten && is_over(self.log_emptied, LOG_EMPTIED_EVERY_S, latest) {
            self.log_emptied = latest;
            self.empty_log().await;
        }
        written
    }

    /// Writes each half of a group by itself, in their order, and of a half that fails again its halves: so that only what the
    /// database does not take is lost.
    async fn write_halves(&mut self, mut group: Vec<Job>) -> Result<(), (Vec<Job>, NotRecorded)> {
        let second = group.split_off(group.len() / 2);
        if let Err((mut rest, error)) = Box::pin(self.write(group)).await {
            rest.extend(second);
            return Err((rest, error));
        }
        Box::pin(self.write(second)).await
    }

    /// Tells the subscribers of what is on disk. One that panics loses nobody's commit; but what it holds is not whole, nor
    /// is what others may have asked it: nobody is told anything more, and a restart reads the journal anew.
    fn tell(&self, observation: &Observation) {
        if !self.condition.is_trusted() {
            return;
        }
        for subscriber in &self.subscribers {
            if catch_unwind(AssertUnwindSafe(|| subscriber.committed(observation))).is_err() {
                tracing::error!(
                    seq = observation.seq.0,
                    "what follows the journal panicked; the observation is on disk, and is read anew after a restart"
                );
                self.condition.set(Some(Trouble::SubscriberPanicked));
                return;
            }
        }
    }

    /// Once for each time that it could not be written.
    fn say_written(&self) {
        if self.condition.set(None) {
            tracing::info!(held = self.held.len(), "the journal is written again");
        }
    }

    fn say_not_written(&self, group: Vec<Job>, error: &sqlx::Error) -> Result<(), (Vec<Job>, NotRecorded)> {
        let not_noted = NotRecorded(error.to_string());
        // What the database complains of may pass. Else it is this job's fault, and would stay so.
        if !may_pass(error) {
            tracing::error!(
                %error,
                "the journal's database does not take a fact, which is counted as missing; please report this line"
            );
            for job in group {
                match job.answer {
                    None => self.count_dropped(&job),
                    Some(_) => answer(job, Err(not_noted.clone())),
                }
            }
            return Ok(());
        }
        let advice = database_advice(error);
        let told = format!("{error}; {advice}");
        let trouble = if is_damaged(error) { Trouble::Damaged(told) } else { Trouble::NotWritten(told) };
        if self.condition.set(Some(trouble)) {
            tracing::error!(
                %error, facts = group.len(),
                "the journal cannot be written, and mail waits at its senders, who are told to come again; {advice}"
            );
        }
        Err((group, not_noted))
    }

    /// Moves the write-ahead log into the database and cuts it to nothing: its old pages hold what the database
    /// has forgotten. A reader in the way, or a full disk, puts it off.
    async fn empty_log(&mut self) {
        if self.connection.is_server() {
            self.log_holds_forgotten = false;
            return;
        }
        let busy: sqlx::Result<i64> =
            query("PRAGMA wal_checkpoint(TRUNCATE)").scalar(&mut self.connection).await;
        match busy {
            Ok(busy) => self.log_holds_forgotten = busy != 0,
            Err(error) => tracing::warn!(%error, "the journal's log could not be emptied; it is tried again"),
        }
    }

    /// One transaction. After an error it may still be under way.
    async fn transact(&mut self, group: &[Job]) -> sqlx::Result<(Vec<Outcome>, Written)> {
        let latest = latest_of_jobs(group);
        // Whoever judges a trial that ends knows what is missing by then.
        let ends = group.iter().any(|job| job.ending().is_some());
        let is_time = ends || is_over(self.drops_noted, DROPS_NOTED_EVERY_S, latest);
        let missing = if is_time { self.dropped.take() } else { Missing::default() };
        // A file answers, or is locked for a known time.
        let committed = match self.remote.is_some() {
            false => self.write_all(group, &missing).await,
            true => {
                let late = || sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
                let in_time = Duration::from_secs(TRANSACTION_S);
                let committed = tokio::time::timeout(in_time, self.write_all(group, &missing)).await;
                committed.unwrap_or_else(|_| Err(late()))
            }
        };
        match committed {
            Ok((outcomes, written, rows)) => {
                self.rows = rows;
                if missing != Missing::default() {
                    self.drops_noted = latest;
                }
                Ok((outcomes, written))
            }
            Err(error) => {
                self.dropped.put_back(missing);
                Err(error)
            }
        }
    }

    /// Obeys all orders and says what is missing, on disk when this is done; also gives the numbers of rows after it.
    async fn write_all(
        &mut self,
        group: &[Job],
        missing: &Missing,
    ) -> sqlx::Result<(Vec<Outcome>, Written, Rows)> {
        let mut written = self.begin().await?;
        self.refuse_beyond_size(group)?;
        let mut missing = missing.clone();
        if self.is_another_unheard(group).await? {
            missing.add(Missing::unknown());
        }
        let latest = missing.until(latest_of_jobs(group));
        let connection = &mut self.connection;
        for fact in missing.facts(latest) {
            insert(connection, latest, &fact, &mut written).await?;
        }
        let mut outcomes = Vec::with_capacity(group.len());
        let mut rest = group;
        while let Some(job) = rest.first() {
            let notes: Vec<_> = rest.iter().map_while(Job::plain_note).collect();
            if notes.is_empty() {
                if !matches!(job.order, Order::Note { .. }) {
                    flush(connection, &mut written).await?;
                }
                outcomes.push(obey(connection, job, &mut written).await?);
                rest = &rest[1..];
            } else {
                let seqs = insert_all(connection, &notes, &mut written).await?;
                outcomes.extend(seqs.into_iter().map(Outcome::Noted));
                rest = &rest[notes.len()..];
            }
        }
        flush(connection, &mut written).await?;
        let mut rows = self.rows.with(&written.observations);
        let mut lost = Capped::default();
        for (job, outcome) in group.iter().zip(&mut outcomes) {
            if matches!(job.order, Order::Expire) {
                let Expired { more, lost: until } = expire(connection, &self.settings, job.at).await?;
                *outcome = Outcome::Expired { more };
                lost.queries = lost.queries.max(until);
                rows = Rows::count(connection).await?;
            }
        }
        lost = lost.and(cap(connection, &self.settings, &mut rows).await?);
        for fact in lost.facts() {
            insert(connection, latest, &fact, &mut written).await?;
        }
        self.commit(&mut written).await?;
        Ok((outcomes, written, rows))
    }
}

/// Whether so many seconds are over since `since`; also where the clock was set back before it, so that nothing waits for
/// a time that is far.
fn is_over(since: Timestamp, seconds: u32, now: Timestamp) -> bool {
    now >= after(since, seconds) || now < since
}

fn latest_of_jobs(group: &[Job]) -> Timestamp {
    group.iter().map(|job| job.at).max().unwrap_or_default()
}
