//! How much of what strangers cause is written in a day, so that no flood fills the disk.

use std::sync::Mutex;

use sqlx::SqliteConnection;

use crate::history::Fact;
use crate::journal::{lock, outbox};
use crate::trial::Timestamp;

/// What a row costs beside its JSON, in octets: its numbers, its place in the indices.
const ROW_OCTETS: u64 = 120;
/// What a row of a link takes in all as a rule, in octets: of what was written before the start only the number is known.
const ROW_OCTETS_USUAL: u64 = 500;

/// What was written today, in octets, for the writer and whoever writes beside it.
pub(in crate::journal) struct Day {
    octets_max: u64,
    today: Mutex<Today>,
}

#[derive(Default)]
struct Today {
    /// Days since 1970, UTC.
    day: i64,
    octets: u64,
    /// Whether the operator was told.
    told: bool,
}

impl Day {
    /// With so many MiB in a day; none: no limit.
    pub(super) fn new(mib: Option<u32>) -> Self {
        let octets_max = mib.map_or(u64::MAX, |mib| u64::from(mib) * 1_048_576);
        Self { octets_max, today: Mutex::default() }
    }

    /// Estimates what was written on the last day of the journal before this start.
    pub(super) async fn resume(&self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        let last: Option<i64> =
            sqlx::query_scalar("SELECT max(at) FROM observations").fetch_one(&mut *connection).await?;
        let day_microseconds = i64::from(outbox::DAY_S) * 1_000_000;
        let Some(day) = last.map(|last| last.div_euclid(day_microseconds)) else { return Ok(()) };
        let rows: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM observations WHERE at >= ?1) \
             - (SELECT count(*) FROM observations WHERE kind IN ('queried', 'policy-fetched') \
                AND seq >= (SELECT min(seq) FROM observations WHERE at >= ?1))",
        )
        .bind(day * day_microseconds)
        .fetch_one(connection)
        .await?;
        let octets = u64::try_from(rows).unwrap_or(0).saturating_mul(ROW_OCTETS_USUAL);
        *lock(&self.today) = Today { day, octets, told: false };
        Ok(())
    }

    /// Whether no more may be written on the day of `at`. Tells the operator so, once.
    pub(super) fn is_spent(&self, at: Timestamp) -> bool {
        let mut today = self.today(at);
        let spent = today.octets >= self.octets_max;
        if spent && !std::mem::replace(&mut today.told, true) {
            tracing::error!(
                mib = self.octets_max / 1_048_576,
                "as much was written today as `journal.day_mib` allows: mail is answered with 452 until midnight UTC \
                 and links are only counted; look in the log for who floods, or raise `journal.day_mib` if the disk \
                 has room"
            );
        }
        spent
    }

    /// Counts what was written.
    pub(super) fn add(&self, at: Timestamp, octets: u64) {
        let mut today = self.today(at);
        today.octets = today.octets.saturating_add(octets);
    }

    /// Counts what is to be written, if it may be.
    pub(in crate::journal) fn take(&self, at: Timestamp, octets: u64) -> bool {
        let may = !self.is_spent(at);
        if may {
            self.add(at, octets);
        }
        may
    }

    fn today(&self, at: Timestamp) -> std::sync::MutexGuard<'_, Today> {
        let day = at.as_second().div_euclid(i64::from(outbox::DAY_S));
        let mut today = lock(&self.today);
        // What was seen just before midnight may be written after it.
        if day > today.day || day.saturating_add(1) < today.day {
            *today = Today { day, ..Today::default() };
        }
        today
    }
}

/// What a fact counts for. Questions and visits are capped by their number and take no more of the disk, however many
/// come.
pub(super) fn octets_of(fact: &Fact, json: &str) -> u64 {
    match fact {
        Fact::Queried(_) | Fact::PolicyFetched(_) => 0,
        _ => json.len() as u64 + ROW_OCTETS,
    }
}

/// Whether a stranger causes a fact at will, and as many as he likes. What closes a trial is written in any case.
pub(super) fn is_strangers(fact: &Fact) -> bool {
    fact.link().is_some()
}
