//! How a sender protects mail in transit: what remains of all sender models after its history.

mod finding;
pub mod model;
mod term;

pub use finding::{Apart, Finding, FindingResult, Judgement, Mechanism, Reason, Verdict};
pub use term::Term;
