//! What a domain publishes about transport security and the authentication of mail, as text and back: MTA-STS records
//! and policies, TLSRPT and its reports, TLSA, SPF, DMARC, CAA and BIMI records.

mod bimi;
mod caa;
pub mod dmarc;
mod fields;
mod mta_sts;
pub mod spf;
pub mod tls_report;
mod tlsa;
mod tlsrpt;

pub use bimi::BimiRecord;
pub use caa::{CaaError, CaaProperty, Issuer};
pub use dmarc::DmarcRecord;
pub use mta_sts::{
    Mode, MtaStsRecord, POLICY_PATH, Policy, PolicyError, PolicyReading, RecordError, is_mx_pattern,
    mx_matches,
};
pub use spf::SpfRecord;
pub use tlsa::{Tlsa, TlsaError};
pub use tlsrpt::{TlsRptError, TlsRptRecord};
