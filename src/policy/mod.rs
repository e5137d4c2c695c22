//! What a domain publishes about transport security, as text and back: MTA-STS records and policies, TLSRPT
//! records, TLSA records.

mod mta_sts;
mod tlsa;
mod tlsrpt;

pub use mta_sts::{Mode, MtaStsRecord, Policy, PolicyError, RecordError, mx_matches};
pub use tlsa::{Tlsa, TlsaError};
pub use tlsrpt::TlsRptRecord;
