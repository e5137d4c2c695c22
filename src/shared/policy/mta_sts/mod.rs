//! MTA-STS (RFC 8461): the TXT record and the policy.

mod policy;
mod record;

pub use policy::{Mode, POLICY_PATH, Policy, PolicyError, PolicyReading, is_mx_pattern, mx_matches};
pub use record::{MtaStsRecord, RecordError};
