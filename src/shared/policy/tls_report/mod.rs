//! TLS reports (RFC 8460 §4): what a sender tells a domain about TLS to its hosts, as it is written in the field.
//!
//! What reporters are known to get wrong is read as it is meant, and named as a [`Defect`]; what cannot be read, and what is
//! too much, is a [`TlsReportError`].

mod defect;
mod lenient;
mod packing;
mod range;
mod reading;
mod report;
mod shape;
mod size;

pub use defect::{Defect, DefectKind};
pub use packing::{RATIO_MAX, UNPACKED_OCTETS_MAX, unpacked};
pub use report::{FailureDetails, PolicyType, ReportedPolicy, ResultType, TlsReport};
pub use size::KEPT_OCTETS_MAX;

/// Why a text is no TLS report that we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsReportError {
    #[error("it is longer than {UNPACKED_OCTETS_MAX} octets when unpacked")]
    TooLarge,
    #[error("it unpacks to more than {RATIO_MAX} times its size")]
    Ratio,
    /// What was to be unpacked is not gzip (RFC 1952), or breaks off.
    #[error("it is no whole gzip file")]
    Gzip,
    #[error("its JSON is deeper than {} levels", shape::DEPTH_MAX)]
    TooDeep,
    #[error("its JSON has more than {} values", shape::VALUES_MAX)]
    TooMany,
    /// Where the JSON breaks off or is none.
    #[error("it is no JSON: line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("what it says about our names is longer than {KEPT_OCTETS_MAX} octets")]
    TooWordy,
    #[error("it is JSON, and has neither `policies` nor `date-range`")]
    NotAReport,
}
