//! MTA-STS (RFC 8461): the TXT record and the policy.

mod policy;
mod reading;
mod record;
#[cfg(test)]
mod tests;

pub use policy::{Mode, POLICY_PATH, Policy, mx_matches};
pub use reading::{PolicyError, PolicyReading, is_mx_pattern};
pub use record::{MtaStsRecord, RecordError};
