//! Places in the journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shared::time::Timestamp;

/// An observation's place in the journal; the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// When something was noted, and its place in the journal: the order of time, since a clock may have jumped.
pub type Place = (Timestamp, Seq);

/// Something noted, with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noted<T> {
    /// Its place in the journal.
    pub seq: Seq,
    pub at: Timestamp,
    /// What was noted.
    pub what: T,
}
