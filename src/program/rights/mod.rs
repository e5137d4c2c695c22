//! The rights of those who are tested: to get no mail of ours, and to be forgotten; and how long everything is kept.
//!
//! [`Objections`] are kept as keyed digests, and asked before a verdict is mailed. [`Forgetting`] carries out what the
//! operator orders, and [`Kept`] says of each kind of data for how long it is there, which [`Upkeep`] sees to.

mod digest;
mod forgetting;
mod kept;
mod objections;
mod subject;
mod token;

pub use crate::sending::desk::OBJECTION_LOCAL_PART;
pub use forgetting::{Forgetting, Forgotten, NotForgotten};
pub use kept::{Kept, KeptFor, Retention, Upkeep, What};
pub use objections::{ObjectionStore, Objections, Way};
pub use subject::{NoSubject, Subject};
pub use token::Token;
