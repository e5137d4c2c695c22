//! The outbox: one entry for each trial that ended.
//!
//! An entry is claimed for a time, on disk, before its verdict is handed over. After a crash, and after its time, a claimed
//! entry is handed out again with [`OutboxEntry::was_claimed`]: the verdict may have gone out. A maildir takes the same file name
//! again without harm; over SMTP the mail may repeat, with the same Message-ID.
//!
//! Claims of one entry are numbered. Whoever puts it off or closes it says the number of its claim, and does nothing where a
//! later one is there: who stood still for longer than its claim is late. On a server claims go by its clock, and not by
//! that of any node.

use crate::sending::history::NotRecorded;
use crate::sending::trial::{Mailbox, TrialId};
use crate::shared::time::{Timestamp, after, before};

use super::database::{Connection, Row, query, server_now, timestamp};

/// The length of the day that limits count by, in seconds.
pub(super) const DAY_S: u32 = 86_400;

/// How many verdicts were mailed in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mailed {
    /// To this address.
    pub address: u32,
    /// How many went to the domain of this address.
    pub domain: u32,
    /// How many went to anybody.
    pub all: u32,
}

/// How many verdicts may be mailed in 24 hours. Beyond it the result's page is the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// To one address. Default 3.
    pub per_address: u32,
    /// To one domain. Default 20.
    pub per_domain: u32,
    /// In all. Default 2000.
    pub all: u32,
}

impl Default for MailLimits {
    fn default() -> Self {
        Self { per_address: 3, per_domain: 20, all: 2_000 }
    }
}

impl MailLimits {
    /// Whether one more verdict may go out after these.
    pub fn allow(&self, mailed: Mailed) -> bool {
        mailed.address < self.per_address && mailed.domain < self.per_domain && mailed.all < self.all
    }
}

/// How many entries there are in each state, and how far the work on them is behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// By the state's name.
    pub by_state: Vec<(String, u64)>,
    /// Since when the entry is due that is due longest and that nobody has handled; also where that time is yet to come.
    pub due_longest: Option<Timestamp>,
}

/// How far an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// Waits for its time.
    Pending,
    /// Is being handed over.
    Claimed,
    /// Was being handed over when the service stopped.
    Interrupted,
    /// Was handed over, or withheld.
    Done,
    Failed,
}

/// A verdict to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    pub trial: TrialId,
    pub state: OutboxState,
    /// How often it was claimed, this time included; that is the number of the claim, too.
    pub attempts: u32,
    /// When it is due.
    pub next_attempt_at: Timestamp,
    /// Whether it was already claimed, when the service stopped or for a time that is over: it may have gone out.
    pub was_claimed: bool,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

impl OutboxEntry {
    fn read(row: &Row) -> sqlx::Result<Self> {
        let wrong = |reason: String| sqlx::Error::Decode(reason.into());
        let state = match row.try_get("state")? {
            "pending" => OutboxState::Pending,
            "claimed" => OutboxState::Claimed,
            "interrupted" => OutboxState::Interrupted,
            "done" => OutboxState::Done,
            "failed" => OutboxState::Failed,
            other => return Err(wrong(format!("the outbox knows no state `{other}`"))),
        };
        let trial = row.try_get::<&str, _>("trial")?.parse();
        Ok(Self {
            trial: trial.map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            state,
            attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
            next_attempt_at: timestamp(row.try_get("next_attempt_at")?).map_err(wrong)?,
            was_claimed: false,
            last_error: row.try_get("last_error")?,
        })
    }
}

pub(super) async fn read(
    connection: &mut Connection,
    trial: &TrialId,
) -> Result<Option<OutboxEntry>, NotRecorded> {
    let row =
        query("SELECT trial, state, attempts, next_attempt_at, last_error FROM outbox WHERE trial = $1")
            .bind(trial.as_str())
            .fetch_optional(connection)
            .await;
    row.and_then(|row| row.as_ref().map(OutboxEntry::read).transpose())
        .map_err(|error| NotRecorded(error.to_string()))
}

pub(super) async fn next_due(connection: &mut Connection) -> Result<Option<Timestamp>, NotRecorded> {
    let due: Option<i64> =
        query("SELECT min(next_attempt_at) FROM outbox WHERE state IN ('pending', 'interrupted')")
            .scalar(connection)
            .await
            .map_err(|error| NotRecorded(error.to_string()))?;
    due.map(timestamp).transpose().map_err(NotRecorded)
}

/// How many entries there are, by state.
pub(super) async fn figures(connection: &mut Connection) -> sqlx::Result<OutboxFigures> {
    let rows =
        query("SELECT state, count(*), min(next_attempt_at) FROM outbox GROUP BY state ORDER BY state")
            .fetch_all(connection)
            .await?;
    let mut figures = OutboxFigures::default();
    for row in rows {
        let state: String = row.try_get(0)?;
        if !["done", "failed"].contains(&state.as_str()) {
            let due = timestamp(row.try_get(2)?).map_err(|error| sqlx::Error::Decode(error.into()))?;
            let due_longest = figures.due_longest.map_or(due, |longest| longest.min(due));
            figures.due_longest = Some(due_longest);
        }
        figures.by_state.push((state, row.try_get::<i64, _>(1)?.unsigned_abs()));
    }
    Ok(figures)
}

/// Makes the entry of a trial that ended; false if it has one.
pub(super) async fn enqueue(
    connection: &mut Connection,
    trial: &TrialId,
    due: Timestamp,
) -> sqlx::Result<bool> {
    let made = query(
        "INSERT INTO outbox (trial, seq, state, next_attempt_at) VALUES ($1, 0, 'pending', $2) \
         ON CONFLICT (trial) DO NOTHING",
    )
    .bind(trial.as_str())
    .bind(due.as_microsecond())
    .execute(connection)
    .await?;
    Ok(made == 1)
}

/// Ties an entry to the observation of its trial's end.
pub(super) async fn tie(connection: &mut Connection, trial: &TrialId, seq: i64) -> sqlx::Result<()> {
    query("UPDATE outbox SET seq = $2 WHERE trial = $1")
        .bind(trial.as_str())
        .bind(seq)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Makes an entry that nobody has claimed yet due at `due`, if it would be due later.
pub(super) async fn hasten(connection: &mut Connection, trial: &TrialId, due: Timestamp) -> sqlx::Result<()> {
    query(
        "UPDATE outbox SET next_attempt_at = $2 \
         WHERE trial = $1 AND state = 'pending' AND attempts = 0 AND next_attempt_at > $2",
    )
    .bind(trial.as_str())
    .bind(due.as_microsecond())
    .execute(connection)
    .await
    .map(|_| ())
}

/// The observation of a trial's end.
pub(super) async fn end_of(connection: &mut Connection, trial: &TrialId) -> sqlx::Result<i64> {
    query("SELECT seq FROM outbox WHERE trial = $1").bind(trial.as_str()).scalar(connection).await
}

/// Whether a trial has ended.
pub(super) async fn has_ended(connection: &mut Connection, trial: &TrialId) -> sqlx::Result<bool> {
    let ended = query("SELECT seq FROM outbox WHERE trial = $1").bind(trial.as_str());
    Ok(ended.fetch_optional(connection).await?.is_some())
}

/// Marks what a node had claimed when it stopped; a file has only ever had one.
pub(super) async fn interrupt(connection: &mut Connection, node: u16) -> sqlx::Result<()> {
    let marks = "UPDATE outbox SET state = 'interrupted' WHERE state = 'claimed'";
    let of_node = "UPDATE outbox SET state = 'interrupted' WHERE state = 'claimed' AND node = $1";
    let marks = query(connection.either(marks, of_node));
    let marks = if connection.is_server() { marks.bind(node) } else { marks };
    marks.execute(connection).await.map(drop)
}

/// What may be claimed at `$1`, where claims go by the time of a clock. A claim is over after its time, and also where its
/// time is further off than it ever was: then the clock was set back.
macro_rules! is_due {
    ($($clock:tt)+) => {
        concat!(
            "state = 'interrupted' OR (state = 'pending' AND next_attempt_at <= $1) OR (state = 'claimed' AND (claimed_until <= ",
            $($clock)+,
            " OR claimed_until - ",
            $($clock)+,
            " > 2 * (claimed_until - claimed_at)))"
        )
    };
}

const IS_DUE: &str = concat!("SELECT EXISTS (SELECT 1 FROM outbox WHERE ", is_due!("$1"), ")");
const IS_DUE_THERE: &str = concat!("SELECT EXISTS (SELECT 1 FROM outbox WHERE ", is_due!(server_now!()), ")");
/// The entry of those that is due longest: those whose worker died first.
const DUE_LONGEST: &str = concat!(
    "SELECT trial, state FROM outbox WHERE ",
    is_due!("$1"),
    " ORDER BY state, next_attempt_at LIMIT 1"
);
const DUE_LONGEST_THERE: &str = concat!(
    "SELECT trial, state FROM outbox WHERE ",
    is_due!(server_now!()),
    " ORDER BY state, next_attempt_at LIMIT 1"
);
/// Nodes claim in turn, since each locks the head of the journal before.
const CLAIM: &str = "UPDATE outbox SET state = 'claimed', attempts = attempts + 1, claimed_at = $2, \
    claimed_until = $3 WHERE trial = $1 RETURNING trial, state, attempts, next_attempt_at, last_error";
const CLAIM_THERE: &str = concat!(
    "UPDATE outbox SET state = 'claimed', attempts = attempts + 1, claimed_at = ",
    server_now!(),
    ", claimed_until = ",
    server_now!(),
    " + $2, node = $3 WHERE trial = $1 RETURNING trial, state, attempts, next_attempt_at, last_error"
);
const HOLDS: &str = "SELECT EXISTS (SELECT 1 FROM outbox WHERE trial = $1 AND state = 'claimed' AND attempts = $2 \
    AND claimed_until > $3)";
const HOLDS_THERE: &str = concat!(
    "SELECT EXISTS (SELECT 1 FROM outbox WHERE trial = $1 AND state = 'claimed' AND attempts = $2 AND claimed_until > ",
    server_now!(),
    ")"
);

/// Whether there is something to claim.
pub(super) async fn is_due(connection: &mut Connection, now: Timestamp) -> Result<bool, NotRecorded> {
    query(connection.either(IS_DUE, IS_DUE_THERE))
        .bind(now.as_microsecond())
        .scalar(connection)
        .await
        .map_err(|error| NotRecorded(error.to_string()))
}

/// Claims the entry that is due longest, for so many seconds and for a node.
pub(super) async fn claim(
    connection: &mut Connection,
    now: Timestamp,
    for_s: u32,
    node: u16,
) -> sqlx::Result<Option<OutboxEntry>> {
    let due = query(connection.either(DUE_LONGEST, DUE_LONGEST_THERE)).bind(now.as_microsecond());
    let Some(row) = due.fetch_optional(&mut *connection).await? else { return Ok(None) };
    let (trial, was_claimed) = (row.try_get::<String, _>(0)?, row.try_get::<&str, _>(1)? != "pending");
    let claim = match connection.is_server() {
        true => query(CLAIM_THERE).bind(&trial).bind(i64::from(for_s) * 1_000_000).bind(node),
        false => {
            let until = after(now, for_s).as_microsecond();
            query(CLAIM).bind(&trial).bind(now.as_microsecond()).bind(until)
        }
    };
    let row = claim.fetch_one(connection).await?;
    Ok(Some(OutboxEntry { was_claimed, ..OutboxEntry::read(&row)? }))
}

/// Whether the claim of this number is the last, and its time is not over.
pub(super) async fn holds(
    connection: &mut Connection,
    trial: &TrialId,
    claim: u32,
    now: Timestamp,
) -> Result<bool, NotRecorded> {
    let holds = query(connection.either(HOLDS, HOLDS_THERE)).bind(trial.as_str()).bind(i64::from(claim));
    let holds = if connection.is_server() { holds } else { holds.bind(now.as_microsecond()) };
    holds.scalar(connection).await.map_err(|error| NotRecorded(error.to_string()))
}

/// Puts an entry back until `at`; false where the claim of this number is not the last, and nothing is done.
pub(super) async fn retry(
    connection: &mut Connection,
    (trial, claim): (&TrialId, u32),
    at: Timestamp,
    error: &str,
) -> sqlx::Result<bool> {
    let put_back = query(
        "UPDATE outbox SET state = 'pending', claimed_at = NULL, claimed_until = NULL, next_attempt_at = $2, last_error = $3 \
         WHERE trial = $1 AND state = 'claimed' AND attempts = $4",
    )
    .bind(trial.as_str())
    .bind(at.as_microsecond())
    .bind(error)
    .bind(i64::from(claim))
    .execute(connection)
    .await?;
    Ok(put_back == 1)
}

/// Closes an entry; false where the claim of this number is not the last, and nothing is done. What nobody has claimed yet
/// has the number 0.
pub(super) async fn close(
    connection: &mut Connection,
    (trial, claim): (&TrialId, u32),
    failed: Option<&str>,
) -> sqlx::Result<bool> {
    let closed = query(
        "UPDATE outbox SET state = $2, last_error = coalesce($3, last_error) WHERE trial = $1 AND attempts = $4 \
         AND (state = 'claimed' OR state = 'pending' AND attempts = 0)",
    )
    .bind(trial.as_str())
    .bind(if failed.is_some() { "failed" } else { "done" })
    .bind(failed)
    .bind(i64::from(claim))
    .execute(connection)
    .await?;
    Ok(closed == 1)
}

/// Counts a mailed verdict, and forgets those older than two days.
pub(super) async fn count(connection: &mut Connection, to: &Mailbox, at: Timestamp) -> sqlx::Result<()> {
    query("DELETE FROM mailed WHERE at < $1")
        .bind(before(at, 2 * DAY_S).as_microsecond())
        .execute(&mut *connection)
        .await?;
    query("INSERT INTO mailed (at, address, domain) VALUES ($1, $2, $3)")
        .bind(at.as_microsecond())
        .bind(&to.id.0)
        .bind(&to.domain)
        .execute(connection)
        .await
        .map(|_| ())
}
