//! The schema and its versions; and the secret, which is kept beside it.

use std::path::Path;

use sqlx::SqliteConnection;

use crate::shared::database::sqlite::{self, Schema, Unfit};

use super::connection::{Connection, query};
use super::error::OpenError;

/// What a journal holds. A new version is one more step, the tables as they are then, and a journal of the version before
/// in `tests/journals`.
pub const SCHEMA: Schema = Schema {
    name: "the journal",
    // "Mlsy".
    application_id: 0x4d6c_7379,
    tables: include_str!("schema.sql"),
    steps: &[include_str!("from_v1.sql"), include_str!("from_v2.sql")],
    unmarked: None,
};

/// Makes the schema in an empty file, or brings an earlier version forward.
pub(in crate::sending::journal) async fn ensure(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), OpenError> {
    sqlite::ensure(connection, &SCHEMA).await.map(drop).map_err(|unfit| told(unfit, path))
}

/// Refuses every version but today's, for whoever only reads.
pub(in crate::sending::journal) async fn check(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), OpenError> {
    sqlite::check(connection, &SCHEMA).await.map_err(|unfit| told(unfit, path))
}

fn told(unfit: Unfit, path: &Path) -> OpenError {
    let path = path.to_owned();
    match unfit {
        Unfit::Foreign => OpenError::Foreign(path),
        Unfit::Newer { found, known } => OpenError::Newer { path, found, known },
        Unfit::Older { found, known } => OpenError::Older { path, found, known },
        Unfit::Database(source) => OpenError::Database { path, source },
    }
}

pub(in crate::sending::journal) async fn ensure_secret(
    connection: &mut Connection,
    new_secret: impl FnOnce() -> [u8; 32],
) -> sqlx::Result<[u8; 32]> {
    let stored = read_secret(connection).await?;
    if let Some(secret) = stored {
        return Ok(secret);
    }
    let secret = new_secret();
    query("INSERT INTO meta (name, value) VALUES ('secret', $1) ON CONFLICT (name) DO NOTHING")
        .bind(secret.to_vec())
        .execute(connection)
        .await?;
    // Where two nodes begin at once, one of them was first.
    Ok(read_secret(connection).await?.unwrap_or(secret))
}

pub(in crate::sending::journal) async fn read_secret(
    connection: &mut Connection,
) -> sqlx::Result<Option<[u8; 32]>> {
    let row = query("SELECT value FROM meta WHERE name = 'secret'").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get(0)?;
    let wrong = |bytes: Vec<u8>| sqlx::Error::Decode(format!("a secret of {} bytes", bytes.len()).into());
    bytes.try_into().map(Some).map_err(wrong)
}
