//! What the origin's zone says of the ruled zones below it.

use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{Name, RData};

use super::case_zone::{CaseZone, TTL_S_MAX};
use super::online;
use crate::sending::authority::zone::keys::Keys;
use crate::sending::authority::zone::records::{Records, ZoneError};

/// How long a delegation may be remembered, in seconds.
const NS_TTL_S: u32 = 3600;

/// Delegates every ruled zone from the deepest zone above it: NS, DS as its file wants it, glue. What the operator wrote
/// at or below such a name would not be answered, and is an error.
pub(in crate::sending::authority::zone) fn delegate(
    zones: &mut [(Records, bool)],
    ruled: &[CaseZone],
    keys: &Keys,
) -> Result<(), ZoneError> {
    for zone in ruled {
        let apex = zone.apex();
        if let Some((records, _)) = zones.iter().find(|(records, _)| apex.zone_of(records.apex())) {
            return Err(records.unfit(format!("{apex} is a case and served by rule; remove this zone")));
        }
        let above = zones.iter_mut().filter(|(records, _)| records.apex().zone_of(apex));
        let Some((parent, _)) = above.max_by_key(|(records, _)| records.apex().num_labels()) else {
            continue;
        };
        if let Some((owner, _)) = parent.owners().find(|(owner, _)| apex.zone_of(owner)) {
            let reason =
                format!("it has records at {owner}, which is a name of the case {apex}; remove them");
            return Err(parent.unfit(reason));
        }
        let owner = Name::from(apex);
        for server in zone.servers() {
            parent.add(&owner, NS_TTL_S, RData::NS(NS(server.clone())));
        }
        if zone.is_signed() {
            for ds in online::ds(keys, zone)? {
                parent.add(&owner, TTL_S_MAX, ds);
            }
        }
        for address in zone.server_addresses() {
            let server = zone.server_name().map(Name::from).unwrap_or_else(|| owner.clone());
            parent.add(&server, NS_TTL_S, address.clone());
        }
    }
    Ok(())
}
