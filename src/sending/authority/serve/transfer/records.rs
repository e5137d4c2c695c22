//! A zone as a list of records, and what changed of it.

use std::collections::BTreeSet;

use hickory_proto::rr::{Record, RecordType};

use crate::sending::authority::zone::{RrSet, Zone};

/// The records of one snapshot of a zone.
pub(super) struct ZoneRecords<'a> {
    zone: &'a Zone,
}

impl<'a> ZoneRecords<'a> {
    pub(super) fn of(zone: &'a Zone) -> Self {
        Self { zone }
    }

    /// The SOA record and nothing else: a secondary that has it has all.
    pub(super) fn soa_alone(&self) -> Vec<Record> {
        let soa = self.zone.get(&self.zone.apex, RecordType::SOA);
        soa.into_iter().flat_map(RrSet::iter).take(1).cloned().collect()
    }

    /// The whole zone between two copies of its SOA record (RFC 5936 §2.2).
    pub(super) fn whole(&self) -> Vec<Record> {
        let soa = self.soa_alone();
        let mut records = soa.clone();
        records.extend(self.sets().flat_map(of_set).filter(|record| !self.is_soa(record)).cloned());
        records.extend(soa);
        records
    }

    /// Whether a secondary with this serial has all that we have (RFC 1995 §2, in RFC 1982 arithmetic).
    pub(super) fn is_known_at(&self, known: u32) -> bool {
        let serial = self.zone.serial().unwrap_or(0);
        known.wrapping_sub(serial).cast_signed() >= 0
    }

    /// What changed since `before` in one step, in the order of RFC 1995 §4. None: the whole zone is shorter.
    pub(super) fn since(&self, before: &Self) -> Option<Vec<Record>> {
        let (new_soa, old_soa) = (self.soa_alone(), before.soa_alone());
        let mut gone: Vec<Record> = changed(before, self);
        let mut come: Vec<Record> = changed(self, before);
        gone.retain(|record| !before.is_soa(record));
        come.retain(|record| !self.is_soa(record));
        let shorter = gone.len() + come.len() < self.sets().flat_map(of_set).count();
        shorter.then(|| {
            let parts = [new_soa.clone(), old_soa, gone, new_soa.clone(), come, new_soa];
            parts.into_iter().flatten().collect()
        })
    }

    fn sets(&self) -> impl Iterator<Item = &'a RrSet> {
        self.zone.nodes.values().flat_map(|node| node.sets.values()).map(AsRef::as_ref)
    }

    fn is_soa(&self, record: &Record) -> bool {
        record.record_type() == RecordType::SOA && self.zone.apex == (&record.name).into()
    }
}

/// A set with its signatures.
fn of_set(set: &RrSet) -> impl Iterator<Item = &Record> {
    set.iter().chain(&set.signatures)
}

/// The records of `these` that are not among `those`.
fn changed(these: &ZoneRecords<'_>, those: &ZoneRecords<'_>) -> Vec<Record> {
    let mut changed = Vec::new();
    for (owner, node) in &these.zone.nodes {
        for (rtype, set) in &node.sets {
            let other = those.zone.get(owner, *rtype);
            // A TTL is no part of a record's identity, but of what a secondary serves.
            let of_other: BTreeSet<(u32, String)> = other.into_iter().flat_map(of_set).map(written).collect();
            changed.extend(of_set(set).filter(|record| !of_other.contains(&written(record))).cloned());
        }
    }
    changed
}

/// A record's TTL and data as text, by which it is told from others of its owner.
fn written(record: &Record) -> (u32, String) {
    (record.ttl, format!("{} {}", record.record_type(), record.data))
}
