//! The verdict mail: whether there is one, its composition and its delivery.
//!
//! [`Worker`] takes what is due from the journal's outbox. `decide` says whether a mail may be sent (RFC 3834,
//! somebody vouches for the sender, nobody objected, limits by day), `compose` writes it, and a carrier hands it over: into a
//! maildir, to a smarthost, or to the sender's own MX through the port [`Direct`].

mod carrier;
mod compose;
mod decide;
mod port;
mod postscript;
mod relay;
mod settings;
mod worker;
mod writing;

pub use compose::{ComposeError, VerdictMail, compose, compose_postscript};
pub use decide::{Decision, Withheld, decide};
pub use port::{Direct, HandOverError, Objections, SecondPart, SecondParts, Trials};
pub use postscript::{Postscripts, Untold};
pub use relay::Relay;
pub use settings::{CarrierError, DeliveryWay, Settings, Smarthost};
pub use worker::{Tools, Worker};
