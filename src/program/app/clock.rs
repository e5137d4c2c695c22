//! The only clock.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::shared::time::Timestamp;

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// In debug builds a file with the number of seconds by which the system's clock is said to be ahead, so that tests can
/// set the clock of a service that runs.
const CLOCK_FILE: &str = "MAILASSAY_CLOCK_FILE";

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
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
