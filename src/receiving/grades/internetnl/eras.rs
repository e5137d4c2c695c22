//! What internet.nl's rules of today changed against those of the years before.

use serde::Serialize;

use super::super::Rating;
use crate::receiving::checks::{Check, Finding, Level};
use crate::receiving::profiles::{Profile, System};

/// A finding that the two rate otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The finding, by its place in the list.
    #[serde(skip)]
    pub finding: usize,
    pub check: Check,
    /// The level under the older rules.
    pub before: Level,
    /// The level under the newer rules.
    pub after: Level,
}

/// Whether these are rules of internet.nl's, and not an operator's who reckons as they do.
fn is_theirs(profile: &Profile) -> bool {
    profile.system == System::Internetnl && !profile.is_own
}

/// All changes of what was measured, in the order of the findings; none if there are not two profiles of internet.nl.
pub(in super::super) fn changes(ratings: &[Rating], findings: &[Finding]) -> Vec<Change> {
    let mut eras: Vec<&Rating> = ratings.iter().filter(|rating| is_theirs(&rating.profile)).collect();
    eras.sort_by(|a, b| a.profile.date.cmp(&b.profile.date));
    let [.., old, new] = eras[..] else { return Vec::new() };
    let levels = old.rated.iter().zip(&new.rated).map(|(old, new)| (old.level, new.level));
    let measured = |level: Level| !matches!(level, Level::Inconclusive | Level::NotApplicable);
    let changed = findings.iter().enumerate().zip(levels).filter(|(_, (before, after))| {
        before.name() != after.name() && measured(*before) && measured(*after)
    });
    changed
        .map(|((finding, found), (before, after))| Change { finding, check: found.check, before, after })
        .collect()
}
