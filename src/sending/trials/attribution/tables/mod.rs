//! What is remembered, in tables by every way to find it.

mod fetches;
mod index;
mod links;
mod losses;
mod named;
mod open;
mod questions;
mod trials;

pub(in crate::sending::trials) use fetches::FetchTable;
pub(in crate::sending::trials) use links::{LinkTable, Owner, SeenLink};
pub(in crate::sending::trials) use named::NamedTable;
pub(in crate::sending::trials) use open::Counted;
pub(in crate::sending::trials) use questions::QuestionTable;
pub(in crate::sending::trials) use trials::{Trial, TrialTable};
