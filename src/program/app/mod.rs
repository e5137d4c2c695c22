//! The roof: bind, spawn, connect, stop in order; the self-check; the only clock.

pub mod command;
pub mod logging;
pub mod parts;
pub mod play;
pub mod scanner;
pub mod scans;
pub mod self_check;
mod service;
pub mod supervision;
pub mod vantage;

use std::sync::Arc;

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::program::config::Settings;

use crate::shared::time::Timestamp;

pub use service::{Service, StartError};

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// In debug builds a file with the number of seconds by which the system's clock is said to be ahead, so that tests can
/// set the clock of a service that runs.
const CLOCK_FILE: &str = "MAILASSAY_CLOCK_FILE";

/// The system's clock.
pub fn system_clock() -> Clock {
    match std::env::var_os(CLOCK_FILE).filter(|_| cfg!(debug_assertions)) {
        Some(file) => Arc::new(move || {
            let ahead = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
            let ahead = SignedDuration::from_secs(ahead.unwrap_or(0));
            Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
        }),
        None => Arc::new(Timestamp::now),
    }
}

/// How many octets of a digest tell configurations apart.
const FINGERPRINT_OCTETS: usize = 8;

/// A digest of the settings, and of the zone file with them, by which a service that runs is told from the one that would
/// be started now. Passwords are not in it.
fn fingerprint(settings: &Settings) -> String {
    // What `Debug` leaves out of the settings are passwords.
    let version = env!("CARGO_PKG_VERSION");
    let digest = Sha256::digest(format!("{version} {settings:?}"));
    digest.iter().take(FINGERPRINT_OCTETS).map(|octet| format!("{octet:02x}")).collect()
}
