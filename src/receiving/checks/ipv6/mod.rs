//! Modern addresses: of the name servers and of the MX hosts, and whether they answer.

mod mx;
mod name_servers;
mod tally;

pub(super) use mx::{mx_aaaa, mx_reach, mx_reach_ipv4};
pub(super) use name_servers::{mx_ns_reach, ns_aaaa, ns_reach};
