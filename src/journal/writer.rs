//! The one task that writes.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::history::{
    Fact, Lost, NotNoted, Observation, PutAway, QueriesLost, Seq, VerdictDelivery, VerdictHandled,
};
use crate::trial::{AddressId, LinkId, Mailbox, Timestamp, TrialId, after, before};

use super::archive;
use super::outbox::{self, DAY_S, OutboxEntry};
use super::reader::timestamp;
use super::{Follower, Journal, Reader, Settings};

/// How many rows one transaction deletes at most, so that expiry does not hold up a mail.
const EXPIRE_ROWS: i64 = 5_000;
/// How often the journal says that queries were dropped, in seconds.
const DROPS_NOTED_EVERY_S: u32 = 1;
/// How often the write-ahead log is emptied of addresses that were forgotten, in seconds.
const LOG_EMPTIED_EVERY_S: u32 = 60;

/// What the writer is asked to do.
pub(super) enum Order {
    /// Notes a fact; with an address, keeps it for the fact's transaction.
    Note { fact: Fact, address: Option<(AddressId, String)> },
    /// Notes a trial's end, once, and makes its verdict due.
    End { fact: Fact, trial: TrialId, due: Timestamp },
    /// Notes a scan, and hastens the verdict that waited for it.
    Scanned { fact: Fact, trial: TrialId, due: Timestamp },
    /// Notes what became of a verdict, counts it, and forgets the addresses of its transactions.
    Handled { handled: VerdictHandled, to: Option<Mailbox>, forget: Vec<(LinkId, u16)> },
    /// Forgets addresses.
    Forget(Vec<(LinkId, u16)>),
    /// Claims a verdict that is due.
    Claim,
    /// Puts a verdict back until a later time.
    Retry { trial: TrialId, until: Timestamp, error: String },
    /// Puts away a told trial.
    PutAway(Box<PutAway>),
    /// Remembers from when on a start needs what was noted.
    NeededFrom(Timestamp),
    /// Deletes what is too old, a part of it.
    Expire,
}

/// What became of an order.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Noted(Seq),
    Claimed(Option<OutboxEntry>),
    Expired { more: bool },
    Done,
}

pub(super) type Answer = oneshot::Sender<Result<Outcome, NotNoted>>;

/// An order with its time, and whoever waits for it.
pub(super) struct Job {
    pub(super) at: Timestamp,
    pub(super) order: Order,
    pub(super) answer: Option<Answer>,
}

/// What is missing from the journal, as the handle and the writer know it.
#[derive(Default)]
pub(super) struct Dropped {
    facts: AtomicU64,
    queries: AtomicBool,
}

impl Dropped {
    /// How many facts were dropped.
    pub(super) fn facts(&self) -> u64 {
        self.facts.load(Ordering::Relaxed)
    }

    /// Counts a fact that is not written.
    pub(super) fn count(&self, fact: &Fact) {
        self.facts.fetch_add(1, Ordering::Relaxed);
        if matches!(fact, Fact::Queried(_)) {
            self.queries.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a query was dropped since the last call.
    fn take_queries(&self) -> bool {
        self.queries.swap(false, Ordering::Relaxed)
    }
}

struct Writer {
    settings: Settings,
    connection: SqliteConnection,
    followers: Vec<Arc<dyn Follower>>,
    dropped: Arc<Dropped>,
    drops_noted: Timestamp,
    queries_rows: u64,
    /// Whether addresses were forgotten that the write-ahead log may still hold.
    log_holds_forgotten: bool,
    log_emptied: Timestamp,
    /// Held as long as the writer lives.
    lock: File,
}

pub(super) fn spawn(
    settings: Settings,
    connection: SqliteConnection,
    lock: File,
    followers: Vec<Arc<dyn Follower>>,
    reader: Reader,
) -> Journal {
    let (sender, receiver) = mpsc::channel(settings.queue_facts.max(2));
    let dropped = Arc::new(Dropped::default());
    let writer = Writer {
        settings,
        connection,
        followers,
        dropped: Arc::clone(&dropped),
        drops_noted: Timestamp::MIN,
        queries_rows: 0,
        // An earlier run may have ended before it emptied the log.
        log_holds_forgotten: true,
        log_emptied: Timestamp::MIN,
        lock,
    };
    let task = tokio::spawn(writer.run(receiver));
    Journal::new(sender, dropped, reader, task)
}

impl Writer {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        self.queries_rows = count_queries(&mut self.connection).await.unwrap_or_default();
        while let Some(group) = self.gather(&mut jobs).await {
            self.write(group).await;
        }
        // The log is merged into the file and the connection closed in order, so that a later reader finds one
        // whole file. A failure here loses nothing: the log is read at the next opening.
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the journal did not close in order");
        }
        // Closing the file is not enough where a child process has inherited it for a moment. An error leaves
        // that: the lock goes with the last process that has the file.
        let _ = self.lock.unlock();
    }

    /// Waits for jobs and takes all there are. While nobody waits for any of them, more may gather.
    async fn gather(&self, jobs: &mut mpsc::Receiver<Job>) -> Option<Vec<Job>> {
        let limit = self.settings.group_facts.max(1);
        let mut group = Vec::new();
        if jobs.recv_many(&mut group, limit).await == 0 {
            return None;
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

    /// One transaction, one sync; then the followers, then those who wait.
    async fn write(&mut self, group: Vec<Job>) {
        let latest = latest_of_jobs(&group);
        let forgets = |job: &Job| matches!(job.order, Order::Handled { .. } | Order::Forget(_));
        let forgot = group.iter().any(forgets);
        match self.transact(&group).await {
            Ok((outcomes, observations)) => {
                self.log_holds_forgotten |= forgot;
                for observation in &observations {
                    self.followers.iter().for_each(|follower| follower.committed(observation));
                }
                for (job, outcome) in group.into_iter().zip(outcomes) {
                    answer(job, Ok(outcome));
                }
            }
            Err(error) => {
                tracing::error!(%error, facts = group.len(), "the journal could not be written");
                let not_noted = NotNoted(error.to_string());
                for job in group {
                    if let (None, Order::Note { fact, .. }) = (&job.answer, &job.order) {
                        self.dropped.count(fact);
                    }
                    answer(job, Err(not_noted.clone()));
                }
            }
        }
        if self.log_holds_forgotten && latest >= after(self.log_emptied, LOG_EMPTIED_EVERY_S) {
            self.log_emptied = latest;
            self.empty_log().await;
        }
    }

    /// Moves the write-ahead log into the database and cuts it to nothing: its old pages hold what the database
    /// has forgotten. A reader in the way, or a full disk, puts it off.
    async fn empty_log(&mut self) {
        let busy: sqlx::Result<i64> =
            sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut self.connection).await;
        match busy {
            Ok(busy) => self.log_holds_forgotten = busy != 0,
            Err(error) => tracing::warn!(%error, "the journal's log could not be emptied; it is tried again"),
        }
    }

    /// BEGIN and COMMIT are written out: sqlx's transaction counts its depth, and loses count where SQLite has
    /// rolled back by itself, as it does when the disk is full; then no later transaction would begin.
    async fn transact(&mut self, group: &[Job]) -> sqlx::Result<(Vec<Outcome>, Vec<Observation>)> {
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut self.connection).await?;
        let written = self.write_all(group).await;
        let committed = match written {
            Ok(written) => sqlx::raw_sql("COMMIT").execute(&mut self.connection).await.map(|_| written),
            Err(error) => Err(error),
        };
        match committed {
            Ok((outcomes, observations, queries_rows)) => {
                self.queries_rows = queries_rows;
                Ok((outcomes, observations))
            }
            Err(error) => {
                // "No transaction is active" is the answer where SQLite was faster; both leave none.
                let _rolled_back = sqlx::raw_sql("ROLLBACK").execute(&mut self.connection).await;
                Err(error)
            }
        }
    }

    /// Obeys all orders within a transaction; also gives the number of stored queries after it.
    async fn write_all(&mut self, group: &[Job]) -> sqlx::Result<(Vec<Outcome>, Vec<Observation>, u64)> {
        let connection = &mut self.connection;
        let mut outcomes = Vec::with_capacity(group.len());
        let mut observations = Vec::with_capacity(group.len());
        for job in group {
            let outcome = obey(connection, job, &mut observations).await?;
            outcomes.push(outcome);
        }
        let latest = latest_of_jobs(group);
        let queries = observations.iter().filter(|noted| matches!(noted.fact, Fact::Queried(_))).count();
        let mut rows = self.queries_rows + queries as u64;
        let mut lost = None;
        if group.iter().any(|job| matches!(job.order, Order::Expire)) {
            lost = expire(connection, &self.settings, group, &mut outcomes).await?;
            rows = count_queries(connection).await?;
        }
        // A twentieth of slack, so that the cap does not cost a deletion with every group.
        if rows > self.settings.queries_rows + self.settings.queries_rows / 20 {
            let (deleted, until) = cap_queries(connection, rows - self.settings.queries_rows).await?;
            (rows, lost) = (rows - deleted, lost.max(until));
        }
        if let Some(until) = lost {
            let fact = Fact::QueriesLost(QueriesLost { until, why: Lost::Deleted });
            insert(connection, latest, &fact, &mut observations).await?;
        }
        if latest >= after(self.drops_noted, DROPS_NOTED_EVERY_S) && self.dropped.take_queries() {
            let fact = Fact::QueriesLost(QueriesLost { until: latest, why: Lost::Dropped });
            insert(connection, latest, &fact, &mut observations).await?;
            self.drops_noted = latest;
        }
        Ok((outcomes, observations, rows))
    }
}

fn latest_of_jobs(group: &[Job]) -> Timestamp {
    group.iter().map(|job| job.at).max().unwrap_or_default()
}

fn answer(job: Job, outcome: Result<Outcome, NotNoted>) {
    if let Some(answer) = job.answer {
        // Whoever waited may be gone; what was written stays written.
        let _gone = answer.send(outcome);
    }
}

async fn obey(
    connection: &mut SqliteConnection,
    job: &Job,
    observations: &mut Vec<Observation>,
) -> sqlx::Result<Outcome> {
    match &job.order {
        Order::Note { fact, address } => {
            let seq = insert(connection, job.at, fact, observations).await?;
            if let (Some((id, address)), Fact::Received(received)) = (address, fact) {
                keep_address(connection, (received.link, received.number), id, address, job.at).await?;
            }
            Ok(Outcome::Noted(seq))
        }
        Order::End { fact, trial, due } => {
            if !outbox::enqueue(connection, trial, *due).await? {
                return Ok(Outcome::Noted(Seq(outbox::end_of(connection, trial).await?)));
            }
            let seq = insert(connection, job.at, fact, observations).await?;
            outbox::tie(connection, trial, seq.0).await?;
            Ok(Outcome::Noted(seq))
        }
        Order::Scanned { fact, trial, due } => {
            outbox::hasten(connection, trial, *due).await?;
            insert(connection, job.at, fact, observations).await.map(Outcome::Noted)
        }
        Order::Handled { handled, to, forget } => {
            let VerdictHandled { trial, delivery, .. } = handled;
            let failed = match delivery {
                VerdictDelivery::Failed { reason } => Some(reason.as_str()),
                _ => None,
            };
            outbox::close(connection, trial, failed).await?;
            if let (Some(to), VerdictDelivery::Sent { .. }) = (to, delivery) {
                outbox::count(connection, to, job.at).await?;
            }
            forget_addresses(connection, forget).await?;
            let fact = Fact::VerdictHandled(handled.clone());
            insert(connection, job.at, &fact, observations).await.map(Outcome::Noted)
        }
        Order::Forget(transactions) => {
            forget_addresses(connection, transactions).await.map(|()| Outcome::Done)
        }
        Order::Claim => outbox::claim(connection, job.at).await.map(Outcome::Claimed),
        Order::Retry { trial, until, error } => {
            outbox::retry(connection, trial, *until, error).await.map(|()| Outcome::Done)
        }
        Order::PutAway(away) => archive::put_away(connection, away).await.map(|()| Outcome::Done),
        Order::NeededFrom(at) => archive::needed_from(connection, *at).await.map(|()| Outcome::Done),
        Order::Expire => Ok(Outcome::Expired { more: false }),
    }
}

/// LinkId has 64 bits and SQLite's integers have a sign: the same bits.
pub(super) fn link_bits(link: LinkId) -> i64 {
    link.0.cast_signed()
}

async fn insert(
    connection: &mut SqliteConnection,
    at: Timestamp,
    fact: &Fact,
    observations: &mut Vec<Observation>,
) -> sqlx::Result<Seq> {
    let json = serde_json::to_string(fact).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    // Followers get the instant as it is stored, so that a replay tells them the same.
    let microseconds = at.as_microsecond();
    let at = Timestamp::from_microsecond(microseconds).unwrap_or(at);
    let inserted = sqlx::query(
        "INSERT INTO observations (at, link, kind, fact) VALUES (?1, ?2, json_extract(?3, '$.fact'), ?3)",
    )
    .bind(microseconds)
    .bind(fact.link().map(link_bits))
    .bind(json)
    .execute(connection)
    .await?;
    let seq = Seq(inserted.last_insert_rowid());
    observations.push(Observation { seq, at, fact: fact.clone() });
    Ok(seq)
}

async fn keep_address(
    connection: &mut SqliteConnection,
    (link, number): (LinkId, u16),
    id: &AddressId,
    address: &str,
    at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO addresses (link, number, id, address, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(link_bits(link))
    .bind(number)
    .bind(&id.0)
    .bind(address)
    .bind(at.as_microsecond())
    .execute(connection)
    .await
    .map(|_| ())
}

async fn forget_addresses(
    connection: &mut SqliteConnection,
    transactions: &[(LinkId, u16)],
) -> sqlx::Result<()> {
    for (link, number) in transactions {
        sqlx::query("DELETE FROM addresses WHERE link = ?1 AND number = ?2")
            .bind(link_bits(*link))
            .bind(*number)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn count_queries(connection: &mut SqliteConnection) -> sqlx::Result<u64> {
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM observations WHERE kind = 'queried'")
        .fetch_one(connection)
        .await?;
    Ok(rows.unsigned_abs())
}

/// Deletes the oldest queries; gives how many, and the time of the last.
async fn cap_queries(connection: &mut SqliteConnection, rows: u64) -> sqlx::Result<(u64, Option<Timestamp>)> {
    let deleted = sqlx::query(
        "DELETE FROM observations WHERE seq IN \
         (SELECT seq FROM observations WHERE kind = 'queried' ORDER BY seq LIMIT ?1) RETURNING at",
    )
    .bind(i64::try_from(rows).unwrap_or(i64::MAX).min(EXPIRE_ROWS))
    .fetch_all(connection)
    .await?;
    Ok((deleted.len() as u64, latest_of(&deleted)?))
}

fn latest_of(rows: &[SqliteRow]) -> sqlx::Result<Option<Timestamp>> {
    let times = rows.iter().map(|row| row.try_get::<i64, _>(0)).collect::<sqlx::Result<Vec<_>>>()?;
    let latest = times.into_iter().max().map(timestamp).transpose();
    latest.map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Deletes a part of what is too old, and says whether there may be more. Gives the time of the last query that
/// was deleted.
async fn expire(
    connection: &mut SqliteConnection,
    settings: &Settings,
    group: &[Job],
    outcomes: &mut [Outcome],
) -> sqlx::Result<Option<Timestamp>> {
    let mut lost = None;
    for (job, outcome) in group.iter().zip(outcomes) {
        if !matches!(job.order, Order::Expire) {
            continue;
        }
        let days = |days: u32| before(job.at, days.saturating_mul(DAY_S)).as_microsecond();
        let queries = sqlx::query(
            "DELETE FROM observations WHERE seq IN (SELECT seq FROM observations \
             WHERE kind = 'queried' AND at < ?1 ORDER BY seq LIMIT ?2) RETURNING at",
        );
        let queries_days = settings.queries_days.min(settings.retention_days);
        let deleted = queries.bind(days(queries_days)).bind(EXPIRE_ROWS).fetch_all(&mut *connection).await?;
        lost = lost.max(latest_of(&deleted)?);
        let mut more = deleted.len() as u64 >= EXPIRE_ROWS.unsigned_abs();
        for statement in [
            "DELETE FROM observations WHERE seq IN \
             (SELECT seq FROM observations WHERE kind <> 'queried' AND at < ?1 LIMIT ?2)",
            "DELETE FROM addresses WHERE (link, number) IN \
             (SELECT link, number FROM addresses WHERE at < ?1 LIMIT ?2)",
            "DELETE FROM outbox WHERE trial IN \
             (SELECT trial FROM outbox WHERE state IN ('done', 'failed') AND next_attempt_at < ?1 LIMIT ?2)",
        ] {
            let statement = sqlx::query(statement).bind(days(settings.retention_days)).bind(EXPIRE_ROWS);
            let deleted = statement.execute(&mut *connection).await?;
            more |= deleted.rows_affected() >= EXPIRE_ROWS.unsigned_abs();
        }
        *outcome = Outcome::Expired { more };
    }
    Ok(lost)
}
