//! The authentication of mail: SPF, DKIM, DMARC and ARC of what is received, DKIM of what we send; and the
//! parts of a mail.
//!
//! The only user of mail-auth, so that its next major version is a matter of this room alone.

mod fields;
mod outcome;
mod parts;
mod signing;
mod trimmed;
mod verify;

use std::net::SocketAddr;

use serde::Deserialize;

pub use fields::Fields;
pub use parts::{MailPart, parts};
pub use signing::{DkimKey, DkimKeyError};
pub use verify::{Authenticator, Envelope, ResolverError};

/// Whom to ask, and how long.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Recursive resolvers (address and port), asked over UDP and TCP. Default none: those of the system
    /// (`/etc/resolv.conf`). They need not validate; a validating one protects against forged records.
    pub servers: Vec<SocketAddr>,
    /// How long the authentication of one mail may take in all, in seconds. What is not known by then is a
    /// `temperror`. Default 10, since the sender waits behind its dot meanwhile.
    pub timeout_s: u64,
    /// How many DKIM signatures are looked at, from the top (RFC 6376 §6.1 lets a verifier limit them). Default 8.
    pub signatures: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { servers: Vec::new(), timeout_s: 10, signatures: 8 }
    }
}
