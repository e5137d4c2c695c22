//! Whether all certificates of a server were asked for.

use super::stopped;
use crate::evidence::scan::Server;
use crate::verdict::receiving::finding::{Measured, Unknown};

/// Whether a server was asked for its RSA and for its ECDSA certificate.
pub(in crate::verdict::receiving) fn certificates_complete(server: &Server) -> bool {
    server.stopped.is_none()
}

/// What to say where all certificates seen are right, and one may not have been seen.
pub(in crate::verdict::receiving) fn incomplete(server: &Server) -> Measured {
    Measured::Inconclusive { why: stopped(server).unwrap_or(Unknown::NoAnswer) }
}
