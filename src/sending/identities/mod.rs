//! What the service shows of itself in TLS: keys, certificates, the TLSA records that follow from them.
//!
//! [`Identities`] holds one configuration per persona, picked by SNI.

mod certificates;
mod shown;

pub use certificates::{CertificateFile, CertificatesError};
pub use shown::{Choice, FurtherHost, Identities, Settings, Source};
