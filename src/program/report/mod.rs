//! How a verdict is said: as text, HTML and JSON, in each language, and in tables.
//!
//! Everything here is a pure function of an [`Account`]. A [`Page`] is the verdict in words and without a form;
//! [`Page::text`] and [`Page::html`] give it one. The texts lie in `words/`, a file per language. No text
//! claims more than a finding does, and whatever a sender controls passes through [`clean`](mod@clean) first.

mod account;
pub mod cases;
mod json;
mod link;
mod page;
pub mod redact;
mod reported;
mod table;
mod words;

pub use account::{Account, Settings, half_of, language_of};
pub use json::{TrialState, VERDICT_SCHEMA, json, json_compact, json_for_sender, json_text};
pub use link::{LinkOutcome, met_by, observations, server_of};
pub use page::{StepKind, ToldStep, awaited, reason, steps, steps_after};
pub use reported::{postscript, postscript_mail, reported_json};
pub use table::{TrialRow, policy_table, server_table, trial_row, trial_table};
pub use words::{invite, objection};
