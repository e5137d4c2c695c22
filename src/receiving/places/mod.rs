//! An operator's places: how many connections it sees at a time, whoever scans and for whatever.
//!
//! Whoever scans goes through a [`Turnstile`], which knows by [`Operators`] whose servers are whose. What it lets through
//! it counts by itself; other processes take part by [`Places`]: files of one host, or sessions in a database.

mod both;
mod database;
mod folder;
mod gate;
mod operators;
mod port;
mod turns;
mod turnstile;

pub use both::Both;
pub use database::DatabasePlaces;
pub use folder::FolderPlaces;
pub use gate::{Gate, Place};
pub use operators::{Operators, OperatorsError};
pub use port::{OPERATOR_AT_ONCE_MAX, Places, Sign};
pub use turnstile::{Queue, Turnstile};
