//! Databases of PostgreSQL: how one is reached, that it keeps what it confirms, and of which version its tables are.
//!
//! Nodes are told apart by nothing here: whoever needs that only one of them does something says so in its own tables.

mod address;
mod durable;
mod schema;

pub use address::{Address, NotAnAddress};
pub use durable::{NotDurable, ensure_durable};
pub use schema::{Schema, Unfit, check, ensure};

/// The time as the server has it, in microseconds since 1970: what nodes with clocks of their own go by together.
macro_rules! server_now {
    () => {
        "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
    };
}
pub(crate) use server_now;
