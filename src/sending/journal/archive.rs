//! Trials that were told: put away, so that neither a start nor memory has to know them, and read when a page asks.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;

use crate::sending::history::{NotRecorded, Observation, Seq};
use crate::sending::trial::{LinkId, TrialId};
use crate::shared::time::Timestamp;

use super::Reader;
use super::database::{Connection, ReplayError, link_bits, query, read_observation};

/// The most links, and the most other observations, that are read for one page.
const SHOWN_MAX: usize = 10_000;
/// The most rows that are read for one page, and the most octets of them.
const PAGE_READ_ROWS_MAX: i64 = 20_000;
const PAGE_READ_OCTETS_MAX: usize = 32 << 20;

/// A told trial that is to leave memory. What is in its texts is known to whoever wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAway {
    pub trial: TrialId,
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

/// Writes what is kept of a trial, and marks the observations that are its alone. Doing so again replaces it.
pub(super) async fn put_away(connection: &mut Connection, away: &PutAway) -> sqlx::Result<()> {
    let PutAway { trial, ended_at, past, record, links, seqs } = away;
    // One that was erased meanwhile stays so.
    let number: Option<i64> = query(
        "INSERT INTO trials (trial, ended_at, past, record) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (trial) DO UPDATE SET past = excluded.past, record = excluded.record \
         WHERE trials.record <> '' RETURNING number",
    )
    .bind(trial.as_str())
    .bind(ended_at.as_microsecond())
    .bind(past)
    .bind(record)
    .scalar_optional(&mut *connection)
    .await?;
    let Some(number) = number else { return Ok(()) };
    for link in links {
        query("UPDATE observations SET trial = $1 WHERE link = $2 AND trial IS NULL")
            .bind(number)
            .bind(link_bits(*link))
            .execute(&mut *connection)
            .await?;
    }
    for seq in seqs {
        query("UPDATE observations SET trial = $1 WHERE seq = $2 AND trial IS NULL")
            .bind(number)
            .bind(seq.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Deletes what there is of a trial that was put away: the observations that are its alone, its mail on links that are
/// others', too, full addresses, its verdict, and what its page was made of. What later mail of it is known by stays until
/// no queue can bring any more.
pub(super) async fn erase(
    connection: &mut Connection,
    trial: &TrialId,
    transactions: &[(LinkId, u16)],
) -> sqlx::Result<()> {
    for statement in [
        "DELETE FROM observations WHERE trial = (SELECT number FROM trials WHERE trial = $1)",
        "DELETE FROM outbox WHERE trial = $1",
        "UPDATE trials SET record = '' WHERE trial = $1",
    ] {
        query(statement).bind(trial.as_str()).execute(&mut *connection).await?;
    }
    for (link, number) in transactions {
        for statement in [
            "DELETE FROM observations WHERE link = $1 AND kind IN ('received', 'answered') \
             AND CAST(json_extract(fact, '$.number') AS bigint) = $2",
            "DELETE FROM addresses WHERE link = $1 AND number = $2",
        ] {
            query(statement).bind(link_bits(*link)).bind(*number).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

impl Reader {
    /// What was written of a trial for its page when it was put away; none if there is no such trial.
    pub async fn record(&self, trial: &TrialId) -> Result<Option<String>, NotRecorded> {
        let mut connection = self.connection().await;
        query("SELECT record FROM trials WHERE trial = $1 AND record <> ''")
            .bind(trial.as_str())
            .scalar_optional(&mut connection)
            .await
            .map_err(|error| NotRecorded(error.to_string()))
    }

    /// What a page of a trial is made of, in the order of the journal: the observations of these links, those at these
    /// places, and those of more links. Where that is too much, what is named first goes first.
    pub async fn observations_of(
        &self,
        links: &[LinkId],
        seqs: &BTreeSet<Seq>,
        more_links: &[LinkId],
    ) -> Result<Vec<Observation>, NotRecorded> {
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
            page.take(&mut connection, statement, key).await?;
        }
        drop(connection);
        page.observations.sort_by_key(|observation| observation.seq);
        Ok(page.observations)
    }

    /// The trials that were put away, by their end.
    pub async fn told_trials(&self) -> Result<Vec<TrialId>, NotRecorded> {
        let mut connection = self.pages().await;
        let trials: Vec<String> =
            query("SELECT trial FROM trials WHERE record <> '' ORDER BY ended_at, number")
                .scalars(&mut connection)
                .await
                .map_err(|error| NotRecorded(error.to_string()))?;
        trials.iter().map(|trial| trial.parse().map_err(|error| NotRecorded(format!("{error}")))).collect()
    }
}

const OF_LINK: &str = "SELECT seq, at, fact FROM observations WHERE link = $1 ORDER BY seq LIMIT $2";
const AT_SEQ: &str = "SELECT seq, at, fact FROM observations WHERE seq = $1 LIMIT $2";

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
        connection: &mut Connection,
        statement: &'static str,
        key: i64,
    ) -> Result<(), ReplayError> {
        if self.rows_left <= 0 || self.octets_left == 0 {
            return Ok(());
        }
        let rows = query(statement).bind(key).bind(self.rows_left).fetch(connection);
        let mut rows = rows.map_err(ReplayError::Database)?;
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
