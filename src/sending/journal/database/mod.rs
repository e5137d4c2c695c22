//! The database: its schema, how an observation is a row of it, and what may be wrong with it.

mod beside;
mod error;
mod rows;
mod schema;

pub(super) use beside::{beside_octets, write_beside};
pub use error::OpenError;
pub(super) use error::{ReplayError, database_advice, is_damaged};
pub(super) use rows::{link_bits, read_observation, timestamp};
pub use schema::SCHEMA;
pub(super) use schema::{check, ensure, ensure_secret, read_secret};
