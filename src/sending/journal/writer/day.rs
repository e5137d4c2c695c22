//! How much of what strangers cause is written in a day, so that no flood fills the disk, and none of one site puts off
//! all others.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;
use parking_lot::{Mutex, MutexGuard};
use sqlx::SqliteConnection;

use crate::sending::history::{Fact, Observation};
use crate::sending::journal::outbox;
use crate::sending::trial::{LinkId, site_of};
use crate::shared::time::Timestamp;

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
/// How many sites are counted apart.
const SITES_MAX: usize = 4_096;
/// Of how many links it is remembered which site they are of; the oldest go first.
const LINKS_MAX: usize = 65_536;

/// Why nothing may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    /// All that may be written today was.
    Day,
    /// All that one site may have written today was.
    Site(IpNet),
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
}

/// What was taken of one share of the day.
#[derive(Default)]
struct Pot {
    octets: u64,
    /// Whether the operator was told that it is empty.
    told: bool,
    of_sites: Sites,
}

/// What the largest took: one that is not among [`SITES_MAX`] takes the place of the smallest, and its count, which is at
/// most that part of all. So none is ever counted for less than it is.
/// (Metwally et al., "Efficient computation of frequent and top-k elements in data streams", 2005)
#[derive(Default)]
struct Sites(HashMap<IpNet, Count>);

#[derive(Default)]
struct Count {
    octets: u64,
    /// Whether the operator was told that it is at its end.
    told: bool,
}

impl Sites {
    fn add(&mut self, site: IpNet, octets: u64) {
        let mut from = 0;
        if !self.0.contains_key(&site) && self.0.len() >= SITES_MAX {
            let smallest = self.0.iter().min_by_key(|(_, count)| count.octets).map(|(site, _)| *site);
            from = smallest.and_then(|site| self.0.remove(&site)).map_or(0, |count| count.octets);
        }
        let count = self.0.entry(site).or_insert(Count { octets: from, told: false });
        count.octets = count.octets.saturating_add(octets);
    }

    /// Whether a site is beyond `octets_max`, and whether that is said for the first time.
    fn is_over(&mut self, site: IpNet, octets_max: u64) -> Option<IsNew> {
        let count = self.0.get_mut(&site).filter(|count| count.octets >= octets_max)?;
        Some(IsNew(!std::mem::replace(&mut count.told, true)))
    }
}

struct IsNew(bool);

impl Pot {
    fn add(&mut self, site: Option<IpNet>, octets: u64) {
        self.octets = self.octets.saturating_add(octets);
        if let Some(site) = site {
            self.of_sites.add(site, octets);
        }
    }

    fn is_over(&mut self, octets_max: u64) -> Option<IsNew> {
        (self.octets >= octets_max).then(|| IsNew(!std::mem::replace(&mut self.told, true)))
    }
}

impl Day {
    /// With so many MiB in a day; none: no limit.
    pub(super) fn new(mib: Option<u32>) -> Self {
        let octets_max = mib.map_or(u64::MAX, |mib| u64::from(mib) * 1_048_576);
        Self { octets_max, today: Mutex::default(), links: Mutex::default() }
    }

    /// Estimates what was written on the last day of the journal before this start. Which sites it was of is not asked,
    /// nor how much mail to the operator came: their shares begin anew.
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
        let facts = Pot { octets, ..Pot::default() };
        *self.today.lock() = Today { day, facts, ..Today::default() };
        Ok(())
    }

    /// Why a fact may not be written on the day of `at`; none if it may. Tells the operator so, once. Remembers whose a
    /// link is that opens.
    pub(super) fn spent(&self, at: Timestamp, fact: &Fact) -> Option<Spent> {
        if let Fact::LinkOpened { link, source, .. } = fact {
            self.open(*link, source.ip());
        }
        // What closes a trial is written in any case.
        let link = fact.link()?;
        let site = self.links.lock().get(&link).copied();
        let mut today = self.today(at);
        if let Some(IsNew(new)) = today.facts.is_over(self.facts_octets_max()) {
            if new {
                tracing::error!(
                    mib = self.octets_max / 1_048_576,
                    "as much was written today as `journal.day_mib` allows: mail is answered with 452 until midnight \
                     UTC and links are only counted; look in the log for who floods, or raise `journal.day_mib` if the \
                     disk has room"
                );
            }
            return Some(Spent::Day);
        }
        let site = site?;
        let IsNew(new) = today.facts.of_sites.is_over(site, self.octets_max / SITE_SHARE)?;
        if new {
            tracing::warn!(
                %site,
                "a quarter of what `journal.day_mib` allows was written today for one network: its mail is answered with \
                 452 until midnight UTC and its links are only counted; others are not concerned"
            );
        }
        Some(Spent::Site(site))
    }

    /// Counts what was written: observations, and what each of them takes.
    pub(super) fn add<'a>(&self, at: Timestamp, written: impl IntoIterator<Item = (&'a Observation, u64)>) {
        let (mut today, mut links) = (self.today(at), self.links.lock());
        for (observation, octets) in written {
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
        if let Some(IsNew(new)) = today.operator.is_over(self.octets_max / OPERATOR_SHARE) {
            if new {
                tracing::error!(
                    "mail to the operator took the quarter of `journal.day_mib` that is for it: more is answered with \
                     452 until midnight UTC; tests are not concerned"
                );
            }
            return false;
        }
        if let Some(IsNew(new)) = today.operator.of_sites.is_over(site, self.octets_max / OPERATOR_SITE_SHARE)
        {
            if new {
                tracing::warn!(
                    %site,
                    "mail to the operator from one network took a sixteenth of `journal.day_mib`: more from there is \
                     answered with 452 until midnight UTC; others are not concerned"
                );
            }
            return false;
        }
        today.operator.add(Some(site), octets);
        true
    }

    /// The facts have what is not the operator's mail.
    fn facts_octets_max(&self) -> u64 {
        self.octets_max - self.octets_max / OPERATOR_SHARE
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_floods_is_known_among_more_than_are_counted() {
        let mut sites = Sites::default();
        let site = |number: u32| site_of((number << 8).to_be_bytes().into());
        (0..10_000).for_each(|number| sites.add(site(number), 100));
        assert_eq!(sites.0.len(), SITES_MAX);
        for number in 10_000..20_000 {
            sites.add(site(1 << 20), 100);
            sites.add(site(number), 100);
        }
        assert!(sites.is_over(site(1 << 20), 1_000_000).is_some());
        let largest =
            (0..20_000).filter_map(|number| sites.0.get(&site(number))).map(|count| count.octets).max();
        assert!(largest.is_some_and(|octets| octets <= 1_000), "nobody else is taken for one: {largest:?}");
    }
}
