//! The schema, its versions, and how an earlier one is brought forward; and the secret, which is kept beside it.

use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use super::error::{OpenError, SCHEMA_VERSION};

const SCHEMA: &str = include_str!("schema.sql");
/// What makes of version `n + 1` one of `n + 2`: the first is for version 1.
const STEPS: [&str; 1] = [include_str!("from_v1.sql")];
/// `PRAGMA application_id`: "Mlsy".
const APPLICATION_ID: i64 = 0x4d6c_7379;

/// Makes the schema in an empty file, or brings an earlier version forward, in one transaction: a crash or a full
/// disk leaves the version that was there.
pub(in crate::sending::journal) async fn ensure(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), OpenError> {
    let failed = |source| OpenError::Database { path: path.to_owned(), source };
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed)?;
    let found = match tables {
        0 => None,
        _ => Some(version(&mut transaction, path).await?),
    };
    let steps = match found {
        None => &[SCHEMA][..],
        Some(SCHEMA_VERSION) => return Ok(()),
        Some(found) => steps_from(found).ok_or_else(|| unfit(path, found))?,
    };
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *transaction).await.map_err(failed)?;
    }
    // PRAGMA takes no parameters; these two lines repeat the constants, and the test of reopening compares.
    sqlx::raw_sql("PRAGMA application_id = 0x4d6c7379; PRAGMA user_version = 2")
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    if let Some(found) = found {
        tracing::info!(path = %path.display(), from = found, to = SCHEMA_VERSION, "the journal was brought forward");
    }
    Ok(())
}

/// Refuses every version but today's, for whoever only reads.
pub(in crate::sending::journal) async fn check(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), OpenError> {
    match version(connection, path).await? {
        SCHEMA_VERSION => Ok(()),
        found => Err(unfit(path, found)),
    }
}

/// The version of a file that is ours.
async fn version(connection: &mut SqliteConnection, path: &Path) -> Result<i64, OpenError> {
    let failed = |source| OpenError::Database { path: path.to_owned(), source };
    let application: i64 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await.map_err(failed)?;
    if application != APPLICATION_ID {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await.map_err(failed)
}

/// All steps from an earlier version to today's.
fn steps_from(found: i64) -> Option<&'static [&'static str]> {
    let first = usize::try_from(found).ok()?.checked_sub(1)?;
    STEPS.get(first..).filter(|steps| !steps.is_empty())
}

fn unfit(path: &Path, found: i64) -> OpenError {
    let path = path.to_owned();
    match found {
        1..SCHEMA_VERSION => OpenError::Older { path, found },
        SCHEMA_VERSION.. => OpenError::Newer { path, found },
        _ => OpenError::Foreign(path),
    }
}

pub(in crate::sending::journal) async fn ensure_secret(
    connection: &mut SqliteConnection,
    new_secret: impl FnOnce() -> [u8; 32],
) -> sqlx::Result<[u8; 32]> {
    let stored = read_secret(connection).await?;
    if let Some(secret) = stored {
        return Ok(secret);
    }
    let secret = new_secret();
    sqlx::query("INSERT INTO meta (name, value) VALUES ('secret', ?1)")
        .bind(secret.to_vec())
        .execute(connection)
        .await?;
    Ok(secret)
}

pub(in crate::sending::journal) async fn read_secret(
    connection: &mut SqliteConnection,
) -> sqlx::Result<Option<[u8; 32]>> {
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'secret'").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get(0)?;
    let wrong = |bytes: Vec<u8>| sqlx::Error::Decode(format!("a secret of {} bytes", bytes.len()).into());
    bytes.try_into().map(Some).map_err(wrong)
}
