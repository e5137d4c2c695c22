//! Databases of PostgreSQL: how one is reached, that it keeps what it confirms, and of which version its tables are.
//!
//! Nodes are told apart by nothing here: whoever needs that only one of them does something says so in its own tables.

mod address;
mod durable;
mod schema;

pub use address::{Address, NotAnAddress};
pub use durable::{NotDurable, ensure_durable};
pub use schema::{Schema, Unfit, check, ensure};
