//! The status page and the result pages over HTTP, and the MTA-STS policy host over HTTPS.
//!
//! [`Site`] asks for results and for the state of the service through ports of its own, [`Results`] and
//! [`Health`]; [`PolicyHost`] answers from the catalogue alone and notes who came. Both stand on one accept loop
//! with limits (`listen`), and stop in order when their token is cancelled.

mod listen;
mod policy_host;
mod site;

use std::future::Future;
use std::pin::Pin;

use serde::Deserialize;

use crate::history::SelfChecked;
use crate::trial::{Places, PlacesMax, Timestamp, TrialId};

pub use policy_host::PolicyHost;
pub use site::Site;

/// The limits of an HTTP listener.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many connections are served at the same time; beyond it they are closed at once. Default: 500.
    pub connections_max: usize,
    /// How many of them may come from one IPv4 address or IPv6 /64; behind a proxy all of them do. Default: 100.
    pub connections_per_address_max: usize,
    /// How many of them may come from one network, a /24 or in IPv6 a /48. Default: 200.
    pub connections_per_network_max: usize,
    /// How many requests a connection may bring; the answer to the last one says that it is. Default: 100.
    pub requests_max: usize,
    /// How long the head of a request may be, in octets; at least 8192. Default: 16384.
    pub head_octets_max: usize,
    /// How long the head of a request, and the TLS handshake before it, may take, in seconds. Default: 10.
    pub head_timeout_s: u32,
    /// How long a connection may last in all, in seconds. Default: 60.
    pub connection_timeout_s: u32,
    /// How many visits to the policy host that may be a sender's fetch of a policy are noted in a minute; further ones
    /// are answered, and it is noted that some are missing. 0: no limit. Default: 600.
    pub visits_noted_per_minute_max: u32,
    /// How many of them from one network. 0: no limit. Default: 60.
    pub visits_noted_per_network_minute_max: u32,
    /// How long connections that are being served may go on when the service stops, in seconds. Default: 5.
    pub drain_timeout_s: u32,
}

impl Settings {
    /// The places for connections, on all sockets of a listener together.
    fn places(&self) -> Places {
        Places::new(PlacesMax {
            all: self.connections_max,
            per_address: self.connections_per_address_max,
            per_network: self.connections_per_network_max,
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections_max: 500,
            connections_per_address_max: 100,
            connections_per_network_max: 200,
            requests_max: 100,
            head_octets_max: 16_384,
            head_timeout_s: 10,
            connection_timeout_s: 60,
            visits_noted_per_minute_max: 600,
            visits_noted_per_network_minute_max: 60,
            drain_timeout_s: 5,
        }
    }
}

/// A page as HTML, escaped where it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(pub String);

/// Where result pages come from.
pub trait Results: Send + Sync {
    /// The page of a trial, if there is such a trial.
    fn page<'a>(&'a self, trial: &'a TrialId) -> Pin<Box<dyn Future<Output = Option<Html>> + Send + 'a>>;
}

/// What the service knows of itself.
pub trait Health: Send + Sync {
    /// The last self-check and its time; none before the first has ended.
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)>;

    /// What keeps it from doing its work, in a sentence; none while nothing does.
    fn trouble(&self) -> Option<String>;

    /// What will keep it from that unless somebody does something, such as a certificate that ends soon; a sentence each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}
