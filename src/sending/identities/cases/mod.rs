//! What the hosts of ruled cases show: made by rule from their files, for the permanent name of each and, by a wildcard, for
//! those of all trials.
//!
//! Hosts of a kind share a key, so that a sender that names none is shown a certificate with the key that its TLSA records
//! are about.

mod making;
mod names;
mod resumption;
mod tlsa;

pub(super) use making::Hosts;
pub(super) use names::groups;
pub(super) use resumption::{resuming, tickets};
