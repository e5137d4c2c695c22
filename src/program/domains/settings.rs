//! How much of checks on request there may be, and for how long they are kept: the table `[site.checks]` of the
//! configuration.

use serde::Deserialize;

/// How much of checks on request there may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether there are any; default: yes.
    pub enabled: bool,
    /// For how long a result is kept, in days; default 90.
    pub retention_days: u32,
    /// How large the site's archive may be, in MiB: beyond it the oldest results go before their time; default 2048.
    pub archive_mib: u32,
    /// How many checks one address (IPv6: a /64) may start in an hour; default 20. Those that find a result count, too.
    pub per_client_hour_max: u32,
    /// How many checks one network (a /24; IPv6: a /48) may start in an hour; default 60.
    pub per_network_hour_max: u32,
    /// How many times a domain is scanned in a day (UTC) for all who ask; default 12.
    pub per_domain_day_max: u32,
    /// How many scans are made on request in a day (UTC) in all; default 2000.
    pub per_day_max: u32,
    /// How many scans on request run at the same time; the rest wait. Default 8: trials have places of their own.
    pub at_once_max: usize,
    /// How many scans wait; default 100.
    pub waiting_max: usize,
    /// For how long a result is given to the next who asks, in seconds; default 600.
    pub reuse_s: u32,
    /// The name that is said in EHLO: that of scans for trials.
    #[serde(skip)]
    pub helo: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            retention_days: 90,
            archive_mib: 2_048,
            per_client_hour_max: 20,
            per_network_hour_max: 60,
            per_domain_day_max: 12,
            per_day_max: 2000,
            at_once_max: 8,
            waiting_max: 100,
            reuse_s: 600,
            helo: String::new(),
        }
    }
}
