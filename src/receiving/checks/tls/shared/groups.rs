//! Groups and primes of key exchange, and the hashes that sign it.

use crate::receiving::checks::shared::probe_lines::first_of_each;
use crate::shared::evidence::scan::Server;

/// What first shows each suite.
pub(in crate::receiving::checks) fn suites_seen(server: &Server) -> Vec<String> {
    first_of_each(server, |chose| vec![chose.suite()])
}
