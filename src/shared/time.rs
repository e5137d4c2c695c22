//! Instants, as evidence and observations carry them; days of UTC.

use std::fmt;

/// An instant, UTC. Printed as RFC 3339.
pub use jiff::Timestamp;

/// `at` moved by `seconds`; at the ends of time it stays there.
pub fn after(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// `at` moved back by `seconds`; at the ends of time it stays there.
pub fn before(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_sub(jiff::SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MIN)
}

/// A day of UTC, by its number since 1970. Printed as `2026-11-30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcDay(pub i64);

impl UtcDay {
    /// The day of an instant.
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(86_400))
    }
}

impl fmt::Display for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = Timestamp::from_second(self.0.saturating_mul(86_400)).unwrap_or(Timestamp::MAX);
        write!(f, "{}", midnight.strftime("%Y-%m-%d"))
    }
}
