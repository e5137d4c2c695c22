//! Route authorisation of the addresses that mail to the domain depends on, in internet.nl's three groups.

mod exists;
mod group;
mod valid;

pub(super) use exists::{mx_ns_rpki_exists, mx_rpki_exists, ns_rpki_exists};
pub(super) use valid::{mx_ns_rpki_valid, mx_rpki_valid, ns_rpki_valid};
