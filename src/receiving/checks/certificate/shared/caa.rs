//! Whether CAA exists for a host and reads.

use crate::receiving::checks::{Unknown, lines};
use crate::shared::evidence::scan::{CaaRecord, Evidence, LookupResult, MxHost};

/// The names asked from the host upwards, as far as they decide: up to the first that has records, or that could not be
/// asked.
pub(in crate::receiving::checks) fn climb(mx: &MxHost) -> Vec<String> {
    let decides =
        |looked: &LookupResult<CaaRecord>| lines::unknown(looked).is_some() || !looked.records().is_empty();
    let asked = mx.caa.iter().position(decides).map_or(mx.caa.len(), |at| at + 1);
    mx.caa.iter().take(asked).flat_map(lines::of).collect()
}

/// The relevant record set: of the host, else of the nearest name above that has one (RFC 8659 §3). A name on the
/// way that could not be asked leaves open what is above it.
pub(in crate::receiving::checks) fn relevant(mx: &MxHost) -> Result<&[CaaRecord], Unknown> {
    for looked in &mx.caa {
        if let Some(why) = lines::unknown(looked) {
            return Err(why);
        }
        if !looked.records().is_empty() {
            return Ok(looked.records());
        }
    }
    if mx.caa.is_empty() { Err(Unknown::Cut) } else { Ok(&[]) }
}

/// Why the relevant record set does not say all: some of it was left out.
pub(in crate::receiving::checks) fn cut(evidence: &Evidence, mx: &MxHost) -> Option<Unknown> {
    let relevant = mx.caa.iter().find(|looked| !looked.records().is_empty());
    relevant.and_then(|looked| lines::cut(evidence, looked))
}
