//! The size of the database: what goes before its time, so that there is always room for the next mail.
//!
//! TLS reports, where they are more than their part, go first, then questions and visits that no open trial may need. Then
//! told trials go as a whole, the oldest first, with what is of their time and of no trial: as if everything were kept for a
//! shorter time. At last go questions and visits of open trials, whose verdicts then take no absence for silence; where these
//! are most of the database, before any trial. Beyond that nothing goes, and SQLite refuses to grow.

use std::io;

use crate::sending::history::Seq;
use crate::sending::journal::database::{Connection, query};
use crate::sending::journal::outbox::DAY_S;
use crate::sending::journal::replay;
use crate::shared::time::{Timestamp, after, before};

use super::Writer;
use super::expiry::{Capped, EXPIRE_ROWS, FETCHED, QUERIED, Rows, delete_oldest, delete_oldest_trials};
use super::job::{Job, Order};
use super::rows::insert;

/// Pages of 4 KiB, SQLite's default, in a MiB.
const PAGES_PER_MIB: u64 = 256;
const PAGE_OCTETS: u64 = 4_096;
/// From so many tenths of the size on the oldest goes.
const FULL_TENTHS: u64 = 9;
/// What a question or a visit takes as a rule, with its indices, in octets.
const LOOKUP_OCTETS_USUAL: u64 = 300;

/// One part in so many of the database are TLS reports at most where it is full.
const REPORTS_PART: u64 = 16;
/// How many of them go at once at most: a quarter of them, and no more than must.
const CUT_REPORTS: i64 = 500;

/// How many parts of the oldest go before a group is written at most, so that no mail waits long.
const CUTS_AT_ONCE_MAX: usize = 4;
/// For how long nothing is deleted once that failed, in seconds: a database that is slow to delete goes on to write.
const CUT_PAUSE_S: u32 = 60;

/// How many pages a database of so many MiB has.
pub(in crate::sending::journal) fn pages_max(size_mib: u32) -> u64 {
    u64::from(size_mib) * PAGES_PER_MIB
}

/// What went before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// TLS reports.
    Reports,
    /// Questions and visits that only pages of told trials show.
    OldLookups,
    /// Told trials.
    Trials,
    /// Questions and visits that open trials may need.
    Lookups,
}

/// How full the database is, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fill {
    used: u64,
    max: u64,
}

impl Fill {
    async fn of(connection: &mut Connection, size_mib: u32) -> sqlx::Result<Self> {
        if connection.is_server() {
            let octets: i64 = query("SELECT octets FROM head").scalar(connection).await?;
            return Ok(Self { used: octets.unsigned_abs() / PAGE_OCTETS, max: pages_max(size_mib) });
        }
        let pages: i64 = query("PRAGMA page_count").scalar(connection).await?;
        let free: i64 = query("PRAGMA freelist_count").scalar(connection).await?;
        Ok(Self { used: pages.saturating_sub(free).unsigned_abs(), max: pages_max(size_mib) })
    }

    /// Whether something must go.
    fn is_full(self) -> bool {
        self.used * 10 >= self.max * FULL_TENTHS
    }
}

impl Writer {
    /// Where the database is nearly as large as it may be, lets the oldest go, in a transaction of its own: what is to be
    /// written next may not fit before.
    pub(super) async fn make_room(&mut self, at: Timestamp) {
        if self.cut_failed.is_some_and(|failed| (failed..after(failed, CUT_PAUSE_S)).contains(&at)) {
            return;
        }
        self.cut_failed = None;
        for _ in 0..CUTS_AT_ONCE_MAX {
            match self.cut(at).await {
                Ok(None) => return,
                Ok(Some(cut)) if self.told_of_cuts.is_new(cut, at) => tracing::error!(
                    size_mib = self.settings.size_mib,
                    "the journal is nearly as large as `journal.size_mib` allows: {}; raise it if the disk has room, or \
                     lower `journal.retention_days`, and look in the log for who floods",
                    cut.told()
                ),
                Ok(Some(_)) => {}
                Err(error) => {
                    // Whatever is wrong is told by what is written next, which is not to wait for each try.
                    self.cut_failed = Some(at);
                    self.after_failure(&error, &mut Vec::new()).await;
                    tracing::debug!(%error, "nothing could be deleted to make room; it is tried again");
                    return;
                }
            }
        }
    }

    /// Whether a server is known to have room, so that it is not asked before each group.
    fn has_room(&self) -> bool {
        let max = pages_max(self.settings.size_mib);
        let fill = |octets: u64| Fill { used: octets / PAGE_OCTETS, max };
        self.remote.as_ref().is_some_and(|remote| !fill(remote.octets).is_full())
    }

    /// An error where a server holds as much as it may: a file refuses by itself.
    pub(super) fn refuse_beyond_size(&self, group: &[Job]) -> sqlx::Result<()> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let notes = group.iter().any(|job| matches!(job.order, Order::Note { .. }));
        if notes && remote.octets / PAGE_OCTETS >= pages_max(self.settings.size_mib) {
            let told = "the journal is full: it is as large as `journal.size_mib` allows";
            return Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::StorageFull, told)));
        }
        Ok(())
    }

    /// Deletes a part of the oldest where the database is nearly full, and notes what is missing then.
    async fn cut(&mut self, at: Timestamp) -> sqlx::Result<Option<Cut>> {
        if self.has_room() || !Fill::of(&mut self.connection, self.settings.size_mib).await?.is_full() {
            return Ok(None);
        }
        let mut written = self.begin().await?;
        // Another node may have made room while this one waited for its turn.
        if self.has_room() {
            self.connection.rollback().await?;
            return Ok(None);
        }
        let connection = &mut self.connection;
        if connection.is_server() {
            // Other nodes delete, too.
            self.rows = Rows::count(connection).await?;
        }
        let reports_max = (u64::from(self.settings.size_mib) << 20) / REPORTS_PART;
        let flooded = self.rows.lookups() * LOOKUP_OCTETS_USUAL > u64::from(self.settings.size_mib) << 19;
        let (which, lost) = if cut_reports(connection, reports_max).await? {
            (Some(Cut::Reports), Capped::default())
        } else {
            match cut(connection, before(at, self.settings.past_kept_s), flooded).await? {
                Some((which, lost)) => (Some(which), lost),
                None => (None, Capped::default()),
            }
        };
        for fact in lost.facts() {
            insert(connection, at, &fact, &mut written).await?;
        }
        let rows = Rows::count(connection).await?;
        self.commit(&mut written).await?;
        self.rows = rows;
        self.log_holds_forgotten |= which.is_some();
        written.observations.iter().for_each(|observation| self.tell(observation));
        Ok(which)
    }
}

/// Deletes a part of the oldest, and says what it was; none where nothing may go. `flooded`: most of the database is
/// questions and visits. No mail is a copy of a trial that ended before `over`.
async fn cut(
    connection: &mut Connection,
    over: Timestamp,
    flooded: bool,
) -> sqlx::Result<Option<(Cut, Capped)>> {
    let all = Seq(i64::MAX);
    // Where nobody has said what a start needs, questions and visits go by their age alone, and trials stay.
    let needed = replay::first_lookup_needed(connection).await?.unwrap_or(all);
    let capped = cut_lookups(connection, needed).await?;
    if capped != Capped::default() {
        return Ok(Some((Cut::OldLookups, capped)));
    }
    if !flooded
        && let Some(needed) = replay::first_needed(connection).await?
        && cut_trials(connection, over, needed).await?
    {
        return Ok(Some((Cut::Trials, Capped::default())));
    }
    let capped = cut_lookups(connection, all).await?;
    Ok((capped != Capped::default()).then_some((Cut::Lookups, capped)))
}

/// Deletes TLS reports that are more than so many octets: those that nobody vouches for before others, and the oldest first.
/// True if any went.
async fn cut_reports(connection: &mut Connection, octets_max: u64) -> sqlx::Result<bool> {
    let octets: i64 = query("SELECT CAST(coalesce(sum(octets), 0) AS bigint) FROM reports")
        .scalar(&mut *connection)
        .await?;
    if octets.unsigned_abs() <= octets_max {
        return Ok(false);
    }
    let rows = query(
        "DELETE FROM observations WHERE seq IN (SELECT seq FROM reports ORDER BY vouched, seq \
         LIMIT (SELECT CASE WHEN count(*) / 4 + 1 < $1 THEN count(*) / 4 + 1 ELSE $1 END FROM reports))",
    );
    Ok(rows.bind(CUT_REPORTS).execute(connection).await? > 0)
}

/// Deletes the oldest questions and visits before a place.
async fn cut_lookups(connection: &mut Connection, before: Seq) -> sqlx::Result<Capped> {
    let (_, queries) = delete_oldest(connection, QUERIED, u64::MAX, before).await?;
    let (_, fetches) = delete_oldest(connection, FETCHED, u64::MAX, before).await?;
    Ok(Capped { queries, fetches })
}

/// Deletes the oldest told trials with all their rows, and what is of no trial and a day older than those that stay, so
/// that no page loses what it shows beside its own. True if anything went.
async fn cut_trials(connection: &mut Connection, over: Timestamp, needed: Seq) -> sqlx::Result<bool> {
    let deleted = delete_oldest_trials(connection, over).await?;
    let stays: Option<i64> =
        query("SELECT min(ended_at) FROM trials WHERE record <> ''").scalar(&mut *connection).await?;
    let horizon = stays.map_or(i64::MAX, |first| first.saturating_sub(i64::from(DAY_S) * 1_000_000));
    // What says that something is missing stays as long as it may matter.
    let rows = query(
        "DELETE FROM observations WHERE seq IN (SELECT seq FROM observations WHERE at < $1 AND seq < $2 \
         AND trial IS NULL AND (link IS NOT NULL OR kind = 'report-received') ORDER BY at LIMIT $3)",
    );
    let rows = rows.bind(horizon).bind(needed.0).bind(EXPIRE_ROWS).execute(connection).await?;
    Ok(deleted + rows > 0)
}

/// The words for what went, for the log.
impl Cut {
    fn told(self) -> &'static str {
        match self {
            Self::Reports => {
                "the oldest TLS reports are deleted before their time, those first that nobody vouches for"
            }
            Self::OldLookups => {
                "old DNS questions and visits to the policy host are deleted before their time, and pages of old results \
                 say that they are missing"
            }
            Self::Trials => "the oldest results are deleted before their time, and their pages are gone",
            Self::Lookups => {
                "DNS questions of open trials are deleted, whose verdicts will say that they are missing"
            }
        }
    }
}

/// When the operator was last told of a cut, and of which: each is told once a day.
#[derive(Debug, Default)]
pub(super) struct ToldOf {
    day: i64,
    cuts: Vec<Cut>,
}

impl ToldOf {
    /// Whether a cut is to be told of now.
    fn is_new(&mut self, cut: Cut, at: Timestamp) -> bool {
        let day = at.as_second().div_euclid(i64::from(DAY_S));
        if day != self.day {
            *self = Self { day, cuts: Vec::new() };
        }
        let is_new = !self.cuts.contains(&cut);
        if is_new {
            self.cuts.push(cut);
        }
        is_new
    }
}
