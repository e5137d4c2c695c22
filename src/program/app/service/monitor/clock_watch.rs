//! Whether somebody sets the clock while the service runs.

use std::time::Duration;

use tokio::time::Instant;

use crate::shared::time::Timestamp;

/// What is no jump, in seconds: a busy host, and a clock that is brought right in small steps.
const JUMP_S_MIN: i64 = 30;
/// For how long a jump is told, in seconds.
const TOLD_S: u64 = 3_600;

/// The clock beside one that nobody sets.
pub(super) struct ClockWatch {
    last: (Instant, Timestamp),
    jumps: u64,
    /// The last jump: when it was seen, and what was said.
    said: Option<(Instant, String)>,
}

impl ClockWatch {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { last: (Instant::now(), now), jumps: 0, said: None }
    }

    /// Looks at the clock; says what is to be said if it jumped.
    pub(super) fn look(&mut self, now: Timestamp) -> Option<&str> {
        let (since, before) = std::mem::replace(&mut self.last, (Instant::now(), now));
        let jump_s = jump_s(since.elapsed(), before, now)?;
        self.jumps += 1;
        let (_, said) = self.said.insert((Instant::now(), told(jump_s)));
        Some(said)
    }

    pub(super) fn jumps(&self) -> u64 {
        self.jumps
    }

    /// What is still to be said of the last jump.
    pub(super) fn warning(&self) -> Option<String> {
        let told = Duration::from_secs(TOLD_S);
        self.said.as_ref().filter(|(at, _)| at.elapsed() < told).map(|(_, said)| said.clone())
    }
}

/// By how many seconds the clock was set while so much time went by; none: it was not.
fn jump_s(elapsed: Duration, before: Timestamp, now: Timestamp) -> Option<i64> {
    let elapsed_s = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    let jump_s = now.as_second().saturating_sub(before.as_second()).saturating_sub(elapsed_s);
    (jump_s.abs() >= JUMP_S_MIN).then_some(jump_s)
}

fn told(jump_s: i64) -> String {
    let way = if jump_s > 0 { "forward" } else { "back" };
    let seconds = jump_s.abs();
    format!(
        "the clock of this host was set {way} by {seconds} s, or the host slept: trials, signatures and certificates go by \
         it; see that it is right (`timedatectl`)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn what_goes_by_is_no_jump_and_what_is_set_is_one() {
        let passed = Duration::from_secs;
        assert_eq!(jump_s(passed(10), at(1_000), at(1_010)), None);
        assert_eq!(jump_s(passed(3_600), at(1_000), at(4_600)), None, "a busy host looks late");
        assert_eq!(jump_s(passed(10), at(1_000), at(1_039)), None);
        assert_eq!(jump_s(passed(10), at(1_000), at(1_010 + 86_400)), Some(86_400));
        assert_eq!(jump_s(passed(10), at(100_000), at(100_010 - 86_400)), Some(-86_400));
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_is_told_for_an_hour() {
        let mut watch = ClockWatch::new(at(1_000));
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(watch.look(at(1_010)), None);
        tokio::time::advance(Duration::from_secs(10)).await;
        let said = watch.look(at(1_020 - 86_400)).expect("a jump").to_owned();
        assert!(said.contains("set back by 86400 s"), "{said}");
        assert_eq!((watch.jumps(), watch.warning()), (1, Some(said)));
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(watch.warning(), None);
    }
}
