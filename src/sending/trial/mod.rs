//! A trial's identity, the identities of what belongs to it, and every wait, in seconds.
//!
//! Nothing here knows what a trial is *about*. A trial begins with a MAIL; which observations belong to
//! it is computed in [`crate::sending::trials`], never stored.

mod identity;
mod mailbox;
mod name;
mod pace;
mod places;
mod ration;
mod source;

pub use identity::{LinkId, ParseTrialIdError, TrialId};
pub use mailbox::{AddressId, Mailbox, is_writable, redact};
pub use name::{CaseName, CasePhase, CasePhases, HostRole, Label, NoTrials, ParseLabelError, Part};
pub use pace::{Pace, Settle};
pub use places::{Place, Places, PlacesMax};
pub use ration::{Missing, Ration, Rationed, Said};
pub use source::{Network, Source, Tie, site_of};
