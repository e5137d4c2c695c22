//! Networks and routes of the addresses that mail to a domain depends on.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A network, by the prefix that is routed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The prefix, such as `192.0.2.0/24`; none: not known, or not routed.
    pub prefix: Option<String>,
    /// Whether a route is known; none: neither routes nor an origin zone were to be had.
    pub routed: Option<bool>,
    /// The autonomous systems that announce it.
    pub origins: Vec<Origin>,
    /// The network's name, of RDAP.
    pub name: Option<String>,
    /// The organisation, of RDAP.
    pub organisation: Option<String>,
    /// The country, as RDAP says it, or of the organisation's address.
    pub country: Option<String>,
    /// The addresses in it, and what each is for.
    pub addresses: Vec<(IpAddr, Purpose)>,
    /// Whether routes or a validator, which the operator has named, did not answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// Why facts are missing, such as a status 429 of RDAP.
    pub missing: Vec<String>,
}

/// An announcement and what RPKI says of it (RFC 6811).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The autonomous system.
    pub asn: u32,
    /// The validity; none: no validator was asked, or it did not answer.
    pub rpki: Option<Rpki>,
}

/// Route origin validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rpki {
    /// A ROA allows it.
    Valid,
    /// ROAs cover the prefix, and none allows it.
    Invalid,
    /// No ROA covers the prefix.
    NotFound,
}

/// What an address is for: internet.nl's three groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    Mx,
    /// A name server of the domain.
    NameServer,
    /// A name server of an MX host's zone.
    MxNameServer,
}
