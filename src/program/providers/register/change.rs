//! What changed of the published part, for the feed and for the operator.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::program::archive::Said;
use crate::shared::time::Timestamp;

use super::super::row::{Colour, Counting, Row};

/// The kind of a change in the archive.
pub(super) const KIND: &str = "change";

/// A change of what is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub number: i64,
    /// The provider's name.
    pub provider: String,
    pub at: Timestamp,
    pub kind: ChangeKind,
}

/// What changed, and from what to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum ChangeKind {
    /// Its row became public.
    Published { colour: Colour },
    /// Its row says something else.
    Row { before: Colour, after: Colour, cause: Cause },
    /// It was corrected.
    Corrected { reason: String },
    /// It was taken back.
    Retracted { reason: String },
    /// The provider answered.
    Replied,
    /// A domain came into the hall of fame.
    HallEntered { domain: String },
    /// A domain left it.
    HallLeft { domain: String },
}

/// Why a row says something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// There is new evidence: the provider changed, or more was seen of it.
    Evidence,
    /// Evidence was set aside by a correction.
    Correction,
    /// Evidence grew old, or does not count any more.
    Age,
    /// The same evidence is judged by other rules: we changed.
    Rules,
}

impl Cause {
    /// Its name in JSON and in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Correction => "correction",
            Self::Age => "age",
            Self::Rules => "rules",
        }
    }

    /// Why `after` says something else than `before`.
    pub(super) fn of(before: &Row, after: &Row) -> Self {
        let exhibits = |row: &Row| -> Vec<(i64, Counting)> {
            let trials = row.trials.iter().map(|trial| (trial.exhibit, trial.counting));
            trials.chain(row.checks.iter().map(|check| (check.exhibit, check.counting))).collect()
        };
        let (old, new) = (exhibits(before), exhibits(after));
        let known: BTreeSet<i64> = old.iter().map(|(number, _)| *number).collect();
        let aside = |(number, counting): &(i64, Counting)| {
            *counting == Counting::SetAside && !old.contains(&(*number, Counting::SetAside))
        };
        if new.iter().any(|(number, _)| !known.contains(number)) {
            Self::Evidence
        } else if new.iter().any(aside) {
            Self::Correction
        } else if !after.rests_as(before) {
            Self::Age
        } else {
            Self::Rules
        }
    }
}

impl ChangeKind {
    /// As the archive keeps it.
    pub(super) fn said(&self, provider: &str, at: Timestamp) -> Said {
        let detail = serde_json::to_string(self).expect("a change can be written as JSON");
        Said { number: 0, provider: provider.to_owned(), kind: KIND.to_owned(), at, detail }
    }
}

impl Change {
    /// From what the archive keeps; none where it is not understood, as after a step back to an earlier version.
    pub(super) fn of(said: Said) -> Option<Self> {
        let kind = serde_json::from_str(&said.detail).ok()?;
        Some(Self { number: said.number, provider: said.provider, at: said.at, kind })
    }
}
