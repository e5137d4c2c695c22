//! How a sender protects mail in transit: what remains after its history of all ways to send, and what of that is
//! proved.
//!
//! [`model`] is the space of models and derives from the catalogue what each of them does at a persona; a *reading* is
//! one model for all mail, or a policy of its own for each destination. `event` reads from links what a sender did,
//! `candidate_test` weighs the events, eliminates the readings that they contradict, and knows what proves a
//! mechanism; `silence` is the table of what absence may eliminate. `judge` says what remains: `mechanism` one by one,
//! `retry` for what the sender does after a failure. `progress` says what to offer, when to stop (`due`)
//! and what is awaited until then; `steps` what each link struck out, `attack` what becomes of a mail
//! that somebody interferes with, and `reported` what TLS reports about it are worth.

mod attack;
mod candidate_test;
mod cases;
mod due;
mod event;
mod finding;
mod judge;
mod mechanism;
pub mod model;
mod progress;
mod recipients;
mod reported;
mod retry;
mod steps;

use model::{meeting, term};

pub use attack::{Attack, AttackCell, Beyond, Exposure, Target, Why, attacks};
pub use cases::{
    CaseFinding, CaseOutcome, CaseSign, CaseWhy, CasesVerdict, TlsOffered, TraitFinding, cases_of,
    ended_cases, judge_cases, standing, taken_cases,
};
pub use due::Progress;
pub use finding::{Apart, Finding, FindingResult, Judgement, Mechanism, Reason, Verdict};
pub use judge::judge;
pub use model::table::{Cell, Row, table};
pub use model::term::Term;
pub use progress::{Awaited, awaited, offer, progress};
pub use reported::{
    FieldFinding, FieldResult, LineFinding, ReportFinding, Reported, Subject, Untold, compare_reports,
    labels_of,
};
pub use steps::{Bearing, Silence, Step, Steps, Would, steps};
