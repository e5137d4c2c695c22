//! The database: its schema, how an observation is a row of it, and what may be wrong with it.

mod beside;
mod connection;
mod error;
mod rows;
mod schema;
mod secret;
mod server;

pub(super) use beside::{beside_octets, write_beside};
pub(super) use connection::{Connection, Query, Row, query};
pub use error::OpenError;
pub(super) use error::{ReplayError, database_advice, is_damaged, may_pass};
pub(super) use rows::{link_bits, observation_of, read_observation, timestamp};
pub use schema::SCHEMA;
pub(super) use schema::{check, ensure};
pub(super) use secret::{SECRET_OCTETS, ensure_secret, find_secret, put_beside};
pub use server::SERVER_SCHEMA;
pub(super) use server::{CHANNEL, Server};

pub(super) use crate::shared::database::postgres::server_now;
