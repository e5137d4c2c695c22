//! Whom a resolver asks, and within which limits.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::recursor::{self, Flights};
use super::root;
use super::upstream::{Forwarder, Upstream};
use crate::shared::dial::AddressRules;
use crate::shared::time::Timestamp;

/// Which servers a resolver asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Servers {
    /// Nobody but the authoritative servers themselves, from the root on.
    Recursor {
        /// The root servers. All servers are asked on their port, which must be one.
        root_hints: Vec<SocketAddr>,
        /// DS or DNSKEY records in master-file format.
        trust_anchors: String,
    },
    /// A resolver of the operator's, or a server that is authoritative for the root and all below it. It is
    /// asked with CD and DO, and what it says is validated here.
    Forwarder {
        /// Asked in this order.
        addresses: Vec<SocketAddr>,
        /// DS or DNSKEY records in master-file format.
        trust_anchors: String,
    },
}

impl Servers {
    /// The addresses of the root servers: those that are named, else those of the public DNS.
    pub fn roots(&self) -> Vec<IpAddr> {
        match self {
            Self::Recursor { root_hints, .. } => root_hints.iter().map(SocketAddr::ip).collect(),
            Self::Forwarder { .. } => root::servers().iter().map(SocketAddr::ip).collect(),
        }
    }
}

impl Default for Servers {
    /// The public DNS.
    fn default() -> Self {
        Self::Recursor { root_hints: root::servers(), trust_anchors: root::TRUST_ANCHORS.to_owned() }
    }
}

/// The resolver's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSettings {
    pub servers: Servers,
    /// The local addresses to ask a forwarder from, at most one of each family counts. Default none: the
    /// system chooses.
    pub from: Vec<IpAddr>,
    /// Which addresses of name servers may be asked, by the recursor and directly; by default only those that are
    /// globally reachable. Root servers and forwarders that the operator names are always asked.
    pub rules: AddressRules,
    /// The port of name servers that are asked directly. Default 53. With a recursor it is that of the root hints.
    pub name_server_port: u16,
    /// How long a name server that is asked directly may take to answer, in milliseconds. Default 5000.
    pub name_server_timeout_ms: u32,
    /// How long a forwarder may take to answer, in milliseconds; the recursor has times of its own.
    /// Default 2000.
    pub query_timeout_ms: u32,
    /// How often each forwarder is asked before the look-up fails. Default 2.
    pub attempts_max: u32,
    /// How long a look-up may take in all, in seconds. Default 20.
    pub lookup_timeout_s: u32,
    /// How long an answer is kept at most, whatever its TTL, in seconds. Default 3600. Zero: no cache.
    pub cache_ttl_max_s: u32,
    /// How many answers are kept. Default 10 000.
    pub cache_entries_max: usize,
    /// How much of answers is kept, in octets. Default 8 388 608.
    pub cache_octets_max: usize,
    /// How many questions are under way at once; others wait. Default 256: an answer may have 64 KiB.
    pub at_once_max: usize,
    /// How many answers are validated at once, each on a thread beside those that serve; others wait. Default 2.
    pub validating_at_once_max: usize,
}

impl Default for ResolverSettings {
    fn default() -> Self {
        Self::new(Servers::default())
    }
}

impl ResolverSettings {
    /// The defaults for these servers.
    pub fn new(servers: Servers) -> Self {
        Self {
            servers,
            from: Vec::new(),
            rules: AddressRules::default(),
            name_server_port: 53,
            name_server_timeout_ms: 5000,
            query_timeout_ms: 2000,
            attempts_max: 2,
            lookup_timeout_s: 20,
            cache_ttl_max_s: 3600,
            cache_entries_max: 10_000,
            cache_octets_max: 8 * 1024 * 1024,
            at_once_max: 256,
            validating_at_once_max: 2,
        }
    }
}

/// Settings that no resolver can be made from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolverError {
    /// The trust anchors cannot be read.
    #[error(
        "trust anchors: {0}; they are DS or DNSKEY records in master-file format, such as `. IN DS 20326 8 2 E06D…`"
    )]
    Anchors(String),
    /// Root servers on different ports.
    #[error("the root servers are on different ports; all servers are asked on one")]
    Ports,
    /// There is no server to ask.
    #[error("no server is named that could be asked; give at least one `address:port`")]
    NoServer,
}

/// What the settings ask for, and its trust anchors.
pub(super) fn upstream(
    settings: &ResolverSettings,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
) -> Result<(Box<dyn Upstream>, String), ResolverError> {
    match &settings.servers {
        Servers::Forwarder { addresses, .. } if addresses.is_empty() => Err(ResolverError::NoServer),
        Servers::Forwarder { addresses, trust_anchors } => {
            let forwarder = Forwarder {
                servers: addresses.clone(),
                from: settings.from.clone(),
                timeout: Duration::from_millis(u64::from(settings.query_timeout_ms)),
                attempts_max: settings.attempts_max.max(1),
            };
            Ok((Box::new(forwarder), trust_anchors.clone()))
        }
        Servers::Recursor { root_hints, trust_anchors } => {
            let port = root_hints.first().ok_or(ResolverError::NoServer)?.port();
            if root_hints.iter().any(|hint| hint.port() != port) {
                return Err(ResolverError::Ports);
            }
            let recursor = recursor::Settings {
                hints: root_hints.iter().map(SocketAddr::ip).collect(),
                port,
                rules: settings.rules.clone(),
                from: settings.from.clone(),
                ttl_max_s: settings.cache_ttl_max_s,
            };
            Ok((Box::new(Flights::new(recursor, clock)), trust_anchors.clone()))
        }
    }
}
