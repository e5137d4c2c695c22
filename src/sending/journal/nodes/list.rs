//! What an operator sees of the nodes, and asks of them.

use std::time::Duration;

use crate::sending::journal::OpenError;
use crate::sending::journal::database::{Server, query, server_now, timestamp};
use crate::shared::database::postgres::Address;
use crate::shared::time::Timestamp;

use super::NodeName;
use super::unheard::UNHEARD_US;

/// A node that has ever joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub number: u16,
    /// Of the program.
    pub version: String,
    /// When it last said that it lives, by the server's clock.
    pub seen_at: Timestamp,
    /// How long ago that is, or will be where that clock was set back since.
    pub seen_ago: Duration,
    /// Whether it is to take nothing new.
    pub is_draining: bool,
    /// What it does for all.
    pub tasks: Vec<String>,
}

const LIST: &str = concat!(
    "SELECT number, name, version, seen_at, draining, ",
    server_now!(),
    " - seen_at, coalesce((SELECT string_agg(task, ' ' ORDER BY task) FROM tasks WHERE node = number AND until > ",
    server_now!(),
    "), '') FROM nodes ORDER BY number"
);

const DRAIN: &str = concat!(
    "UPDATE nodes SET draining = 1, has_left = CASE WHEN seen_at < ",
    server_now!(),
    " - $2 THEN 1 ELSE has_left END WHERE name = $1"
);

/// All nodes that share a journal, by their numbers.
///
/// # Errors
///
/// If the database cannot be asked.
pub async fn list(address: &Address) -> Result<Vec<Node>, OpenError> {
    let server = Server(address.clone());
    let mut connection = server.to_read().await.map_err(|why| server.failed(why))?;
    let rows = query(LIST).fetch_all(&mut connection).await.map_err(|error| server.failed(error.into()))?;
    let read = rows.iter().map(|row| {
        Ok(Node {
            number: u16::try_from(row.number(0)?).unwrap_or(u16::MAX),
            name: row.try_get(1)?,
            version: row.try_get(2)?,
            seen_at: timestamp(row.try_get(3)?).map_err(|error| sqlx::Error::Decode(error.into()))?,
            is_draining: row.number(4)? == 1,
            seen_ago: Duration::from_micros(row.number(5)?),
            tasks: row.try_get::<&str, _>(6)?.split_whitespace().map(str::to_owned).collect(),
        })
    });
    read.collect::<sqlx::Result<_>>().map_err(|error| server.failed(error.into()))
}

/// Makes what a node has what all must have, whatever they agreed on before; whether it was anything else. Nodes that run
/// hear of it at their next start.
///
/// # Errors
///
/// If the database cannot be asked.
pub async fn agree_anew(address: &Address, on: &str, found: &str) -> Result<bool, OpenError> {
    let server = Server(address.clone());
    let mut connection = server.to_read().await.map_err(|why| server.failed(why))?;
    let changed = query(
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value \
         WHERE meta.value <> excluded.value",
    )
    .bind(format!("agreed {on}"))
    .bind(found.as_bytes().to_vec())
    .execute(&mut connection)
    .await
    .map_err(|error| server.failed(error.into()))?;
    Ok(changed == 1)
}

/// Asks a node to take nothing new, to finish what it has, and to do nothing for others; true if there is such a node. It
/// hears of it within a few seconds. A start takes it back. Where it does not say that it lives, it is gone for good, and nobody
/// waits for what it saw.
///
/// # Errors
///
/// If the database cannot be asked.
pub async fn drain(address: &Address, name: &NodeName) -> Result<bool, OpenError> {
    let server = Server(address.clone());
    let mut connection = server.to_read().await.map_err(|why| server.failed(why))?;
    let asked = query(DRAIN)
        .bind(name.as_str())
        .bind(UNHEARD_US)
        .execute(&mut connection)
        .await
        .map_err(|error| server.failed(error.into()))?;
    Ok(asked == 1)
}
