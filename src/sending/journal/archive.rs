//! Trials that were told: put away, so that neither a start nor memory has to know them, and read when a page asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::{Row, SqliteConnection};

use crate::sending::history::{NotNoted, Observation, Seq};
use crate::sending::trial::{LinkId, TrialId};
use crate::shared::time::Timestamp;

use super::reader::{ReplayError, each_live_observation, each_policy_lookup, read_observation, timestamp};
use super::writer::link_bits;
use super::{Follower, Reader};

/// From when on a start must take in what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// All that may be an open trial's.
    pub contacts: Timestamp,
    /// What only tells who knew a policy, and what of that is missing.
    pub lookups: Timestamp,
}

/// How long after its end a start is told of a trial, and it is known to later mail, in seconds: ten days, twice as long as queues keep mail by
/// default (RFC 5321 §4.5.4.1: "at least 4-5 days").
pub const PAST_KEPT_S: u32 = 10 * 86_400;

/// A told trial that is to leave memory. What is in its texts is known to whoever wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAway {
    /// The trial.
    pub trial: TrialId,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What a start is told of it, as JSON.
    pub past: String,
    /// What its page is made of, as JSON.
    pub record: String,
    /// The links that are its alone.
    pub links: Vec<LinkId>,
    /// The observations that are about the trial itself.
    pub seqs: Vec<Seq>,
}

/// Where a start begins to read, in `meta`.
const NEEDED_FROM: &str = "needed_from";
/// The same, of what only tells who knew a policy.
const LOOKUPS_FROM: &str = "lookups_from";
/// How many observations around a time are looked at to find the first: a clock may have jumped.
const AROUND_ROWS: i64 = 1_000;
/// How many rows a page of put-away trials has at a start.
const PAGE_ROWS: i64 = 10_000;
/// The most links, and the most other observations, that are read for one page.
const SHOWN_MAX: usize = 10_000;
/// The most rows that are read for one page, and the most octets of them.
const PAGE_READ_ROWS_MAX: i64 = 20_000;
const PAGE_READ_OCTETS_MAX: usize = 32 << 20;

/// Writes what is kept of a trial, and marks the observations that are its alone. Doing so again replaces it.
pub(super) async fn put_away(connection: &mut SqliteConnection, away: &PutAway) -> sqlx::Result<()> {
    let PutAway { trial, ended_at, past, record, links, seqs } = away;
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO trials (trial, ended_at, past, record) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (trial) DO UPDATE SET past = excluded.past, record = excluded.record RETURNING number",
    )
    .bind(trial.as_str())
    .bind(ended_at.as_microsecond())
    .bind(past)
    .bind(record)
    .fetch_one(&mut *connection)
    .await?;
    for link in links {
        sqlx::query("UPDATE observations SET trial = ?1 WHERE link = ?2 AND trial IS NULL")
            .bind(number)
            .bind(link_bits(*link))
            .execute(&mut *connection)
            .await?;
    }
    for seq in seqs {
        sqlx::query("UPDATE observations SET trial = ?1 WHERE seq = ?2 AND trial IS NULL")
            .bind(number)
            .bind(seq.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Remembers from when on a start needs what belongs to no trial that was put away.
pub(super) async fn needed_from(connection: &mut SqliteConnection, needed: Needed) -> sqlx::Result<()> {
    remember_first(connection, NEEDED_FROM, needed.contacts).await?;
    remember_first(connection, LOOKUPS_FROM, needed.lookups).await
}

async fn remember_first(connection: &mut SqliteConnection, name: &str, at: Timestamp) -> sqlx::Result<()> {
    let first: Option<i64> = sqlx::query_scalar(
        "SELECT min(seq) FROM (SELECT seq FROM observations WHERE at >= ?1 ORDER BY at LIMIT ?2)",
    )
    .bind(at.as_microsecond())
    .bind(AROUND_ROWS)
    .fetch_one(&mut *connection)
    .await?;
    let Some(first) = first else { return Ok(()) };
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(first.to_be_bytes().to_vec())
    .execute(connection)
    .await
    .map(|_| ())
}

/// Tells the followers of the trials that were put away, and of every observation that may still matter.
pub(super) async fn resume(
    connection: &mut SqliteConnection,
    followers: &[Arc<dyn Follower>],
) -> Result<(), ReplayError> {
    let last: (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT max(link) FROM observations WHERE link IS NOT NULL), \
         (SELECT at FROM observations ORDER BY seq DESC LIMIT 1)",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(ReplayError::Database)?;
    if let (Some(link), Some(at)) = last {
        let at = timestamp(at).map_err(ReplayError::Line)?;
        followers.iter().for_each(|follower| follower.resumes(LinkId(link.cast_unsigned()), at));
    }
    each_past(connection, |trial, past| {
        followers.iter().try_for_each(|follower| follower.past(&trial, past))
    })
    .await?;
    let from = first_needed(connection).await.map_err(ReplayError::Database)?.unwrap_or(Seq(0));
    let lookups = first(connection, LOOKUPS_FROM).await.map_err(ReplayError::Database)?.unwrap_or(from);
    let tell = |observation| followers.iter().for_each(|follower| follower.committed(&observation));
    each_policy_lookup(connection, (lookups, from), tell).await?;
    each_live_observation(connection, from, tell).await
}

/// The first observation that a start takes in; none where nobody has said which.
pub(super) async fn first_needed(connection: &mut SqliteConnection) -> sqlx::Result<Option<Seq>> {
    first(connection, NEEDED_FROM).await
}

async fn first(connection: &mut SqliteConnection, name: &str) -> sqlx::Result<Option<Seq>> {
    let stored: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM meta WHERE name = ?1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    let bytes = stored.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    Ok(bytes.map(|bytes| Seq(i64::from_be_bytes(bytes))))
}

async fn each_past(
    connection: &mut SqliteConnection,
    tell: impl Fn(TrialId, &str) -> Result<(), String>,
) -> Result<(), ReplayError> {
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(ended_at) FROM trials")
        .fetch_one(&mut *connection)
        .await
        .map_err(ReplayError::Database)?;
    let horizon = newest.unwrap_or(0).saturating_sub(i64::from(PAST_KEPT_S) * 1_000_000);
    let mut last = 0_i64;
    loop {
        let rows =
            sqlx::query("SELECT number, trial, past FROM trials WHERE number > ?1 AND ended_at >= ?2 ORDER BY number LIMIT ?3")
                .bind(last)
                .bind(horizon)
                .bind(PAGE_ROWS)
                .fetch_all(&mut *connection)
                .await
                .map_err(ReplayError::Database)?;
        for row in &rows {
            last = row.try_get(0).map_err(ReplayError::Database)?;
            let line = |reason: String| ReplayError::Line(format!("trial number {last}: {reason}"));
            let trial: &str = row.try_get(1).map_err(ReplayError::Database)?;
            let past: &str = row.try_get(2).map_err(ReplayError::Database)?;
            let trial = trial.parse().map_err(|error| line(format!("{error}")))?;
            tell(trial, past).map_err(line)?;
        }
        if i64::try_from(rows.len()).is_ok_and(|rows| rows < PAGE_ROWS) {
            return Ok(());
        }
    }
}

fn not_read(error: ReplayError) -> NotNoted {
    match error {
        ReplayError::Database(error) => NotNoted(error.to_string()),
        ReplayError::Line(reason) => NotNoted(reason),
    }
}

impl Reader {
    /// What was written of a trial for its page when it was put away; none if there is no such trial.
    pub async fn record(&self, trial: &TrialId) -> Result<Option<String>, NotNoted> {
        let mut connection = self.connection().await;
        sqlx::query_scalar("SELECT record FROM trials WHERE trial = ?1")
            .bind(trial.as_str())
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| NotNoted(error.to_string()))
    }

    /// What a page of a trial is made of, in the order of the journal: the observations of these links, those at these
    /// places, and those of more links. Where that is too much, what is named first goes first.
    pub async fn observations_of(
        &self,
        links: &[LinkId],
        seqs: &BTreeSet<Seq>,
        more_links: &[LinkId],
    ) -> Result<Vec<Observation>, NotNoted> {
        let links = links.iter().take(SHOWN_MAX).map(|link| (OF_LINK, link_bits(*link)));
        let seqs = seqs.iter().take(SHOWN_MAX).map(|seq| (AT_SEQ, seq.0));
        let more_links = more_links.iter().take(SHOWN_MAX).map(|link| (OF_LINK, link_bits(*link)));
        let mut page = Page {
            rows_left: PAGE_READ_ROWS_MAX,
            octets_left: PAGE_READ_OCTETS_MAX,
            observations: Vec::new(),
        };
        let mut connection = self.pages().await;
        for (statement, key) in links.chain(seqs).chain(more_links) {
            page.take(&mut connection, statement, key).await.map_err(not_read)?;
        }
        drop(connection);
        page.observations.sort_by_key(|observation| observation.seq);
        Ok(page.observations)
    }

    /// The trials that were put away, by their end.
    pub async fn told_trials(&self) -> Result<Vec<TrialId>, NotNoted> {
        let mut connection = self.pages().await;
        let trials: Vec<String> = sqlx::query_scalar("SELECT trial FROM trials ORDER BY ended_at, number")
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| NotNoted(error.to_string()))?;
        trials.iter().map(|trial| trial.parse().map_err(|error| NotNoted(format!("{error}")))).collect()
    }
}

const OF_LINK: &str = "SELECT seq, at, fact FROM observations WHERE link = ?1 ORDER BY seq LIMIT ?2";
const AT_SEQ: &str = "SELECT seq, at, fact FROM observations WHERE seq = ?1 LIMIT ?2";

/// What was read for a page, and how much more may be.
struct Page {
    rows_left: i64,
    octets_left: usize,
    observations: Vec<Observation>,
}

impl Page {
    /// Reads the observations that a statement gives for a key, as far as there is room.
    async fn take(
        &mut self,
        connection: &mut SqliteConnection,
        statement: &'static str,
        key: i64,
    ) -> Result<(), ReplayError> {
        if self.rows_left <= 0 || self.octets_left == 0 {
            return Ok(());
        }
        let mut rows = sqlx::query(statement).bind(key).bind(self.rows_left).fetch(connection);
        while let Some(row) = rows.try_next().await.map_err(ReplayError::Database)? {
            let octets = row.try_get::<&str, usize>(2).map_err(ReplayError::Database)?.len();
            self.octets_left = self.octets_left.saturating_sub(octets);
            self.rows_left -= 1;
            if self.octets_left == 0 {
                return Ok(());
            }
            self.observations.push(read_observation(&row)?);
        }
        Ok(())
    }
}
