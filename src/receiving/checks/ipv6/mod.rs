//! Modern addresses: of the name servers and of the MX hosts, and whether they answer.

use super::check::checks;

pub(super) mod shared;
#[cfg(test)]
mod tests;

checks! {
    ns_aaaa NsAaaa,
    ns_reach NsReach,
    mx_aaaa MxAaaa,
    mx_reach MxReach,
    mx_reach_ipv4 MxReach4,
    mx_ns_reach MxNsReach,
}
