//! What is to be known of a service while it runs: a [`Snapshot`] of its state, made by the roof when somebody asks, and
//! what was counted since the start ([`Tally`], which follows the journal). [`Monitor`] serves it as metrics of Prometheus,
//! as JSON for `mailassay status`, and as `/health` and `/ready`.
//!
//! Labels are of closed sets: nothing that a stranger names becomes one.

mod exposition;
mod health;
mod monitor;
mod process;
mod snapshot;
mod tally;

pub use health::Health;
pub use monitor::{Monitor, Watched, health_routes};
pub use process::Process;
pub use snapshot::{Disk, Ending, Journal, Log, Outbox, Snapshot, Trials};
pub use tally::{Counted, Tally};
