//! The roof: bind, spawn, connect, stop in order; the self-check; the only clock.

mod adapters;
pub mod command;
pub mod parts;
pub mod play;
pub mod scanner;
pub mod scans;
pub mod self_check;
mod service;
pub mod supervision;
pub mod vantage;

use std::sync::Arc;

use crate::trial::Timestamp;

pub use service::{Service, StartError};

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}
