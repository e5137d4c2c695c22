//! How much the API does for whom: the table `[site.api]` of the configuration. How often strangers may ask is set with
//! the checks, since they share that with visitors of the site.

use serde::Deserialize;

/// How much the API does for whom.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many domains a batch may have; default 5000.
    pub batch_domains_max: u32,
    /// How many batches of one user may be unfinished at the same time; default 20.
    pub batches_open_per_user_max: u32,
    /// How many domains of batches are checked at the same time, of all users; default 4, so that visitors have places.
    pub batch_checks_at_once_max: usize,
    /// The address of the site, without a slash at its end.
    #[serde(skip)]
    pub site_url: String,
    /// For how long batches are kept, in days: as long as checks.
    #[serde(skip)]
    pub retention_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_domains_max: 5000,
            batches_open_per_user_max: 20,
            batch_checks_at_once_max: 4,
            site_url: String::new(),
            retention_days: 90,
        }
    }
}
