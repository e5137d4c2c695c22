//! What binds senders to TLS and to a certificate: DANE, MTA-STS; and TLSRPT, by which they report.

mod agree;
mod dane;
mod dane_match;
mod mta_sts;
mod rollover;
mod tlsrpt;

pub(super) use agree::agree;
pub(super) use dane::{tlsa, unusable};
pub(super) use dane_match::{matches, stale};
pub(super) use mta_sts::host::host;
pub(super) use mta_sts::mx::mx;
pub(super) use mta_sts::{max_age, policy, record};
pub(super) use rollover::{renewal, rollover};
pub(super) use tlsrpt::tlsrpt;

#[cfg(test)]
mod tests;
