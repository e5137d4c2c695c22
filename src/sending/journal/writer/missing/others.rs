//! Other nodes that are not heard of: what they saw may be in their memory alone.

use crate::sending::journal::database::{query, server_now};
use crate::sending::journal::writer::Writer;

/// How long a node says nothing until what it saw may be missing, in microseconds: three beats.
const UNHEARD_US: i64 = 9_000_000;

/// A node that left in order wrote all that it saw, and one that is drained is not waited for.
const UNHEARD: &str = concat!(
    "SELECT name FROM nodes WHERE number <> $1 AND has_left = 0 AND draining = 0 AND seen_at < ",
    server_now!(),
    " - $2 ORDER BY number"
);

impl Writer {
    /// Whether a node may have seen something that is not here, since it is cut off from the database or was killed: so no
    /// trial that ends now may take what is absent for silence. Tells the operator, once for the same nodes.
    pub(in crate::sending::journal::writer) async fn is_another_unheard(&mut self) -> sqlx::Result<bool> {
        let Some(remote) = &mut self.remote else { return Ok(false) };
        let unheard = query(UNHEARD).bind(remote.node).bind(UNHEARD_US);
        let unheard: Vec<String> = unheard.scalars(&mut self.connection).await?;
        if unheard != remote.unheard {
            match unheard.is_empty() {
                false => tracing::warn!(
                    nodes = unheard.join(" "),
                    "nodes do not say that they live, and may hold what is not written: tests that end meanwhile take no \
                     absence for silence; start them again, or where one is gone for good, `mailassay node drain NAME`"
                ),
                true => tracing::info!("all nodes say that they live"),
            }
            remote.unheard = unheard;
        }
        Ok(!remote.unheard.is_empty())
    }
}
