//! The hall of fame: which domains stand in it, and since when.

use crate::shared::time::{Timestamp, before};

use super::row::{Colour, Row, Worth};
use super::settings::Settings;

/// A domain in the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The first check of the last streak that no failure breaks.
    pub since: Timestamp,
    /// The last check.
    pub newest: Timestamp,
    /// How many checks have failed since the last that did not; fewer than remove it.
    pub failures: u32,
}

/// Whether a domain with these checks, the oldest first, stands in the hall at `now`. One failure does not remove it, nor
/// does what could not be found out; a streak begins anew after a failure.
pub fn standing(settings: &Settings, checks: &[(Timestamp, Worth)], now: Timestamp) -> Option<Standing> {
    let mut stands = false;
    let (mut since, mut failures) = (None, 0_u32);
    for (at, worth) in checks {
        match worth {
            Worth::Open => {}
            Worth::Full => {
                if failures > 0 {
                    since = None;
                }
                (stands, failures) = (true, 0);
                since.get_or_insert(*at);
            }
            Worth::Failed => {
                failures += 1;
                if failures >= settings.hall_failures_max.max(1) {
                    (stands, since) = (false, None);
                }
            }
        }
    }
    let newest = checks.last()?.0;
    let is_fresh = newest >= before(now, settings.evidence_s());
    (stands && is_fresh).then_some(Standing { since: since?, newest, failures })
}

/// Whether a provider with this row sends as well as the second hall wants: by DANE, for certain and today.
pub fn sends_well(row: &Row, settings: &Settings, now: Timestamp) -> bool {
    row.sending.colour_at(settings, now) == Colour::Green
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> Timestamp {
        format!("2026-11-{day:02}T12:00:00Z").parse().expect("an instant")
    }

    fn stands(checks: &[Worth]) -> Option<(Timestamp, u32)> {
        let dated: Vec<_> = (1..).zip(checks).map(|(day, worth)| (at(day), *worth)).collect();
        let found = standing(&Settings::default(), &dated, at(29));
        found.map(|standing| (standing.since, standing.failures))
    }

    #[test]
    fn three_failures_in_a_row_remove_and_one_does_not() {
        use Worth::{Failed, Full, Open};
        assert_eq!(stands(&[Full, Failed]), Some((at(1), 1)));
        assert_eq!(stands(&[Full, Failed, Full]), Some((at(3), 0)));
        assert_eq!(stands(&[Full, Failed, Failed, Open]), Some((at(1), 2)));
        assert_eq!(stands(&[Full, Failed, Failed, Failed]), None);
        assert_eq!(stands(&[Full, Failed, Failed, Failed, Full]), Some((at(5), 0)));
        assert_eq!(stands(&[Open, Open]), None);
        assert_eq!(stands(&[]), None);
    }

    #[test]
    fn who_is_no_longer_checked_leaves() {
        let late = "2027-03-01T12:00:00Z".parse().expect("an instant");
        assert_eq!(standing(&Settings::default(), &[(at(1), Worth::Full)], late), None);
    }
}
