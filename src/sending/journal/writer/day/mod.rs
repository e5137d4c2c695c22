//! How much of what strangers cause is written in a day, so that no flood fills the disk, and none of one site puts off
//! all others.

mod pot;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use parking_lot::{Mutex, MutexGuard};

use crate::sending::history::{Fact, Observation};
use crate::sending::journal::database::{Connection, query};
use crate::sending::journal::outbox;
use crate::sending::trial::{LinkId, site_of};
use crate::shared::time::Timestamp;

use pot::{Over, Pot};

/// What a row costs beside its JSON, in octets: its numbers, its place in the indices.
const ROW_OCTETS: u64 = 120;
/// What a row of a link takes in all as a rule, in octets: of what was written before the start only the number is known.
const ROW_OCTETS_USUAL: u64 = 500;
/// One part in so many of a day is the operator's mail at most, and no fact takes from it.
const OPERATOR_SHARE: u64 = 4;
/// One part in so many of a day is the operator's mail of one site at most.
const OPERATOR_SITE_SHARE: u64 = 16;
/// One part in so many of a day are the facts of the links of one site at most.
const SITE_SHARE: u64 = 4;
/// One part in so many of a day are TLS reports at most, and no other fact takes from it, nor they from others.
const REPORTS_SHARE: u64 = 16;
/// One part in so many of a day are the TLS reports of one site at most.
const REPORTS_SITE_SHARE: u64 = 128;
/// Of how many links it is remembered which site they are of; the oldest go first.
const LINKS_MAX: usize = 65_536;

/// Why nothing may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    /// All that may be written today was.
    Day,
    /// All that one site may have written today was.
    Site(IpNet),
    /// All TLS reports that may be written today were, of all or of one site.
    Reports,
}

/// What was written today, in octets, for the writer and whoever writes beside it.
pub(in crate::sending::journal) struct Day {
    octets_max: u64,
    today: Mutex<Today>,
    /// Where the links that are open came from.
    links: Mutex<BTreeMap<LinkId, IpNet>>,
}

#[derive(Default)]
struct Today {
    /// Days since 1970, UTC.
    day: i64,
    facts: Pot,
    operator: Pot,
    reports: Pot,
}

impl Day {
    /// With so many MiB in a day; none: no limit.
    pub(super) fn new(mib: Option<u32>) -> Self {
        let octets_max = mib.map_or(u64::MAX, |mib| u64::from(mib) * 1_048_576);
        Self { octets_max, today: Mutex::default(), links: Mutex::default() }
    }

    /// Estimates what was written on the last day of the journal before this start. Which sites it was of is not asked,
    /// nor how much mail to the operator came: their shares begin anew.
    pub(super) async fn resume(&self, connection: &mut Connection) -> sqlx::Result<()> {
        let last: Option<i64> = query("SELECT max(at) FROM observations").scalar(connection).await?;
        let day_microseconds = i64::from(outbox::DAY_S) * 1_000_000;
        let Some(day) = last.map(|last| last.div_euclid(day_microseconds)) else { return Ok(()) };
        let rows: i64 = query(
            "SELECT (SELECT count(*) FROM observations WHERE at >= $1) \
             - (SELECT count(*) FROM observations WHERE kind IN ('queried', 'policy-fetched', 'report-received') \
                AND seq >= (SELECT min(seq) FROM observations WHERE at >= $1))",
        )
        .bind(day * day_microseconds)
        .scalar(&mut *connection)
        .await?;
        let reports: i64 =
            query("SELECT CAST(coalesce(sum(octets), 0) AS bigint) FROM reports WHERE at >= $1")
                .bind(day * day_microseconds)
                .scalar(connection)
                .await?;
        let octets = u64::try_from(rows).unwrap_or(0).saturating_mul(ROW_OCTETS_USUAL);
        let facts = Pot::new(octets);
        let reports = Pot::new(u64::try_from(reports).unwrap_or(0));
        *self.today.lock() = Today { day, facts, reports, ..Today::default() };
        Ok(())
    }

    /// Why a fact may not be written on the day of `at`; none if it may. Tells the operator so, once. Remembers whose a
    /// link is that opens.
    pub(super) fn spent(&self, at: Timestamp, fact: &Fact) -> Option<Spent> {
        if let Fact::LinkOpened { link, source, .. } = fact {
            self.open(*link, source.ip());
        }
        if let Fact::ReportReceived(report) = fact {
            return self.reports_spent(at, report.source()).then_some(Spent::Reports);
        }
        // What closes a trial is written in any case.
        let link = fact.link()?;
        let site = self.links.lock().get(&link).copied();
        let site_max = self.octets_max / SITE_SHARE;
        let (over, is_new) =
            self.today(at).facts.over(self.facts_octets_max(), site.map(|site| (site, site_max)))?;
        match over {
            Over::All => {
                if is_new {
                    tracing::error!(
                        mib = self.octets_max / 1_048_576,
                        "as much was written today as `journal.day_mib` allows: mail is answered with 452 until \
                         midnight UTC and links are only counted; look in the log for who floods, or raise \
                         `journal.day_mib` if the disk has room"
                    );
                }
                Some(Spent::Day)
            }
            Over::Site(site) => {
                if is_new {
                    tracing::warn!(
                        %site,
                        "a quarter of what `journal.day_mib` allows was written today for one network: its mail is \
                         answered with 452 until midnight UTC and its links are only counted; others are not concerned"
                    );
                }
                Some(Spent::Site(site))
            }
        }
    }

    /// Whether a fact may be written on the day of `at`.
    pub(in crate::sending::journal) fn has_room(&self, at: Timestamp, fact: &Fact) -> bool {
        self.spent(at, fact).is_none()
    }

    /// Whether no more TLS reports of an address may be written on the day of `at`. Tells the operator so, once.
    fn reports_spent(&self, at: Timestamp, from: IpAddr) -> bool {
        let of_site = (site_of(from), self.octets_max / REPORTS_SITE_SHARE);
        let spent = self.today(at).reports.over(self.octets_max / REPORTS_SHARE, Some(of_site));
        match spent {
            Some((Over::All, true)) => tracing::warn!(
                "TLS reports took the sixteenth of `journal.day_mib` that is for them: more are put off until midnight \
                 UTC; tests are not concerned"
            ),
            Some((Over::Site(site), true)) => tracing::warn!(
                %site,
                "TLS reports of one network took all of `journal.day_mib` that is for them: more from there are put off \
                 until midnight UTC; others are not concerned"
            ),
            _ => {}
        }
        spent.is_some()
    }

    /// Counts what was written: observations, and what each of them takes.
    pub(super) fn add<'a>(&self, at: Timestamp, written: impl IntoIterator<Item = (&'a Observation, u64)>) {
        let (mut today, mut links) = (self.today(at), self.links.lock());
        for (observation, octets) in written {
            if let Fact::ReportReceived(report) = &observation.fact {
                today.reports.add(Some(site_of(report.source())), octets);
                continue;
            }
            let link = observation.fact.link();
            today.facts.add(link.and_then(|link| links.get(&link).copied()), octets);
            if let Fact::LinkClosed(closed) = &observation.fact {
                links.remove(&closed.link);
            }
        }
    }

    /// Forgets whose a link was.
    pub(super) fn forget(&self, link: LinkId) {
        self.links.lock().remove(&link);
    }

    /// Counts a mail to the operator that came from an address and is to be written, if it may be. Such mail has a share
    /// of its own, so that it takes nothing from tests.
    pub(in crate::sending::journal) fn take_operators(
        &self,
        at: Timestamp,
        from: IpAddr,
        octets: u64,
    ) -> bool {
        let site = site_of(from);
        let mut today = self.today(at);
        let of_site = (site, self.octets_max / OPERATOR_SITE_SHARE);
        let spent = today.operator.over(self.octets_max / OPERATOR_SHARE, Some(of_site));
        match spent {
            Some((Over::All, true)) => tracing::error!(
                "mail to the operator took the quarter of `journal.day_mib` that is for it: more is answered with 452 \
                 until midnight UTC; tests are not concerned"
            ),
            Some((Over::Site(site), true)) => tracing::warn!(
                %site,
                "mail to the operator from one network took a sixteenth of `journal.day_mib`: more from there is \
                 answered with 452 until midnight UTC; others are not concerned"
            ),
            _ => {}
        }
        if spent.is_none() {
            today.operator.add(Some(site), octets);
        }
        spent.is_none()
    }

    /// The facts have what is neither the operator's mail nor TLS reports.
    fn facts_octets_max(&self) -> u64 {
        self.octets_max - self.octets_max / OPERATOR_SHARE - self.octets_max / REPORTS_SHARE
    }

    fn open(&self, link: LinkId, from: IpAddr) {
        let mut links = self.links.lock();
        links.insert(link, site_of(from));
        if links.len() > LINKS_MAX {
            links.pop_first();
        }
    }

    fn today(&self, at: Timestamp) -> MutexGuard<'_, Today> {
        let day = at.as_second().div_euclid(i64::from(outbox::DAY_S));
        let mut today = self.today.lock();
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
