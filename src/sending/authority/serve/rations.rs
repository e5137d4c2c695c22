//! How many queries are noted: of one resolver as many as its deliveries ask, of all as many as the journal bears.

use std::net::IpAddr;

use crate::sending::trial::{Ration, Rationed, Said};
use crate::shared::time::Timestamp;

use super::settings::ServerSettings;

/// Counts queries by the second, so that a burst of one network leaves room for others, and each network by the hour,
/// so that it does not displace what others asked before.
#[derive(Debug)]
pub(super) struct Rations {
    second: Ration,
    hour: Ration,
    said: Said,
}

impl Rations {
    pub(super) fn new(settings: &ServerSettings) -> Self {
        Self {
            second: Ration::new(1, settings.notes_per_s_max, settings.notes_per_network_s_max),
            hour: Ration::new(3_600, 0, settings.notes_per_network_hour_max),
            said: Said::default(),
        }
    }

    /// Counts a query of `address`.
    pub(super) fn take(&mut self, address: IpAddr, now: Timestamp) -> Rationed {
        match self.second.take(address, now, &mut self.said) {
            Rationed::Noted => self.hour.take(address, now, &mut self.said),
            lost => lost,
        }
    }
}
