//! DMARC (RFC 9989, RFC 9990, RFC 9991): a record as text and back, and which of the records of a tree walk applies.

mod fault;
mod record;
mod report_uri;
mod walk;

pub use fault::DmarcFault;
pub use record::{DmarcError, DmarcRecord, Psd, Request};
pub use walk::{Applicable, applicable, tree_walk};
