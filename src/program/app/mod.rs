//! The roof: bind, spawn, connect, stop in order; the self-check; the only clock.

mod case_check;
mod clock;
pub mod command;
pub mod demo;
mod error;
pub mod logging;
pub mod orders;
pub mod parts;
pub mod self_check;
mod service;
pub mod supervision;

pub use clock::{Clock, system_clock};
pub use error::StartError;
pub use service::Service;
use service::{Begun, TRIALS_PATH, socket};
