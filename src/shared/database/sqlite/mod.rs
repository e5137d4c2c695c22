//! Files of SQLite: whose and of which version one is, how an earlier version is brought forward, a copy while others
//! write, and whether a file is whole.
//!
//! Versions only go forward: an earlier one is brought to today's by all steps in one transaction, and a later one is left
//! alone. Who only reads changes nothing.

mod copy;
mod schema;
mod wholeness;

pub use copy::{copy, open_to_read, write};
pub use schema::{Schema, Unfit, Unmarked, check, ensure};
pub use wholeness::faults;
