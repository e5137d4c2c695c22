//! Documents that anybody can check without asking the service: a key of the service's own, its record in the origin's
//! zone, the signature over a document, and what can be said of a signed file that somebody hands on.
//!
//! A signed file is a JSON Web Signature (RFC 7515 §7.2.2) with its content beside it (Appendix F), so that people can
//! read what is signed. What is signed is the canonical form of the document (RFC 8785): blanks and the order of fields
//! do not count.

mod key;
mod record;
mod sealed;
mod strict;

pub use key::{SealKey, SealKeyError};
pub use record::{KeyRecord, NoKeyRecord};
pub use sealed::{FILE_OCTETS_MAX, Fault, Seal, SealedDocument, Trust, Unreadable};
