//! What is noted of questions to our DNS and of visits to the policy host, and of what is missing.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::shared::evidence::Alert;
use crate::shared::time::Timestamp;

/// A question that our DNS answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queried {
    /// Who asked: a resolver, hardly ever the sender itself.
    pub source: SocketAddr,
    pub transport: Transport,
    /// The name as asked, its case preserved, without the final dot.
    pub name: String,
    /// The type, by its mnemonic or as `TYPE65280`.
    pub rtype: String,
    /// Whether the question asks for signatures (the DO bit).
    pub dnssec_ok: bool,
    /// The code of the answer, such as `NOERROR`; `SILENCE` where none was sent.
    pub rcode: String,
}

impl Queried {
    /// Whether it asks for an MTA-STS record (RFC 8461 §3.1).
    pub fn is_for_mta_sts(&self) -> bool {
        self.rtype == "TXT" && self.name.get(..9).is_some_and(|label| label.eq_ignore_ascii_case("_mta-sts."))
    }
}

/// How a query came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Udp,
    Tcp,
}

/// Not all questions up to a time are in the journal: from then on their absence means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueriesLost {
    /// The site whose questions they are, a /24 or in IPv6 a /48; none: anybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The time up to which some are missing.
    pub until: Timestamp,
    pub why: Lost,
}

/// Not all visits to the policy host up to a time are in the journal: from then on their absence means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchesLost {
    /// The site whose visits they are, a /24 or in IPv6 a /48; none: anybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The time up to which some are missing.
    pub until: Timestamp,
    pub why: Lost,
}

/// Links that were turned away or not written, since too many came: what they would have shown is not known, and
/// says nothing of whoever made them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactsLost {
    /// The network that they came from, a /24 or in IPv6 a /48; none: from several that are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The time up to which they are missing.
    pub until: Timestamp,
    pub count: u64,
}

/// Why questions or visits are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lost {
    /// Those up to the time were deleted, by age or by number.
    Deleted,
    /// Some were never written, because too many came at once.
    Dropped,
}

/// A visit to the policy host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFetched {
    pub source: SocketAddr,
    /// The SNI, in lower case.
    pub sni: Option<String>,
    /// The path that was asked for; none where TLS ended before a request.
    pub path: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The `User-Agent`, cut at 200 octets, printable.
    pub user_agent: Option<String>,
    /// The alert that ended TLS.
    pub alert: Option<Alert>,
}

impl PolicyFetched {
    /// Who came, without the port.
    pub fn address(&self) -> IpAddr {
        self.source.ip().to_canonical()
    }
}
