//! How a sender protects mail in transit: what remains after its history of all ways to send, and what of that is
//! proved.
//!
//! [`model`] is the space of models and derives from the catalogue what each of them does at a persona; a *reading* is
//! one model for all mail, or a policy of its own for each destination. `sighting` reads from links what a sender did,
//! `examination` weighs the sightings, strikes out the readings that they contradict, and knows what proves a
//! mechanism; `silence` is the table of what absence may strike. `judge` says what remains: `traits` mechanism by
//! mechanism, `retry` for what the sender does after a failure. `progress` says what to offer and when to stop.

mod examination;
mod finding;
mod judge;
pub mod model;
mod progress;
mod recipients;
mod retry;
mod sighting;
mod traits;

use model::{meeting, term};

pub use finding::{Apart, Finding, FindingResult, Judgement, Mechanism, Reason, Verdict};
pub use judge::judge;
pub use model::table::{Cell, Row, table};
pub use model::term::Term;
pub use progress::{Progress, offer, progress};
