//! Whose turn it is: who takes places of one name again and again leaves them to others now and then.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// How often a place is asked for that others have, in milliseconds.
pub(super) const POLL_MS: u64 = 50;
/// For how long a process takes an operator's places again and again, in milliseconds; and for how long it leaves them
/// then, so that others, who look each [`POLL_MS`], come to them.
const SLICE_MS: u64 = 2_000;
const PAUSE_MS: u64 = 120;
/// Above how many names those are forgotten that were not taken lately.
const TURNS_MAX: usize = 1024;

/// The turns of one process.
#[derive(Debug, Default)]
pub(super) struct Turns(HashMap<String, Turn>);

/// Since when a name is taken again and again, when it was last taken or left, and until when it is left to others.
#[derive(Debug)]
struct Turn {
    since: Instant,
    last: Instant,
    paused_until: Instant,
}

impl Turns {
    /// Until when a name is left to others; an instant that is over where it is not.
    pub(super) fn paused_until(&self, name: &str, now: Instant) -> Instant {
        self.0.get(name).map_or(now, |turn| turn.paused_until)
    }

    /// A place of that name was taken.
    pub(super) fn taken(&mut self, name: &str, now: Instant) {
        let slice = Duration::from_millis(SLICE_MS);
        if self.0.len() >= TURNS_MAX {
            self.0.retain(|_, turn| now.saturating_duration_since(turn.last) < slice);
        }
        let fresh = || Turn { since: now, last: now, paused_until: now };
        let turn = self.0.entry(name.to_owned()).or_insert_with(fresh);
        if now.saturating_duration_since(turn.last) > slice / 2 {
            turn.since = now;
        }
        turn.last = now;
    }

    /// A place of that name was left. Gives from when on it may be taken again.
    pub(super) fn left(&mut self, name: &str, now: Instant) -> Instant {
        let Some(turn) = self.0.get_mut(name) else { return now };
        turn.last = now;
        if now.saturating_duration_since(turn.since) <= Duration::from_millis(SLICE_MS) {
            return now;
        }
        let until = now + Duration::from_millis(PAUSE_MS);
        (turn.paused_until, turn.since) = (until, until);
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_calls_one_after_the_other_are_again_and_again() {
        let (mut turns, mut now) = (Turns::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..4 {
            turns.taken("example.org", now);
            now += Duration::from_millis(1_500);
            let until = turns.left("example.org", now);
            pauses.push(until.saturating_duration_since(now).as_millis());
            now = until;
        }
        assert_eq!(pauses, [0, u128::from(PAUSE_MS), 0, u128::from(PAUSE_MS)]);
        // Who comes back later begins anew.
        now += Duration::from_millis(SLICE_MS);
        turns.taken("example.org", now);
        assert_eq!(turns.left("example.org", now), now);
    }
}
