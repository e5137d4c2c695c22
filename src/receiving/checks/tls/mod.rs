//! STARTTLS and what a server accepts in TLS.

mod groups;
mod handshake;
mod probe_lines;
mod starttls;
mod suites;
mod surveyed;
pub mod undecided;
mod versions;

pub(super) use groups::{groups, handshake_hash, post_quantum};
pub(super) use handshake::{
    client_certificate, client_renegotiation, compression, extended_master_secret, injection,
    secure_renegotiation, zero_rtt,
};
pub(super) use starttls::{fault_line, mandatory, over_tls, starttls, stopped, unasked};
pub(super) use suites::{key_exchange, order, suites};
pub(super) use surveyed::unseen_certificate;
pub(super) use versions::versions;

#[cfg(test)]
mod tests;
