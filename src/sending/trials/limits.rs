//! How much is kept of what strangers send.

use serde::{Deserialize, Serialize};

/// How many trials may be open, and how much belongs to one. What is beyond is counted, and verdicts say so. All of it
/// is chosen far above what one sender of one mail does in eight hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How many trials may be open at a time; half as many of those that neither SPF nor DKIM vouched for, so that no forger
    /// takes the place of others. Default 20000.
    pub open_trials_max: usize,
    /// How many may be open that began from one IPv4 address or IPv6 /64. Default 100.
    pub open_trials_per_source_max: usize,
    /// How many may be open that began from one network: a /24, in IPv6 a /48. Default 500.
    pub open_trials_per_network_max: usize,
    /// How many may be open whose reverse-path is below one registrable domain; those that nobody vouched for are counted
    /// apart. Default 1000.
    pub open_trials_per_domain_max: usize,
    /// How many links of one trial are judged; as many again without mail may be its. Default 500.
    pub trial_links_max: usize,
    /// How many questions to DNS of one trial are judged. Default 2000.
    pub trial_questions_max: usize,
    /// How many visits to the policy host are judged with one trial. Default 200.
    pub trial_fetches_max: usize,
    /// How many links without mail are remembered; the oldest go first. Default 50000.
    pub links_max: usize,
    /// How many questions to DNS are remembered; the oldest go first. Default 200000.
    pub questions_max: usize,
    /// How many visits to the policy host are remembered; the oldest go first. Default 20000.
    pub fetches_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_trials_max: 20_000,
            open_trials_per_source_max: 100,
            open_trials_per_network_max: 500,
            open_trials_per_domain_max: 1_000,
            trial_links_max: 500,
            trial_questions_max: 2_000,
            trial_fetches_max: 200,
            links_max: 50_000,
            questions_max: 200_000,
            fetches_max: 20_000,
        }
    }
}

/// Why a mail opened no trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    /// So many are open from its source.
    OfSource,
    /// So many are open from its network.
    OfNetwork,
    /// So many are open for the domain of its reverse-path.
    OfDomain,
    /// So many are open.
    OfAll,
}
