//! What goes by age, or by number: questions first, trials that were put away as a whole, the rest row by row.

use crate::sending::history::{Fact, FetchesLost, Lost, Observation, QueriesLost, Seq};
use crate::sending::journal::database::{Connection, Row, query, timestamp};
use crate::sending::journal::outbox::DAY_S;
use crate::sending::journal::{Settings, replay};
use crate::shared::time::{Timestamp, before};

/// How many rows one transaction deletes at most, so that expiry does not hold up a mail; those of the last trial in it
/// come on top.
pub(super) const EXPIRE_ROWS: i64 = 5_000;
/// How many trials one transaction deletes at most.
const EXPIRE_TRIALS: i64 = 100;
/// How many trials go at once before their time at most: no more than must.
const CUT_TRIALS: i64 = 10;

/// The kinds of facts that anybody can make without end, and that are capped by their number.
pub(super) const QUERIED: &str = "queried";
pub(super) const FETCHED: &str = "policy-fetched";

/// How many rows of these kinds are stored; those of trials that were put away go with them, and are counted at times.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    queries: u64,
    fetches: u64,
}

impl Rows {
    pub(super) async fn count(connection: &mut Connection) -> sqlx::Result<Self> {
        let queries = count(connection, QUERIED).await?;
        Ok(Self { queries, fetches: count(connection, FETCHED).await? })
    }

    /// Of both kinds together.
    pub(super) fn lookups(self) -> u64 {
        self.queries + self.fetches
    }

    /// With what was written.
    pub(super) fn with(self, written: &[Observation]) -> Self {
        let number = |is: fn(&Fact) -> bool| written.iter().filter(|noted| is(&noted.fact)).count() as u64;
        Self {
            queries: self.queries + number(|fact| matches!(fact, Fact::Queried(_))),
            fetches: self.fetches + number(|fact| matches!(fact, Fact::PolicyFetched(_))),
        }
    }
}

/// The times of the last that were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capped {
    pub(super) queries: Option<Timestamp>,
    pub(super) fetches: Option<Timestamp>,
}

impl Capped {
    pub(super) fn and(self, other: Self) -> Self {
        Self { queries: self.queries.max(other.queries), fetches: self.fetches.max(other.fetches) }
    }

    /// The facts that say so.
    pub(super) fn facts(self) -> impl Iterator<Item = Fact> {
        let (network, why) = (None, Lost::Deleted);
        let queries = self.queries.map(|until| Fact::QueriesLost(QueriesLost { network, until, why }));
        let fetches = self.fetches.map(|until| Fact::FetchesLost(FetchesLost { network, until, why }));
        queries.into_iter().chain(fetches)
    }
}

/// Deletes the oldest of each kind beyond its cap. A twentieth of slack, so that the cap does not cost a deletion with
/// every group.
pub(super) async fn cap(
    connection: &mut Connection,
    settings: &Settings,
    rows: &mut Rows,
) -> sqlx::Result<Capped> {
    let mut capped = Capped::default();
    for (kind, max, stored, until) in [
        (QUERIED, settings.queries_rows, &mut rows.queries, &mut capped.queries),
        (FETCHED, settings.fetches_rows, &mut rows.fetches, &mut capped.fetches),
    ] {
        let is_over = |stored: u64| stored > max + max / 20;
        // What other nodes deleted is not told, nor what went with its trial: before anything goes it is counted.
        if is_over(*stored) {
            *stored = count(connection, kind).await?;
        }
        if is_over(*stored) {
            let deleted = delete_oldest(connection, kind, *stored - max, Seq(i64::MAX)).await?;
            (*stored, *until) = (*stored - deleted.0, deleted.1);
        }
    }
    Ok(capped)
}

async fn count(connection: &mut Connection, kind: &str) -> sqlx::Result<u64> {
    let rows: i64 =
        query("SELECT count(*) FROM observations WHERE kind = $1").bind(kind).scalar(connection).await?;
    Ok(rows.unsigned_abs())
}

/// Deletes the oldest rows of a kind before a place; gives how many, and the time of the last.
pub(super) async fn delete_oldest(
    connection: &mut Connection,
    kind: &str,
    rows: u64,
    before: Seq,
) -> sqlx::Result<(u64, Option<Timestamp>)> {
    let deleted = query(
        "DELETE FROM observations WHERE seq IN \
         (SELECT seq FROM observations WHERE kind = $1 AND seq < $3 ORDER BY seq LIMIT $2) RETURNING at",
    )
    .bind(kind)
    .bind(i64::try_from(rows).unwrap_or(i64::MAX).min(EXPIRE_ROWS))
    .bind(before.0)
    .fetch_all(connection)
    .await?;
    Ok((deleted.len() as u64, latest_of(&deleted)?))
}

fn latest_of(rows: &[Row]) -> sqlx::Result<Option<Timestamp>> {
    let times = rows.iter().map(|row| row.try_get::<i64, _>(0)).collect::<sqlx::Result<Vec<_>>>()?;
    let latest = times.into_iter().max().map(timestamp).transpose();
    latest.map_err(|error| sqlx::Error::Decode(error.into()))
}

/// A part of what was too old.
pub(super) struct Expired {
    /// Whether there may be more.
    pub(super) more: bool,
    /// The time of the last question that was deleted.
    pub(super) lost: Option<Timestamp>,
}

/// Deletes a part of what is too old at `now`. A trial that was put away goes with all that is its own, and what belongs
/// to none a day after its time, so that no trial loses what its page shows beside that. What a start still needs is
/// never too old.
pub(super) async fn expire(
    connection: &mut Connection,
    settings: &Settings,
    now: Timestamp,
) -> sqlx::Result<Expired> {
    let days = |days: u32| before(now, days.saturating_mul(DAY_S)).as_microsecond();
    let (kept, kept_rows) = (days(settings.retention_days), days(settings.retention_days.saturating_add(1)));
    let queries = query(
        "DELETE FROM observations WHERE seq IN (SELECT seq FROM observations \
         WHERE kind = 'queried' AND at < $1 ORDER BY seq LIMIT $2) RETURNING at",
    );
    let queries_days = settings.queries_days.min(settings.retention_days);
    let deleted = queries.bind(days(queries_days)).bind(EXPIRE_ROWS).fetch_all(&mut *connection).await?;
    let lost = latest_of(&deleted)?;
    let mut more = deleted.len() as u64 >= EXPIRE_ROWS.unsigned_abs();
    let erased = before(now, settings.past_kept_s).as_microsecond();
    more |= expire_trials(connection, kept, erased).await?;
    let needed = replay::first_needed(connection).await?.map_or(i64::MAX, |seq| seq.0);
    let rows = query(
        "DELETE FROM observations WHERE seq IN (SELECT seq FROM observations \
         WHERE at < $1 AND seq < $2 AND trial IS NULL AND kind <> 'queried' ORDER BY at LIMIT $3)",
    );
    let deleted = rows.bind(kept_rows).bind(needed).bind(EXPIRE_ROWS).execute(&mut *connection).await?;
    more |= deleted >= EXPIRE_ROWS.unsigned_abs();
    for statement in [
        "DELETE FROM addresses WHERE (link, number) IN \
         (SELECT link, number FROM addresses WHERE at < $1 LIMIT $2)",
        "DELETE FROM outbox WHERE trial IN \
         (SELECT trial FROM outbox WHERE state IN ('done', 'failed') AND next_attempt_at < $1 LIMIT $2)",
    ] {
        let deleted = query(statement).bind(kept).bind(EXPIRE_ROWS).execute(&mut *connection).await?;
        more |= deleted >= EXPIRE_ROWS.unsigned_abs();
    }
    Ok(Expired { more, lost })
}

/// Deletes trials that ended before `horizon`, each with all its rows, and those that were erased and ended before
/// `erased`; true if there may be more.
async fn expire_trials(connection: &mut Connection, horizon: i64, erased: i64) -> sqlx::Result<bool> {
    let trials: Vec<i64> = query(
        "SELECT number FROM trials WHERE ended_at < $1 OR record = '' AND ended_at < $2 \
             ORDER BY ended_at LIMIT $3",
    )
    .bind(horizon)
    .bind(erased)
    .bind(EXPIRE_TRIALS)
    .scalars(&mut *connection)
    .await?;
    let rows = delete(connection, &trials).await?;
    let all = i64::try_from(trials.len()).is_ok_and(|trials| trials < EXPIRE_TRIALS);
    Ok(!all || rows >= EXPIRE_ROWS.unsigned_abs())
}

/// Deletes some of the oldest trials, each with all its rows; gives how many rows. Of one that later mail may be a
/// copy of it stays what that is known by, until [`expire`] deletes it or there is nothing else: a restart would take the copy
/// for a new test. No mail is a copy of one that ended before `over`.
pub(super) async fn delete_oldest_trials(connection: &mut Connection, over: Timestamp) -> sqlx::Result<u64> {
    let over = over.as_microsecond();
    let told = "SELECT number, ended_at < $2 FROM trials WHERE record <> '' ORDER BY ended_at LIMIT $1";
    let told = query(told).bind(CUT_TRIALS).bind(over).fetch_all(connection).await?;
    let (mut whole, mut rows): (Vec<i64>, u64) = (Vec::new(), 0);
    for row in &told {
        let (trial, is_over): (i64, bool) = (row.try_get(0)?, row.try_get(1)?);
        if is_over {
            whole.push(trial);
            continue;
        }
        for statement in
            ["DELETE FROM observations WHERE trial = $1", "UPDATE trials SET record = '' WHERE number = $1"]
        {
            rows += query(statement).bind(trial).execute(&mut *connection).await?;
        }
    }
    if told.is_empty() {
        let emptied = "SELECT number FROM trials ORDER BY ended_at LIMIT $1";
        whole = query(emptied).bind(EXPIRE_TRIALS).scalars(&mut *connection).await?;
    }
    Ok(rows + delete(connection, &whole).await?)
}

/// Deletes trials by their numbers, each with all its rows, until so many rows went as one transaction may delete.
async fn delete(connection: &mut Connection, trials: &[i64]) -> sqlx::Result<u64> {
    let mut rows = 0;
    for trial in trials {
        for statement in ["DELETE FROM observations WHERE trial = $1", "DELETE FROM trials WHERE number = $1"]
        {
            rows += query(statement).bind(*trial).execute(&mut *connection).await?;
        }
        if rows >= EXPIRE_ROWS.unsigned_abs() {
            break;
        }
    }
    Ok(rows)
}
