//! Signed names. That an answer is bogus is what these checks look for; to all others it is an answer they cannot use.

mod domain;
mod expiry;
mod hosts;
mod numbers;
mod state;
mod upkeep;

pub(super) use domain::{domain_signed, domain_valid, mx_rrset};
pub(super) use expiry::signature_expiry;
pub(super) use hosts::{mx_addresses, mx_signed, mx_valid, tlsa_state};
pub(super) use numbers::{dnssec_algorithm, ds_digest};
pub(super) use upkeep::{ds_wanted, nsec3_iterations};
