//! Everything that the service is set to.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::operations::certificates;
use crate::program::{api, domains, providers, reply, report, site};
use crate::receiving::{self, profiles::Profiles};
use crate::sending::{authority, desk, identities, journal, listener, persona, trial, trials};
use crate::shared::{dial, dns, mailauth};

/// How many octets of a digest tell configurations apart.
const FINGERPRINT_OCTETS: usize = 8;

/// Everything that the service is set to: the sum of its rooms' settings, and what only the roof knows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The domain under which all names of the service lie.
    pub origin: String,
    /// The folder whose personas and cases replace the embedded ones.
    pub catalogue: Option<PathBuf>,
    /// The profiles that domains are rated by: those of the program and the operator's.
    pub profiles: Arc<Profiles>,
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
    /// The public CA that certificates are ordered from, where they are.
    pub acme: certificates::Settings,
    /// The SMTP listener.
    pub smtp: listener::Settings,
    pub journal: journal::Settings,
    /// Which of several nodes this is.
    pub node: Node,
    /// Whom to ask about received mail's authentication.
    pub mailauth: mailauth::Settings,
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
    /// Where the site keeps what was checked and published. Default: `site.sqlite`.
    pub archive: PathBuf,
    /// What the site says of its operator, and of what is kept.
    pub notices: site::Notices,
    /// What the operator adds to the site in files of its own.
    pub own: site::Own,
    /// The manners of publishing.
    pub providers: providers::Settings,
    /// Checks of domains on request.
    pub checks: domains::Settings,
    /// The API, and the batches of its users.
    pub api: api::Settings,
    /// What verdicts say of the service.
    pub report: report::Settings,
    /// How verdicts are sent.
    pub reply: reply::Settings,
    /// How the domains of senders are scanned.
    pub scan: receiving::scan::Settings,
    /// The DKIM key that verdicts are signed with.
    pub dkim: Dkim,
    /// The key that documents are signed with.
    pub seal: SealFile,
    /// The look at itself.
    pub self_check: SelfCheck,
    /// Where mail to postmaster, abuse and report addresses goes.
    pub operator_mail: OperatorMail,
    /// What is logged.
    pub log: Log,
}

impl Settings {
    /// A digest of the settings, and of the zone file with them, by which a service that runs is told from the one that would
    /// be started now. Passwords are not in it, and what the service reads again while it runs is not.
    pub fn fingerprint(&self) -> String {
        let lasting = Self {
            profiles: Arc::default(),
            own: site::Own::default(),
            providers: providers::Settings::default(),
            log: Log::default(),
            ..self.clone()
        };
        // What `Debug` leaves out of the settings are passwords.
        let version = env!("CARGO_PKG_VERSION");
        let digest = Sha256::digest(format!("{version} {lasting:?}"));
        HEXLOWER.encode(&digest[..FINGERPRINT_OCTETS])
    }
}

/// Where mail to postmaster, abuse and report addresses goes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperatorMail {
    /// A maildir; of mail that is forwarded it has what waits, and what was refused for good. Default `operator-mail`.
    pub maildir: PathBuf,
    /// The operator's address elsewhere, to which mail goes on through [`reply::Settings::smarthost`].
    pub forward_to: Option<String>,
}

impl Default for OperatorMail {
    fn default() -> Self {
        Self { maildir: "operator-mail".into(), forward_to: None }
    }
}

/// Which of several nodes this is, where they share a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// Its name, which no other node has.
    pub name: Option<journal::NodeName>,
    /// Which of the addresses in [`Settings::listen`] are this node's; none: all.
    pub listens: Option<Vec<IpAddr>>,
    /// The file of the key that secrets are sealed with in the journal's database; none: they are on a folder that all nodes
    /// see.
    pub seal_key: Option<PathBuf>,
}

impl Node {
    /// Whether an address is this node's. That of every machine is each node's.
    pub fn listens_at(&self, address: &SocketAddr) -> bool {
        let ip = address.ip();
        ip.is_unspecified() || self.listens.as_ref().is_none_or(|listens| listens.contains(&ip))
    }
}

impl Listen {
    /// What of it is a node's.
    pub(super) fn of_node(mut self, node: &Node) -> Self {
        let Self { smtp, dns, policy_host, site, http_redirect, metrics } = &mut self;
        for addresses in [smtp, dns, policy_host, site, http_redirect, metrics] {
            addresses.retain(|address| node.listens_at(address));
        }
        self
    }

    /// All addresses.
    pub(super) fn all(&self) -> impl Iterator<Item = &SocketAddr> {
        let Self { smtp, dns, policy_host, site, http_redirect, metrics } = self;
        [smtp, dns, policy_host, site, http_redirect, metrics].into_iter().flatten()
    }
}

/// Where the service listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    pub smtp: Vec<SocketAddr>,
    /// DNS, UDP and TCP.
    pub dns: Vec<SocketAddr>,
    /// The MTA-STS policy host, HTTPS.
    pub policy_host: Vec<SocketAddr>,
    /// The site, HTTP behind the operator's proxy.
    pub site: Vec<SocketAddr>,
    /// HTTP that sends visitors to the site's address.
    pub http_redirect: Vec<SocketAddr>,
    /// Metrics, `/health` and `/ready` for whoever watches the service, HTTP.
    pub metrics: Vec<SocketAddr>,
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
    /// What the service's domains publish beside their MX hosts; the records of keys are added by the roof.
    pub published: authority::Published,
}

/// Where the key is that signs our mail (RFC 6376).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dkim {
    /// Its file, made where there is none. Default `dkim.key.pem`.
    pub key: PathBuf,
    /// Its selector. Default `mailassay`.
    pub selector: String,
}

impl Default for Dkim {
    fn default() -> Self {
        Self { key: "dkim.key.pem".into(), selector: "mailassay".to_owned() }
    }
}

/// Where the key is that signs documents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SealFile {
    /// Its file, made where there is none. Default `seal.key.pem`.
    pub key: PathBuf,
}

impl Default for SealFile {
    fn default() -> Self {
        Self { key: "seal.key.pem".into() }
    }
}

/// The service's look at itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelfCheck {
    /// How long between two looks, in seconds. Default 3600.
    pub every_s: u32,
    /// The roots that senders are assumed to trust, as PEM; Mozilla's where none is named.
    pub sender_roots: Option<PathBuf>,
}

impl Default for SelfCheck {
    fn default() -> Self {
        Self { every_s: 3600, sender_roots: None }
    }
}

/// What the service logs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The least level, or one for each target, as tracing's `EnvFilter` reads it; the variable `RUST_LOG` has precedence.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        // rustls and hickory warn of what strangers send and publish: that is noted where it matters, and would let them
        // fill the log. A name ends where the target goes on: this is all of hickory's crates.
        Self { filter: "warn,mailassay=info,rustls=error,hickory=error".to_owned() }
    }
}
