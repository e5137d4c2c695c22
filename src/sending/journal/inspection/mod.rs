//! Whether a journal is whole: SQLite's own check, and whether every row says what this program understands.

use std::collections::BTreeMap;

use crate::sending::history::{Fact, NotRecorded};
use crate::sending::trial::TrialId;
use crate::shared::database::sqlite;
use crate::shared::time::Timestamp;

use super::Reader;
use super::database::{Connection, Row, find_secret, link_bits, query, read_observation, timestamp};

/// How many faults are told in words; more are counted.
const FAULTS_MAX: usize = 20;
/// How many rows are read at once.
const PAGE_ROWS: i64 = 128;

/// What a journal holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// How many observations there are of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// The times of the first and the last.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How many trials were told and put away.
    pub told_trials: u64,
    /// How many verdicts there are in each state.
    pub outbox: BTreeMap<String, u64>,
    /// How much of the file is used, in octets.
    pub used_octets: u64,
    /// How large the file is, in octets; what is free is used again.
    pub file_octets: u64,
    /// What is wrong, each in a sentence without its dot.
    pub faults: Vec<String>,
    /// How many more faults there are.
    pub more_faults: u64,
}

impl Inspection {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, fault: String) {
        match self.faults.len() < FAULTS_MAX {
            true => self.faults.push(fault),
            false => self.more_faults += 1,
        }
    }
}

impl Reader {
    /// Reads all of the journal. Whoever writes it does not wait; it takes a minute for some GiB.
    ///
    /// # Errors
    ///
    /// If it cannot be read at all.
    pub async fn inspect(&self) -> Result<Inspection, NotRecorded> {
        let unread = |error: sqlx::Error| NotRecorded(error.to_string());
        let mut connection = self.pages().await;
        let mut inspection = Inspection::default();
        // A server looks after its own files.
        if let Connection::File(file) = &mut *connection {
            let faults = sqlite::faults(file, FAULTS_MAX).await.map_err(unread)?;
            faults.into_iter().for_each(|fault| inspection.fault(fault));
        }
        read_sizes(&mut connection, &mut inspection).await.map_err(unread)?;
        match find_secret(&mut connection, self.secret.as_deref()).await {
            Ok(Some(_)) => {}
            Ok(None) => inspection.fault("the secret is missing, the key of all addresses".to_owned()),
            Err(error) => inspection.fault(error.to_string()),
        }
        read_observations(&mut connection, &mut inspection).await.map_err(unread)?;
        read_trials(&mut connection, &mut inspection).await.map_err(unread)?;
        read_outbox(&mut connection, &mut inspection).await.map_err(unread)?;
        Ok(inspection)
    }
}

async fn read_sizes(connection: &mut Connection, found: &mut Inspection) -> sqlx::Result<()> {
    let number = async |connection: &mut Connection, pragma: &'static str| {
        query(pragma).scalar(connection).await.map(i64::unsigned_abs)
    };
    if connection.is_server() {
        found.used_octets = number(connection, "SELECT octets FROM head").await?;
        found.file_octets = number(connection, "SELECT pg_database_size(current_database())").await?;
        return Ok(());
    }
    let octets = number(connection, "PRAGMA page_size").await?;
    let pages = number(connection, "PRAGMA page_count").await?;
    let free = number(connection, "PRAGMA freelist_count").await?;
    found.used_octets = pages.saturating_sub(free) * octets;
    found.file_octets = pages * octets;
    Ok(())
}

/// Reads a table page by page, so that no long look keeps the service's log from being put away. `page` wants the last
/// number that was read and how many rows there may be, and gives rows in the order of their first column.
async fn each_row(
    connection: &mut Connection,
    page: &'static str,
    mut read: impl FnMut(i64, &Row) -> sqlx::Result<()>,
) -> sqlx::Result<()> {
    let mut last = i64::MIN;
    loop {
        let rows = query(page).bind(last).bind(PAGE_ROWS).fetch_all(&mut *connection).await?;
        for row in &rows {
            last = row.try_get(0)?;
            read(last, row)?;
        }
        if i64::try_from(rows.len()).is_ok_and(|rows| rows < PAGE_ROWS) {
            return Ok(());
        }
    }
}

/// Every observation, and whether what is written beside it is so.
async fn read_observations(connection: &mut Connection, found: &mut Inspection) -> sqlx::Result<()> {
    let page = "SELECT seq, at, fact, kind, link FROM observations WHERE seq > $1 ORDER BY seq LIMIT $2";
    each_row(connection, page, |seq, row| {
        let (kind, link): (&str, Option<i64>) = (row.try_get(3)?, row.try_get(4)?);
        *found.kinds.entry(kind.to_owned()).or_default() += 1;
        match read_observation(row) {
            Ok(observation) => {
                let at = observation.at;
                let (first, latest) = found.span.unwrap_or((at, at));
                found.span = Some((first.min(at), latest.max(at)));
                if kind_of(&observation.fact).as_deref() != Some(kind) {
                    found.fault(format!("observation #{seq} stands among those of the kind `{kind}`"));
                }
                if observation.fact.link().map(link_bits) != link {
                    found.fault(format!("observation #{seq} stands with another link than its own"));
                }
            }
            Err(error) => found.fault(NotRecorded::from(error).0),
        }
        Ok(())
    })
    .await?;
    let orphans: i64 = query(
        "SELECT count(*) FROM observations AS o WHERE trial IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM trials WHERE number = o.trial)",
    )
    .scalar(connection)
    .await?;
    if orphans > 0 {
        found.fault(format!("{orphans} observations are of trials that are not there"));
    }
    Ok(())
}

/// The name of a fact's kind.
fn kind_of(fact: &Fact) -> Option<String> {
    let value = serde_json::to_value(fact).ok()?;
    value.get("fact")?.as_str().map(str::to_owned)
}

/// Every trial that was put away, and whether what is written of it reads.
async fn read_trials(connection: &mut Connection, found: &mut Inspection) -> sqlx::Result<()> {
    let page =
        "SELECT number, trial, ended_at, past, record FROM trials WHERE number > $1 ORDER BY number LIMIT $2";
    each_row(connection, page, |number, row| {
        let texts: (&str, &str, &str) = (row.try_get(1)?, row.try_get(3)?, row.try_get(4)?);
        let (trial, past, record) = texts;
        found.told_trials += u64::from(!record.is_empty());
        let reads = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let is_sound = trial.parse::<TrialId>().is_ok()
            && timestamp(row.try_get(2)?).is_ok()
            && reads(past)
            // One that was erased has none.
            && (record.is_empty() || reads(record));
        if !is_sound {
            found.fault(format!("trial number {number} does not read"));
        }
        Ok(())
    })
    .await
}

/// The verdicts, and whether those that wait have a trial.
async fn read_outbox(connection: &mut Connection, found: &mut Inspection) -> sqlx::Result<()> {
    let rows = query("SELECT state, count(*) FROM outbox GROUP BY state").fetch_all(&mut *connection);
    for row in rows.await? {
        let count: i64 = row.try_get(1)?;
        found.outbox.insert(row.try_get(0)?, count.unsigned_abs());
    }
    let without: i64 = query(
        "SELECT count(*) FROM outbox AS o WHERE state NOT IN ('done', 'failed') \
         AND NOT EXISTS (SELECT 1 FROM observations WHERE seq = o.seq AND kind = 'trial-ended')",
    )
    .scalar(connection)
    .await?;
    if without > 0 {
        found.fault(format!("{without} verdicts wait for trials whose end is not there"));
    }
    Ok(())
}
