//! How well a domain receives: evidence to findings, one per check and subject; profiles rate them.

mod auth;
mod binding;
mod certificate;
mod check;
mod dnssec;
mod finding;
mod ipv6;
mod lines;
mod mx;
mod reach;
pub mod registries;
mod rpki;
mod smtp;
pub(in crate::receiving) mod subjects;
mod tables;
mod tls;

pub use check::{Category, Check, Definition, Judgement, Made, Scale, Scope, judge};
pub use finding::{
    Choice, Finding, Inapplicable, Item, Level, Measured, Note, Order, Outcome, Subject, Unknown, Word,
};
pub use tables::{Column, Suite, Tables};
pub use tls::shared::undecided;

#[cfg(test)]
pub(in crate::receiving) mod tests;
