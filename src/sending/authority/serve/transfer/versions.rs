//! The zones as they were, so that a secondary is sent what changed since (RFC 1995).

use std::collections::VecDeque;
use std::sync::Arc;

use hickory_proto::rr::LowerName;

use crate::sending::authority::zone::{Zone, Zones};

/// How many snapshots are remembered. Whoever has an older one is sent the whole zone.
const SNAPSHOTS_MAX: usize = 16;

/// The last snapshots, the youngest at the end.
#[derive(Default)]
pub(super) struct Versions(VecDeque<Arc<Zones>>);

impl Versions {
    /// Remembers a snapshot that a secondary was given something of, if it is another one.
    pub(super) fn remember(&mut self, zones: &Arc<Zones>) {
        if self.0.back().is_some_and(|last| Arc::ptr_eq(last, zones)) {
            return;
        }
        // A refresh may leave every zone as it was.
        let serials = |zones: &Zones| -> Vec<_> { zones.all().map(Zone::serial).collect() };
        if self.0.back().is_some_and(|last| serials(last) == serials(zones)) {
            self.0.pop_back();
        }
        if self.0.len() == SNAPSHOTS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Arc::clone(zones));
    }

    /// The snapshot in which a zone had a serial.
    pub(super) fn at(&self, apex: &LowerName, serial: u32) -> Option<Arc<Zones>> {
        let had = |zones: &&Arc<Zones>| zones.zone(apex).and_then(Zone::serial) == Some(serial);
        self.0.iter().rev().find(had).cloned()
    }
}
