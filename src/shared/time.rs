//! Instants, as evidence and observations carry them.

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
