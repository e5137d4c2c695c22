//! Ruled cases in words: what each is and what it expects, as its file says; the list of those that a service offers; and
//! what they showed, as JSON.

mod described;
mod listed;
mod reasons;
mod telling;

pub use described::{CaseText, Worth, describe, family_title, tone_of};
pub(super) use described::{described, outcome};
pub use listed::{Listed, ListedHost, cases_json, cases_text, lack_reason, list};
pub(super) use reasons::why;
pub(super) use telling::{cases_value, judged_by_cases, offered_value, traits_value, vector};
