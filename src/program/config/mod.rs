//! The file as the operator writes it, and each room's settings from it.
//!
//! `file` and `scan` are what may be written, `check` what of it cannot be, `derive` makes settings of it, and `document`
//! knows on which line each key stands.

mod check;
mod derive;
mod document;
mod file;
mod scan;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::program::{reply, report, site};
use crate::sending::authority;
use crate::sending::identities;
use crate::sending::listener;
use crate::sending::{desk, journal, persona, trial, trials};
use crate::shared::keyfile::{Want, told};
use crate::shared::{dial, dns, mailauth};

pub use document::ConfigError;
pub use scan::Scan;

/// Reads the configuration at `path`. Relative paths in it are relative to its folder.
///
/// # Errors
/// Unknown keys, impossible values and files that are not there, each with file, line and key.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "",
            _ => "; name a configuration such as config/local.toml",
        };
        let problem = format!("{}{advice}", told(path, Want::Read, error));
        ConfigError { file: path.to_owned(), line: None, key: None, problem }
    })?;
    parse(path, &text)
}

/// Reads `text` as if it came from `path`.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Settings, ConfigError> {
    let document = document::Document::parse(path, text)?;
    let file = document.values()?;
    derive::settings(&document, file, path.parent().unwrap_or(Path::new("")))
}

/// Everything that the service is set to: the sum of its rooms' settings, and what only the roof knows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The domain under which all names of the service lie.
    pub origin: String,
    /// The folder whose personas and cases replace the embedded ones.
    pub catalogue: Option<PathBuf>,
    /// Where the service listens.
    pub listen: Listen,
    /// The addresses that are published for MX hosts.
    pub addresses: persona::Addresses,
    /// Every wait of a trial.
    pub pace: trial::Pace,
    /// How many trials there may be, and how much belongs to one.
    pub trials: trials::Limits,
    /// The origin's zone.
    pub zone: Zone,
    /// The limits of the DNS sockets.
    pub dns: authority::ServerSettings,
    /// Keys and certificates.
    pub tls: identities::Settings,
    /// The SMTP listener.
    pub smtp: listener::Settings,
    /// The journal.
    pub journal: journal::Settings,
    /// Whom to ask about received mail's authentication.
    pub mailauth: mailauth::Settings,
    /// The desk.
    pub desk: desk::Settings,
    /// When trials are looked at, and when their verdicts are due.
    pub review: trials::ReviewSettings,
    /// How the service looks up names with validation.
    pub resolver: dns::ResolverSettings,
    /// Whether that look-up trusts the keys of our own zones, too: in labs, where no parent vouches for them.
    pub trust_own_zones: bool,
    /// How the service calls others.
    pub dial: dial::Settings,
    /// The limits of the HTTP listeners.
    pub web: site::Settings,
    /// What verdicts say of the service.
    pub report: report::Settings,
    /// How verdicts are sent.
    pub reply: reply::Settings,
    /// How the domains of senders are scanned.
    pub scan: Scan,
    /// The DKIM key that verdicts are signed with.
    pub dkim: Dkim,
    /// The look at itself.
    pub self_check: SelfCheck,
    /// Where mail to postmaster, abuse and report addresses goes.
    pub operator_mail: OperatorMail,
}

/// Where mail to postmaster, abuse and report addresses goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorMail {
    /// Into a maildir.
    Maildir(PathBuf),
    /// To an address of the operator's elsewhere, through a smarthost.
    Forward {
        /// The address.
        to: String,
        /// Who relays.
        smarthost: reply::Smarthost,
        /// The maildir in which it waits until it is handed on, and stays where it is refused for good.
        spool: PathBuf,
    },
}

/// Where the service listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// SMTP.
    pub smtp: Vec<SocketAddr>,
    /// DNS, UDP and TCP.
    pub dns: Vec<SocketAddr>,
    /// The MTA-STS policy host, HTTPS.
    pub policy_host: Vec<SocketAddr>,
    /// The site, HTTP behind the operator's proxy.
    pub site: Vec<SocketAddr>,
}

/// The origin's zone as the operator writes it, and what is woven in.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Apex, NS and glue in master-file format.
    pub text: String,
    /// The file it came from, for errors.
    pub file: String,
    /// Keys and signatures.
    pub authority: authority::Settings,
    /// Further zones to serve, such as a private root in a lab.
    pub others: Vec<authority::ZoneText>,
    /// What the service's domains publish beside their MX hosts; the DKIM record is added by the roof.
    pub published: authority::Published,
}

/// The DKIM key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dkim {
    /// Its file, made where there is none.
    pub key: PathBuf,
    /// Its selector.
    pub selector: String,
}

/// The service's look at itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfCheck {
    /// How long between two looks, in seconds. Default 3600.
    pub every_s: u32,
    /// The roots that senders are assumed to trust, as PEM; Mozilla's where none is named.
    pub sender_roots: Option<PathBuf>,
}
