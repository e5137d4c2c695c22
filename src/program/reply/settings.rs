//! How verdicts are sent: the table `[reply]` of the configuration.

use std::path::PathBuf;
use std::{fmt, io};

use serde::Deserialize;

use crate::sending::journal::MailLimits;

/// How verdicts are sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address in From. Default: `verdict@` and the origin.
    pub from: Option<String>,
    /// Where verdicts go. Default: a maildir.
    pub delivery: DeliveryWay,
    /// The maildir, the folder that holds `tmp`, `new` and `cur`. Default: `verdicts`.
    pub maildir: PathBuf,
    /// The smarthost, also for the operator's mail.
    pub smarthost: Smarthost,
    /// How many verdicts one address gets in 24 hours. Default: 3.
    pub per_address_day_max: u32,
    /// How many verdicts all addresses of one domain get in 24 hours. Default: 20.
    pub per_domain_day_max: u32,
    /// How many verdicts are mailed in 24 hours in all. Default: 2000.
    pub per_day_max: u32,
    /// How long to wait after the first failed delivery, in seconds; after each further one twice as long.
    /// Default: 60.
    pub retry_first_s: u32,
    /// The longest wait between two attempts, in seconds. Default: 14400, four hours.
    pub retry_most_s: u32,
    /// How long after a trial's end its verdict is given up, in seconds. Default: 432000, five days
    /// (RFC 5321 §4.5.4.1).
    pub give_up_s: u32,
    /// How long a hand-over may take, in seconds. Default: 600.
    pub hand_over_timeout_s: u32,
    /// How often to look for what is due, in milliseconds. Default: 500.
    pub poll_ms: u32,
    /// How many hand-overs go on at the same time. Default: 10.
    pub hand_overs_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            from: None,
            delivery: DeliveryWay::Maildir,
            maildir: "verdicts".into(),
            smarthost: Smarthost::default(),
            per_address_day_max: 3,
            per_domain_day_max: 20,
            per_day_max: 2000,
            retry_first_s: 60,
            retry_most_s: 14_400,
            give_up_s: 432_000,
            hand_over_timeout_s: 600,
            poll_ms: 500,
            hand_overs_max: 10,
        }
    }
}

impl Settings {
    /// How many verdicts may be mailed in a day.
    pub fn limits(&self) -> MailLimits {
        MailLimits {
            per_address: self.per_address_day_max,
            per_domain: self.per_domain_day_max,
            all: self.per_day_max,
        }
    }
}

/// Where verdicts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryWay {
    /// Into a maildir, each exactly once: for tests, the demo, and operators who hand on themselves.
    Maildir,
    /// To a smarthost.
    Smarthost,
    /// To the sender's own MX, by DANE and MTA-STS as they apply.
    Mx,
}

/// A mail server that relays for us. Only TLS from the first octet (RFC 8314 §3): after STARTTLS the client that
/// we use would still heed what was injected before it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smarthost {
    /// Its host name, which its certificate must have.
    pub host: String,
    /// Its port. Default: 465 (RFC 8314 §3.3).
    pub port: u16,
    /// The user name, where it asks for one.
    pub user: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// A file of roots (PEM) to trust in place of Mozilla's.
    pub roots: Option<PathBuf>,
    /// The password, from its file.
    #[serde(skip)]
    pub password: Option<String>,
}

impl Default for Smarthost {
    fn default() -> Self {
        Self { host: String::new(), port: 465, user: None, password_file: None, roots: None, password: None }
    }
}

impl fmt::Debug for Smarthost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, user, password_file: _, roots, password: _ } = self;
        f.debug_struct("Smarthost")
            .field("host", host)
            .field("port", port)
            .field("user", user)
            .field("roots", roots)
            .finish_non_exhaustive()
    }
}

/// Why verdicts cannot be delivered as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// The maildir cannot be made.
    #[error("reply.maildir: {path}: {source}; name a folder that the service may make or write to")]
    Maildir { path: PathBuf, source: io::Error },
    /// The roots cannot be read.
    #[error("reply.smarthost.roots: {path}: {reason}; name a file of certificates in PEM")]
    Roots { path: PathBuf, reason: String },
    /// The smarthost's name or TLS settings do not do.
    #[error("reply.smarthost.host: {host}: {reason}; name a host, as in its certificate")]
    Smarthost { host: String, reason: String },
    /// Direct delivery without anybody who does it.
    #[error("reply.delivery: `mx` is not to be had here; write \"maildir\" or \"smarthost\"")]
    NoDirect,
}
