//! What a start, or whoever reads, takes in: the trials that were put away, and the observations in their order.

use std::sync::Arc;

use crate::sending::history::{Observation, Seq};
use crate::sending::trial::{LinkId, TrialId};
use crate::shared::time::Timestamp;

use super::Subscriber;
use super::database::{Connection, ReplayError, observation_of, query, timestamp};

/// From when on a start must take in what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// All that may be an open trial's.
    pub contacts: Timestamp,
    /// What only tells who knew a policy, and what of that is missing.
    pub lookups: Timestamp,
}

/// How long after its end a start is told of a trial, and it is known to later mail, in seconds, if the settings do not say: ten
/// days, twice as long as queues keep mail by default (RFC 5321 §4.5.4.1: "at least 4-5 days").
pub const PAST_KEPT_S: u32 = 10 * 86_400;

/// How long a start is told of labels that were given out for trials to begin, in seconds: longer than any trial lasts.
pub const ISSUED_KEPT_S: u32 = 14 * 86_400;

/// Where a start begins to read, in `meta`.
const NEEDED_FROM: &str = "needed_from";
/// The same, of what only tells who knew a policy.
const LOOKUPS_FROM: &str = "lookups_from";
/// When the journal was put back from a backup, in `meta`, until a start has noted what that means.
const RESTORED: &str = "restored";
/// In `meta` as long as a process works on the file.
const SERVED: &str = "served";
/// Notes in a journal that it was put back from a backup: `$1` is the time, in microseconds since 1970 as a blob of 8
/// octets.
pub const ON_RESTORE: &str = "INSERT INTO meta (name, value) VALUES ('restored', $1) \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
/// How many observations around a time are looked at to find the first: a clock may have jumped.
const AROUND_ROWS: i64 = 1_000;
/// A page of rows of three columns in the order of the first, which is a number.
#[derive(Clone, Copy)]
struct Page {
    /// A row each.
    of_server: &'static str,
    /// One row with a line each, its columns apart by a space. Rows of SQLite come one by one from a thread of their own: the way
    /// takes longer than the row.
    of_file: &'static str,
}

macro_rules! page {
    ($first:literal, $second:literal, $third:literal, $rest:literal) => {
        Page {
            of_server: concat!("SELECT ", $first, ", CAST(", $second, " AS text), ", $third, $rest),
            of_file: concat!(
                "SELECT group_concat(",
                $first,
                " || ' ' || ",
                $second,
                " || ' ' || ",
                $third,
                ", char(10)) FROM (SELECT ",
                $first,
                ", ",
                $second,
                ", ",
                $third,
                $rest,
                ")"
            ),
        }
    };
}

/// The trials that a start is told of. Of one with a label the name is nobody's after it.
const PAST: Page = page!(
    "number",
    "trial",
    "past",
    " FROM trials WHERE number > $1 AND (ended_at >= $2 OR instr(past, '\"roots\":') > 0) ORDER BY number LIMIT $3"
);
/// How many rows a page of put-away trials has at a start: each is in memory twice until the page is taken in.
const PAGE_ROWS: i64 = 1_000;
/// How many observations a page of the replay holds. One may be a scan, of a quarter of a MiB; a page is in memory
/// as a whole.
const OBSERVATION_ROWS: i64 = 128;

/// The last link.
const LAST_LINK: &str = "SELECT max(link) FROM observations WHERE link IS NOT NULL";
/// The last link of each node, whose number begins its links' identities.
const LAST_LINKS: &str = "SELECT (SELECT max(link) FROM observations \
    WHERE link >= number << 52 AND link < (number + 1) << 52) FROM nodes";

/// Remembers from when on a start needs what belongs to no trial that was put away.
pub(super) async fn needed_from(connection: &mut Connection, needed: Needed) -> sqlx::Result<()> {
    remember_first(connection, NEEDED_FROM, needed.contacts).await?;
    remember_first(connection, LOOKUPS_FROM, needed.lookups).await
}

async fn remember_first(connection: &mut Connection, name: &str, at: Timestamp) -> sqlx::Result<()> {
    let first: Option<i64> = query(
        "SELECT min(seq) FROM (SELECT seq FROM observations WHERE at >= $1 ORDER BY at LIMIT $2) AS near",
    )
    .bind(at.as_microsecond())
    .bind(AROUND_ROWS)
    .scalar(&mut *connection)
    .await?;
    let Some(first) = first else { return Ok(()) };
    query(
        "INSERT INTO meta (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(first.to_be_bytes().to_vec())
    .execute(connection)
    .await
    .map(|_| ())
}

/// Tells the subscribers of the trials that were put away and ended less than `past_kept_s` seconds ago, and of every
/// observation that may still matter.
pub(super) async fn resume(
    connection: &mut Connection,
    subscribers: &[Arc<dyn Subscriber>],
    past_kept_s: u32,
) -> Result<(), ReplayError> {
    let latest: Option<i64> = query("SELECT at FROM observations ORDER BY seq DESC LIMIT 1")
        .scalar_optional(connection)
        .await
        .map_err(ReplayError::Database)?;
    let links: Vec<Option<i64>> = query(connection.either(LAST_LINK, LAST_LINKS))
        .scalars(connection)
        .await
        .map_err(ReplayError::Database)?;
    if let Some(at) = latest {
        let at = timestamp(at).map_err(ReplayError::Line)?;
        for link in links.into_iter().flatten() {
            subscribers.iter().for_each(|subscriber| subscriber.resumes(LinkId(link.cast_unsigned()), at));
        }
    }
    each_past(connection, past_kept_s, |trial, past| {
        subscribers.iter().try_for_each(|subscriber| subscriber.past(&trial, past))
    })
    .await?;
    let from = first_needed(connection).await.map_err(ReplayError::Database)?.unwrap_or(Seq(0));
    let lookups = first(connection, LOOKUPS_FROM).await.map_err(ReplayError::Database)?.unwrap_or(from);
    let tell = |observation| subscribers.iter().for_each(|subscriber| subscriber.committed(&observation));
    let now = latest.unwrap_or(0);
    each_issue(connection, now.saturating_sub(i64::from(ISSUED_KEPT_S) * 1_000_000), from, tell).await?;
    each_policy_lookup(connection, (lookups, from), tell).await?;
    each_live_observation(connection, from, tell).await
}

/// The first observation that a start takes in; none where nobody has said which.
pub(super) async fn first_needed(connection: &mut Connection) -> sqlx::Result<Option<Seq>> {
    first(connection, NEEDED_FROM).await
}

/// The first observation that tells who knew a policy and that a start takes in; none where nobody has said which.
pub(super) async fn first_lookup_needed(connection: &mut Connection) -> sqlx::Result<Option<Seq>> {
    first(connection, LOOKUPS_FROM).await
}

/// Until when observations are missing since the journal is that of a backup; none where it is not, or a start has noted
/// it.
pub(super) async fn restored_at(connection: &mut Connection) -> sqlx::Result<Option<Timestamp>> {
    let at = first(connection, RESTORED).await?;
    at.map(|Seq(at)| timestamp(at)).transpose().map_err(|error| sqlx::Error::Decode(error.into()))
}

/// It is noted what is missing since the restoration.
pub(super) async fn restoration_noted(connection: &mut Connection) -> sqlx::Result<()> {
    query("DELETE FROM meta WHERE name = $1").bind(RESTORED).execute(connection).await.map(|_| ())
}

/// Notes that a process works on this file; whether an earlier one did that and did not end in order, so that what it had not
/// written is missing.
pub(super) async fn begin_to_serve(connection: &mut Connection) -> sqlx::Result<bool> {
    let begins = query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
    Ok(begins.bind(SERVED).bind(Vec::<u8>::new()).execute(connection).await? == 0)
}

/// A process that worked on this file ends in order, with all written that it saw.
pub(super) async fn end_to_serve(connection: &mut Connection) -> sqlx::Result<()> {
    query("DELETE FROM meta WHERE name = $1").bind(SERVED).execute(connection).await.map(drop)
}

async fn first(connection: &mut Connection, name: &str) -> sqlx::Result<Option<Seq>> {
    let stored: Option<Vec<u8>> =
        query("SELECT value FROM meta WHERE name = $1").bind(name).scalar_optional(connection).await?;
    let bytes = stored.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    Ok(bytes.map(|bytes| Seq(i64::from_be_bytes(bytes))))
}

async fn each_past(
    connection: &mut Connection,
    kept_s: u32,
    tell: impl Fn(TrialId, &str) -> Result<(), String>,
) -> Result<(), ReplayError> {
    let newest: Option<i64> = query("SELECT max(ended_at) FROM trials")
        .scalar(&mut *connection)
        .await
        .map_err(ReplayError::Database)?;
    let horizon = newest.unwrap_or(0).saturating_sub(i64::from(kept_s) * 1_000_000);
    let mut last = 0_i64;
    loop {
        let rows = PAST
            .each(connection, (last, horizon, PAGE_ROWS), |number, trial, past| {
                last = number;
                let line = |reason: String| ReplayError::Line(format!("trial number {number}: {reason}"));
                let trial = trial.parse().map_err(|error| line(format!("{error}")))?;
                tell(trial, past).map_err(line)
            })
            .await?;
        if rows < PAGE_ROWS {
            return Ok(());
        }
    }
}

impl Page {
    /// Calls `take` with each row; gives how many there were.
    async fn each(
        self,
        connection: &mut Connection,
        (after, until, rows_max): (i64, i64, i64),
        mut take: impl FnMut(i64, &str, &str) -> Result<(), ReplayError>,
    ) -> Result<i64, ReplayError> {
        let asked =
            query(connection.either(self.of_file, self.of_server)).bind(after).bind(until).bind(rows_max);
        let rows = asked.fetch_all(&mut *connection).await.map_err(ReplayError::Database)?;
        if connection.is_server() {
            for row in &rows {
                let first = row.try_get(0).map_err(ReplayError::Database)?;
                let second = row.try_get(1).map_err(ReplayError::Database)?;
                take(first, second, row.try_get(2).map_err(ReplayError::Database)?)?;
            }
            return Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        }
        let Some(row) = rows.first() else { return Ok(0) };
        let lines: Option<&str> = row.try_get(0).map_err(ReplayError::Database)?;
        let lines = lines.into_iter().flat_map(|lines| lines.split('\n'));
        let mut read = lines.map(columns).collect::<Result<Vec<_>, _>>()?;
        // Nobody promises the order of what is concatenated (sqlite.org/lang_aggfunc.html), though it is that of the page.
        read.sort_unstable_by_key(|(first, ..)| *first);
        for (first, second, third) in &read {
            take(*first, second, third)?;
        }
        Ok(i64::try_from(read.len()).unwrap_or(i64::MAX))
    }
}

/// The columns of a line of a page.
fn columns(line: &str) -> Result<(i64, &str, &str), ReplayError> {
    let parts = line.split_once(' ').and_then(|(first, rest)| Some((first, rest.split_once(' ')?)));
    let begin = || line.chars().take(40).collect::<String>();
    let (first, (second, third)) =
        parts.ok_or_else(|| ReplayError::Line(format!("a row of fewer than three columns: {}…", begin())))?;
    let first = first.parse().map_err(|error| ReplayError::Line(format!("{first}: {error}")))?;
    Ok((first, second, third))
}

/// Calls `tell` with every stored observation in order, a page at a time.
pub(super) async fn each_observation(
    connection: &mut Connection,
    tell: impl Fn(Observation),
) -> Result<(), ReplayError> {
    each_of(
        page!("seq", "at", "fact", " FROM observations WHERE seq > $1 AND seq < $2 ORDER BY seq LIMIT $3"),
        connection,
        (Seq(0), Seq(i64::MAX)),
        tell,
    )
    .await
}

/// Calls `tell` with every stored observation from `from` on that is of no trial that was put away.
pub(super) async fn each_live_observation(
    connection: &mut Connection,
    from: Seq,
    tell: impl Fn(Observation),
) -> Result<(), ReplayError> {
    each_of(
        page!(
            "seq",
            "at",
            "fact",
            " FROM observations WHERE seq > $1 AND seq < $2 AND trial IS NULL ORDER BY seq LIMIT $3"
        ),
        connection,
        (from, Seq(i64::MAX)),
        tell,
    )
    .await
}

/// Calls `tell` with what tells who knew a policy, from one observation on and before another: visits to the policy host,
/// questions for the policy's record, and what of both is missing.
pub(super) async fn each_policy_lookup(
    connection: &mut Connection,
    span: (Seq, Seq),
    tell: impl Fn(Observation),
) -> Result<(), ReplayError> {
    each_of(
        page!(
            "seq",
            "at",
            "fact",
            " FROM observations WHERE seq > $1 AND seq < $2 AND (trial IS NULL OR link IS NULL) \
             AND (kind IN ('policy-fetched', 'queries-lost', 'fetches-lost') \
                  OR kind = 'queried' AND instr(fact, '_mta-sts') > 0) \
             ORDER BY seq LIMIT $3"
        ),
        connection,
        span,
        tell,
    )
    .await
}

/// Calls `tell` with the labels that were given out, from a time on, in microseconds since 1970, and before an observation.
async fn each_issue(
    connection: &mut Connection,
    from: i64,
    until: Seq,
    tell: impl Fn(Observation),
) -> Result<(), ReplayError> {
    let first: Option<i64> =
        query("SELECT min(seq) FROM observations WHERE kind = 'labels-issued' AND at >= $1")
            .bind(from)
            .scalar(&mut *connection)
            .await
            .map_err(ReplayError::Database)?;
    let Some(first) = first else { return Ok(()) };
    each_of(
        page!(
            "seq",
            "at",
            "fact",
            " FROM observations WHERE seq > $1 AND seq < $2 AND kind = 'labels-issued' ORDER BY seq LIMIT $3"
        ),
        connection,
        (Seq(first), until),
        tell,
    )
    .await
}

async fn each_of(
    page: Page,
    connection: &mut Connection,
    (from, until): (Seq, Seq),
    tell: impl Fn(Observation),
) -> Result<(), ReplayError> {
    let mut last = from.0.saturating_sub(1).max(0);
    loop {
        let rows = page
            .each(connection, (last, until.0, OBSERVATION_ROWS), |seq, at, fact| {
                last = seq;
                let at =
                    at.parse().map_err(|error| ReplayError::Line(format!("observation #{seq}: {error}")))?;
                tell(observation_of(seq, at, fact)?);
                Ok(())
            })
            .await?;
        if rows < OBSERVATION_ROWS {
            return Ok(());
        }
    }
}
