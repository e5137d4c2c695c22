//! How a node joins those that share a journal: its number, and that nobody else is it.

use crate::sending::journal::database::{Connection, query, server_now};

use super::NodeName;

/// The lock of a node, with its number in the lower bits: "Mlsn" as a number.
const LOCK: i64 = 0x4d6c_736e << 32;

const NUMBER: &str = concat!(
    "INSERT INTO nodes (number, name, version, seen_at, has_left) \
     VALUES ((SELECT coalesce(max(number), 0) + 1 FROM nodes), $1, $2, ",
    server_now!(),
    ", 1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING number"
);
const JOIN: &str = "UPDATE nodes SET joins = joins + 1, draining = 0, version = $2 WHERE number = $1 RETURNING joins, has_left";

/// The number of a node, which it has for good: links carry it.
pub(in crate::sending::journal) async fn number_of(
    connection: &mut Connection,
    name: &NodeName,
) -> sqlx::Result<u16> {
    connection.begin().await?;
    // One at a time, so that no two find the same number free.
    query("SELECT last FROM head FOR UPDATE").fetch_one(connection).await?;
    let version = env!("CARGO_PKG_VERSION");
    let number: i64 = query(NUMBER).bind(name.as_str()).bind(version).scalar(connection).await?;
    connection.commit().await?;
    u16::try_from(number).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// Whether this connection is now, and as long as it lives, the only one that writes as a node.
pub(in crate::sending::journal) async fn become_node(
    connection: &mut Connection,
    number: u16,
) -> sqlx::Result<bool> {
    query("SELECT pg_try_advisory_lock($1)").bind(LOCK | i64::from(number)).scalar(connection).await
}

/// By which number the server knows the session of a connection.
pub(in crate::sending::journal) async fn session_of(connection: &mut Connection) -> sqlx::Result<i64> {
    query("SELECT pg_backend_pid()::bigint").scalar(connection).await
}

/// Ends a former session of a node where the server still has it: it keeps this connection from being the node, and nobody
/// reads its answers any more. Nothing is done to a session that is not that node's.
pub(in crate::sending::journal) async fn end_former(
    connection: &mut Connection,
    number: u16,
    session: i64,
) -> sqlx::Result<()> {
    // A lock with one key has its halves in two columns (postgresql.org/docs, "pg_locks").
    let ended: i64 = query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 \
         AND pid::bigint = $1 AND pid <> pg_backend_pid() AND classid::bigint << 32 | objid::bigint = $2",
    )
    .bind(session)
    .bind(LOCK | i64::from(number))
    .scalar(connection)
    .await?;
    if ended > 0 {
        tracing::info!("a session of this node's that stood still was ended at the journal's database");
    }
    Ok(())
}

/// What the database knows of a node, and how far the journal is.
pub(in crate::sending::journal) struct Known {
    /// How many commits it has made.
    pub(in crate::sending::journal) groups: i64,
    /// How often it has joined.
    pub(in crate::sending::journal) joins: i64,
    /// The last observation of all.
    pub(in crate::sending::journal) last: i64,
}

/// What the database knows of a node.
pub(in crate::sending::journal) async fn known_of(
    connection: &mut Connection,
    number: u16,
) -> sqlx::Result<Known> {
    let known = query("SELECT groups, joins, last FROM nodes, head WHERE number = $1").bind(number);
    let row = known.fetch_one(connection).await?;
    Ok(Known { groups: row.try_get(0)?, joins: row.try_get(1)?, last: row.try_get(2)? })
}

/// A process begins as a node, and takes new trials whatever was asked of the node before. Gives how often the node has joined,
/// by which an earlier process of it, that stood still, learns that it is no longer the node; and whether an earlier one did not
/// leave in order, so that what it saw may be missing.
pub(in crate::sending::journal) async fn begin_anew(
    connection: &mut Connection,
    number: u16,
) -> sqlx::Result<(i64, bool)> {
    let row = query(JOIN).bind(number).bind(env!("CARGO_PKG_VERSION")).fetch_one(connection).await?;
    Ok((row.try_get(0)?, row.number(1)? == 0))
}

/// A node leaves in order: all that it saw is written. Nothing where another process is the node by now.
pub(in crate::sending::journal) async fn leave(
    connection: &mut Connection,
    number: u16,
    joins: i64,
) -> sqlx::Result<()> {
    let left = query("UPDATE nodes SET has_left = 1 WHERE number = $1 AND joins = $2");
    left.bind(number).bind(joins).execute(connection).await.map(drop)
}
