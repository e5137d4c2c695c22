//! Whether there is a DMARC record, and which one applies.

use crate::receiving::checks::Unknown;
use crate::receiving::checks::lines::{self, unknown};
use crate::shared::evidence::scan::{Evidence, LookupResult};
use crate::shared::policy::DmarcRecord;
use crate::shared::policy::dmarc::{DmarcError, applicable};

/// The record that applies to the domain.
pub(in crate::receiving::checks) struct Applies {
    /// The domain it stands at.
    pub(in crate::receiving::checks) domain: String,
    /// Whether that is a domain above.
    pub(in crate::receiving::checks) inherited: bool,
    pub(in crate::receiving::checks) record: DmarcRecord,
}

/// What there is instead of one.
pub(in crate::receiving::checks) enum Without {
    /// Neither the domain nor one above it has a record.
    Absent,
    /// Several at the domain.
    Several,
    /// It is not known.
    Unknown(Unknown),
}

/// The record that applies. Of names above the domain only those count that were known before one was found: an
/// answer that failed might have been the one (RFC 9989 §4.10.1).
pub(in crate::receiving::checks) fn applies(evidence: &Evidence) -> Result<Applies, Without> {
    let walk = &evidence.names.dmarc.walk;
    let Some(own) = walk.first() else { return Err(Without::Unknown(Unknown::Cut)) };
    if unknown(own).is_none() && read(own) == Err(DmarcError::Several) {
        return Err(Without::Several);
    }
    let found: Vec<_> = walk.iter().map(|looked| (at(looked).to_owned(), read(looked).ok())).collect();
    let applies = applicable(&found);
    let needed = applies.map_or(walk.len(), |applies| applies.at + 1);
    if let Some(why) = walk.iter().take(needed).find_map(unknown) {
        return Err(Without::Unknown(why));
    }
    let applies = applies.ok_or(Without::Absent)?;
    Ok(Applies {
        domain: applies.domain.to_owned(),
        inherited: applies.at > 0,
        record: applies.record.clone(),
    })
}

fn read(looked: &LookupResult<String>) -> Result<DmarcRecord, DmarcError> {
    DmarcRecord::from_txt(looked.records().iter().map(String::as_str))
}

/// The domain that a name of the walk belongs to.
fn at(looked: &LookupResult<String>) -> &str {
    looked.name.strip_prefix("_dmarc.").unwrap_or(&looked.name)
}

/// The walk as far as it decides: up to the record that applies, or all of it.
pub(in crate::receiving::checks) fn seen(evidence: &Evidence) -> Vec<String> {
    let walk = &evidence.names.dmarc.walk;
    let decides = match applies(evidence) {
        Ok(applies) => walk.iter().position(|looked| at(looked) == applies.domain),
        Err(Without::Several) => Some(0),
        Err(Without::Absent | Without::Unknown(_)) => None,
    };
    walk.iter().take(decides.map_or(walk.len(), |at| at + 1)).flat_map(lines::of).collect()
}
