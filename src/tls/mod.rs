//! Keys, certificates, the TLSA records that follow from them, and handshakes as either side sees them.
//!
//! [`Identities`] holds what the service shows: one configuration per persona, picked by SNI. [`accept`] is
//! the server's side of a handshake, whose outcome is evidence; [`client::connect`] is the client's, which
//! takes any certificate and judges it afterwards. [`probe`] asks what no TLS library asks, and
//! [`examine`] says what certificates are.

mod accept;
mod certificates;
pub mod client;
mod ending;
pub mod examine;
mod hello;
mod identities;
pub mod probe;
mod tee;
mod words;

pub use accept::{Accepted, ServerStream, accept};
pub use certificates::{CertificateFile, CertificatesError, fingerprint, spki_of};
pub use ending::{End, alert_of, end_of};
pub use identities::{Choice, FurtherHost, Identities, Settings, Source};
pub use tee::Tee;
