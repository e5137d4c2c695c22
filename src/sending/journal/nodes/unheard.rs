//! Other nodes that are not heard of: what they saw may be in their memory alone.

use crate::sending::journal::database::{Connection, query, server_now};

/// How long a node says nothing until what it saw may be missing, in microseconds: three beats.
pub(super) const UNHEARD_US: i64 = 9_000_000;

/// A node that left in order wrote all that it saw. A time that is to come is that of a clock that was set back since.
const UNHEARD: &str = concat!(
    "SELECT name FROM nodes WHERE number <> $1 AND has_left = 0 AND (seen_at < ",
    server_now!(),
    " - $2 OR seen_at > ",
    server_now!(),
    " + $2) ORDER BY number"
);

/// The nodes that may have seen something that is not in the journal, since they are cut off from the database or were killed.
pub(in crate::sending::journal) async fn unheard(
    connection: &mut Connection,
    own: u16,
) -> sqlx::Result<Vec<String>> {
    query(UNHEARD).bind(own).bind(UNHEARD_US).scalars(connection).await
}
