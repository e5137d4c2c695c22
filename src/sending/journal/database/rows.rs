//! How an observation is stored.

use crate::sending::history::{Observation, Seq};
use crate::sending::trial::LinkId;
use crate::shared::time::Timestamp;

use super::connection::Row;
use super::error::ReplayError;

/// LinkId has 64 bits and SQLite's integers have a sign: the same bits.
pub(in crate::sending::journal) fn link_bits(link: LinkId) -> i64 {
    link.0.cast_signed()
}

pub(in crate::sending::journal) fn read_observation(row: &Row) -> Result<Observation, ReplayError> {
    let column = |error| ReplayError::Database(error);
    let (seq, at) = (row.try_get(0).map_err(column)?, row.try_get(1).map_err(column)?);
    observation_of(seq, at, row.try_get(2).map_err(column)?)
}

/// The observation at a place, of an instant in microseconds since 1970, with its fact as JSON.
pub(in crate::sending::journal) fn observation_of(
    seq: i64,
    at: i64,
    fact: &str,
) -> Result<Observation, ReplayError> {
    let line = |reason: String| ReplayError::Line(format!("observation #{seq}: {reason}"));
    let at = timestamp(at).map_err(line)?;
    let fact = serde_json::from_str(fact).map_err(|error| line(error.to_string()))?;
    Ok(Observation { seq: Seq(seq), at, fact })
}

/// An instant as it is stored.
pub(in crate::sending::journal) fn timestamp(microseconds: i64) -> Result<Timestamp, String> {
    Timestamp::from_microsecond(microseconds).map_err(|error| error.to_string())
}
