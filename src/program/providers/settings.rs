//! The manners of publishing, each with a default that does no harm.

use serde::Deserialize;

/// The manners of publishing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many trials a row of the table wants. Default 2.
    pub trials_min: usize,
    /// On how many days they were made, in days. Default 2.
    pub days_min: usize,
    /// From how many source addresses their mail came. Default 2.
    pub sources_min: usize,
    /// How long evidence says something about today, in days; what is older is grey. Default 90.
    pub evidence_days: u32,
    /// How long before its row is public a provider is told of it, in days. Default 14.
    pub notice_days: u32,
    /// After how many failures in a row a domain leaves the hall of fame. Default 3.
    pub hall_failures_max: u32,
    /// How long after its last check a published domain is checked again, in days. Default 14.
    pub recheck_days: u32,
    /// How many networks a figure of the statistics stands for at least. Default 10.
    pub statistics_networks_min: usize,
    /// The licence under which the data may be used. Default CC BY 4.0.
    pub licence: String,
    /// Where that licence can be read.
    pub licence_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trials_min: 2,
            days_min: 2,
            sources_min: 2,
            evidence_days: 90,
            notice_days: 14,
            hall_failures_max: 3,
            recheck_days: 14,
            statistics_networks_min: 10,
            licence: "CC BY 4.0".to_owned(),
            licence_url: "https://creativecommons.org/licenses/by/4.0/".to_owned(),
        }
    }
}

impl Settings {
    /// How long evidence says something about today, in seconds.
    pub(super) fn evidence_s(&self) -> u32 {
        seconds(self.evidence_days)
    }

    /// How long before publishing a provider is told, in seconds.
    pub fn notice_s(&self) -> u32 {
        seconds(self.notice_days)
    }

    /// How long a check of a published domain holds, in seconds.
    pub(super) fn recheck_s(&self) -> u32 {
        seconds(self.recheck_days)
    }
}

fn seconds(days: u32) -> u32 {
    const DAY_S: u32 = 86_400;
    days.saturating_mul(DAY_S)
}
