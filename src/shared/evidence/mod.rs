//! What was seen of a peer: handshakes, answers, fetches. Bounded, serialisable, without an opinion.
//!
//! Listeners put these into observations; the scan will gather them of a domain.

mod authentication;
mod dns;
mod fetch;
pub mod scan;
mod tls;

pub use authentication::{ArcOutcome, Authentication, DkimOutcome, DmarcOutcome, Result8601, SpfOutcome};
pub use dns::Security;
pub use fetch::{Fetch, FetchOutcome};
pub use tls::{Alert, ClientHello, Handshake, HandshakeFailure, Negotiated, Party, TlsVersion};
