//! How well a domain receives: evidence to findings, one per check and subject; profiles rate them.

mod check;
mod finding;
mod tables;

pub use check::{Category, Check, Scale, Scope};
pub use finding::{
    Choice, Finding, Inapplicable, Item, Level, Measured, Order, Outcome, Subject, Unknown, Word,
};
pub use tables::{Column, Suite, Tables};
