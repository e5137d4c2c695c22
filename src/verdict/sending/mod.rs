//! How a sender protects mail in transit: what remains of all sender models after its history.
//!
//! [`model`] is the space of models and derives from the catalogue what each of them does at a persona,
//! `sighting` reads from links what a sender did, `examination` strikes out the models that this contradicts,
//! `silence` is the table of what absence may strike, `judge` says what remains, `progress` when to stop.

mod examination;
mod finding;
mod judge;
pub mod model;
mod progress;
mod retry;
mod sighting;
mod silence;
mod traits;

use model::{meeting, term};

pub use finding::{Apart, Finding, FindingResult, Judgement, Mechanism, Reason, Verdict};
pub use judge::judge;
pub use model::table::{Cell, Row, table};
pub use model::term::Term;
pub use progress::{Progress, offer, progress};
