//! HTTP as the service speaks it: an accept loop with limits, the MTA-STS policy host on it, and what takes TLS reports.
//!
//! [`PolicyHost`] answers from the catalogue alone and notes who came.

mod listen;
mod neighbour;
mod policy_host;
mod report_host;

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use crate::sending::trial::{Places, PlacesMax};

pub use listen::{http, listen};
pub use neighbour::{Neighbour, Transport, Visited};
pub use policy_host::PolicyHost;
pub use report_host::{ReportHost, ReportReader, ReportTaken};

/// The limits of an HTTP listener.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many connections are served at the same time; beyond it they are closed at once. Default: 2000.
    pub connections_max: usize,
    /// How many of them may come from one IPv4 address or IPv6 /64; proxies that are trusted may bring all. Default: 100.
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
    /// The networks of proxies whose `X-Forwarded-For` says who asks. Default: none, and then nobody's does.
    pub trusted_proxies: Vec<IpNet>,
    /// How many pages may follow a trial as it runs, in all; further ones are answered with 503. Default: 1200.
    pub streams_max: usize,
    /// How many of them from one IPv4 address or IPv6 /64; further ones are answered with 429. Default: 30.
    pub streams_per_address_max: usize,
    /// How many of them from one network, a /24 or in IPv6 a /48. Default: 200.
    pub streams_per_network_max: usize,
    /// How many of them one trial, in each language. Default: 1000.
    pub streams_per_trial_max: usize,
}

impl Settings {
    /// The places for connections, on all sockets of a listener together.
    pub fn places(&self) -> Places {
        Places::new(PlacesMax {
            all: self.connections_max,
            per_address: self.connections_per_address_max,
            per_network: self.connections_per_network_max,
        })
    }

    /// The places for pages that follow a trial.
    pub fn stream_places(&self) -> Places {
        Places::new(PlacesMax {
            all: self.streams_max,
            per_address: self.streams_per_address_max,
            per_network: self.streams_per_network_max,
        })
    }

    /// Whether an address is that of a proxy which says who asks.
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections_max: 2_000,
            connections_per_address_max: 100,
            connections_per_network_max: 200,
            requests_max: 100,
            head_octets_max: 16_384,
            head_timeout_s: 10,
            connection_timeout_s: 60,
            visits_noted_per_minute_max: 600,
            visits_noted_per_network_minute_max: 60,
            drain_timeout_s: 5,
            trusted_proxies: Vec::new(),
            streams_max: 1_200,
            streams_per_address_max: 30,
            streams_per_network_max: 200,
            streams_per_trial_max: 1_000,
        }
    }
}
