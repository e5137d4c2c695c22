//! A trial's identity, the identities of what belongs to it, and every wait, in seconds.
//!
//! Nothing here knows what a trial is *about*. A trial begins with a MAIL; which observations belong to
//! it is computed in [`crate::history`], never stored.

mod identity;
mod mailbox;
mod pace;
mod places;
mod ration;
mod source;

pub use identity::{LinkId, ParseTrialIdError, TrialId};
pub use mailbox::{AddressId, Mailbox, redact};
pub use pace::{Pace, Settle};
pub use places::{Place, Places, PlacesMax};
pub use ration::{Missing, Ration, Rationed, Said};
pub use source::{Network, Source, Tie, a_labels, registrable_domain, site_of};

/// An instant, UTC, as all observations carry it. Printed as RFC 3339.
pub use jiff::Timestamp;

/// `at` moved by `seconds`; at the ends of time it stays there.
pub fn after(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// `at` moved back by `seconds`; at the ends of time it stays there.
pub fn before(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_sub(jiff::SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MIN)
}
