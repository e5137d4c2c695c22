//! Where what servers showed is kept beyond a scanner's memory.

use std::collections::BTreeMap;
use std::net::IpAddr;

use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;

use crate::shared::evidence::scan::{Depth, Server};

/// The certificates that a server sent, by SHA-256.
pub type Certificates = BTreeMap<String, CertificateDer<'static>>;

/// A server as it was seen, and its certificates by SHA-256.
pub type Seen = (Server, Certificates);

/// What keeps others out until it is dropped.
pub type Held = Box<dyn std::any::Any + Send>;

/// Where what servers showed is kept beyond the memory of a scanner, so that whoever goes on later asks none twice.
pub trait Shelf: Send + Sync {
    /// What was seen of an address: under this name first, then under another whose own probes it has.
    fn seen<'a>(&'a self, ip: IpAddr, host: &'a str, depth: Depth) -> BoxFuture<'a, Vec<Seen>>;

    /// Keeps what was seen.
    fn keep(&self, seen: Seen, depth: Depth);

    /// Waits until no other process asks an address, and keeps them from it. Whoever comes next finds what was kept until
    /// then. Where there is one process at a time, nobody is waited for.
    fn door(&self, _ip: IpAddr) -> BoxFuture<'_, Held> {
        Box::pin(std::future::ready(Box::new(()) as Held))
    }
}
