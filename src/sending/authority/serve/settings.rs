//! The limits of the sockets.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use super::rrl::RateSettings;
use super::transfer::{DomainName, Secondary, TsigKey};

/// The limits of the sockets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// How many TCP connections there may be at once, over all sockets together; further ones are closed at once.
    /// Default 200.
    pub tcp_connections_max: usize,
    /// How many of them one address (IPv6: one /64) may have. Default 20.
    pub tcp_connections_per_address_max: usize,
    /// How many of them one network (IPv4: one /24, IPv6: one /48) may have. Default 50.
    pub tcp_connections_per_network_max: usize,
    /// How long a TCP connection may wait for its next query, or for the asker to take an answer, in
    /// seconds. Default 10.
    pub tcp_idle_s: u32,
    /// How many queries a TCP connection may bring. Default 1000.
    pub tcp_queries_max: u32,
    /// How much of questions over UDP the system may keep for each socket until they are read, in octets as the
    /// kernel counts them, some 800 for a question. The kernel cuts it to its own limit, on Linux
    /// `net.core.rmem_max`. Default 1 048 576: questions beyond it are lost without a word.
    pub udp_queue_octets_max: usize,
    /// How many queries in a second are noted; further ones are answered and only counted, and it is noted that
    /// some are missing. Default 500. For this and the next two 0 is no limit.
    pub notes_per_s_max: u32,
    /// How many of them from one network (a /24; IPv6: a /48). Default 200.
    pub notes_per_network_s_max: u32,
    /// How many queries of one network are noted in an hour. Default 20000.
    pub notes_per_network_hour_max: u32,
    /// Where resolvers may report that they could not use an answer (RFC 9567): a domain of its own, which is served
    /// where it lies below the origin. None: nowhere.
    pub report_agent: Option<DomainName>,
    /// The name of the catalog zone (RFC 9432) by which secondaries learn of all zones. None: there is none.
    pub catalog: Option<DomainName>,
    /// Addresses at which questions reach this server beside those that are listened on, such as the public one of a
    /// host behind NAT. A name server at any other one answers questions that are not seen here.
    pub reached_at: Vec<IpAddr>,
    /// Who may take zones over.
    pub secondary: Vec<Secondary>,
    /// The keys for that.
    pub tsig: Vec<TsigKey>,
    /// Response rate limiting.
    pub rate: RateSettings,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            tcp_connections_max: 200,
            tcp_connections_per_address_max: 20,
            tcp_connections_per_network_max: 50,
            tcp_idle_s: 10,
            tcp_queries_max: 1000,
            udp_queue_octets_max: 1 << 20,
            notes_per_s_max: 500,
            notes_per_network_s_max: 200,
            notes_per_network_hour_max: 20_000,
            report_agent: None,
            catalog: None,
            reached_at: Vec::new(),
            secondary: Vec::new(),
            tsig: Vec::new(),
            rate: RateSettings::default(),
        }
    }
}

impl ServerSettings {
    /// The addresses at which questions reach this server, as far as they are known, where it listens at these sockets.
    pub fn answers_at(&self, listens: &[SocketAddr]) -> Vec<IpAddr> {
        let bound = listens.iter().map(SocketAddr::ip).filter(|address| !address.is_unspecified());
        bound.chain(self.reached_at.iter().copied()).collect()
    }
}
