//! What several processes share of an operator's places.

use std::fmt;

use futures_util::future::BoxFuture;
use ipnet::IpNet;

use crate::receiving::scan::Held;

/// How many connections an operator sees at a time.
pub const OPERATOR_AT_ONCE_MAX: u8 = 2;

/// By what an operator is known. Whoever takes places of both takes that of the network first, so that nobody waits for
/// another in a ring.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// The network that one of its addresses is in.
    Network(IpNet),
    /// What a pattern of its hosts' names calls it.
    Known(String),
    /// The registrable domain of its host, which whoever registers one chooses.
    Operator(String),
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => write!(f, "{network}"),
            Self::Known(operator) | Self::Operator(operator) => f.write_str(operator),
        }
    }
}

/// Places that several processes share.
pub trait Places: Send + Sync {
    /// Waits for one of `of` places; it is held until what this gives is dropped, or the process has ended.
    fn take<'a>(&'a self, sign: &'a Sign, of: u8) -> BoxFuture<'a, Held>;
}
