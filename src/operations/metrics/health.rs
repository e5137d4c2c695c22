//! Whether the service lives, and whether it can do its work.

use serde::{Deserialize, Serialize};

use crate::sending::history::{SelfCheck, SelfChecked};
use crate::shared::time::Timestamp;

/// What the service knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What keeps it from doing its work, in a sentence with advice; none while nothing does.
    pub trouble: Option<String>,
    /// Whether only a new start mends that; the service then ends by itself.
    pub is_lasting: bool,
    /// What will keep it from its work unless somebody does something; a sentence each.
    pub warnings: Vec<String>,
    /// The last self-check and its time; none before the first has ended.
    pub last: Option<(Timestamp, SelfChecked)>,
}

impl Health {
    /// Its state in a word: `green`, `red` where the self-check is, `trouble`, or `unchecked` before the first self-check.
    pub fn word(&self) -> &'static str {
        match &self.last {
            _ if self.trouble.is_some() => "trouble",
            None => "unchecked",
            Some((_, checked)) if checked.is_green() => "green",
            Some(_) => "red",
        }
    }

    /// Whether it lives: no part of it has died, nor has the journal.
    pub fn is_alive(&self) -> bool {
        self.trouble.is_none() || !self.is_lasting
    }

    /// Whether a test that is made now is noted, and its verdict holds.
    pub fn is_ready(&self) -> bool {
        self.word() == "green"
    }

    /// The same as JSON, for monitoring.
    pub fn document(&self) -> serde_json::Value {
        serde_json::json!({
            "status": self.word(),
            "trouble": self.trouble,
            "warnings": self.warnings,
            "checked": self.last.as_ref().map(|(at, _)| at),
            "self_check": self.last.as_ref().map(|(_, checked)| checked),
        })
    }
}

/// The parts of a self-check by their names.
pub(super) fn parts(checked: &SelfChecked) -> impl Iterator<Item = (&'static str, &SelfCheck)> {
    ["dns", "certificates", "policy-host"].into_iter().zip(checked.parts())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(dns: SelfCheck) -> Option<(Timestamp, SelfChecked)> {
        Some((
            Timestamp::UNIX_EPOCH,
            SelfChecked {
                dns,
                certificates: SelfCheck::Green,
                policy_host: SelfCheck::Green,
                unseen: Vec::new(),
                cases: std::collections::BTreeMap::default(),
                unlooked: std::collections::BTreeSet::default(),
            },
        ))
    }

    #[test]
    fn whoever_lives_need_not_be_ready() {
        let unchecked = Health::default();
        assert_eq!(
            (unchecked.word(), unchecked.is_alive(), unchecked.is_ready()),
            ("unchecked", true, false)
        );
        let green = Health { last: checked(SelfCheck::Green), ..Health::default() };
        assert_eq!((green.word(), green.is_alive(), green.is_ready()), ("green", true, true));
        let red =
            Health { last: checked(SelfCheck::Red { reason: "no DS".to_owned() }), ..Health::default() };
        assert_eq!((red.word(), red.is_alive(), red.is_ready()), ("red", true, false));
        let full = Health { trouble: Some("the disk is full".to_owned()), ..green.clone() };
        assert_eq!((full.word(), full.is_alive(), full.is_ready()), ("trouble", true, false));
        let dead = Health { is_lasting: true, ..full };
        assert!(!dead.is_alive() && !dead.is_ready());
    }
}
