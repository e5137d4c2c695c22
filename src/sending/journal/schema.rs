//! The schema, its versions, and how an earlier one is brought forward.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::OpenError;

const SCHEMA: &str = include_str!("schema.sql");
/// The version of [`SCHEMA`].
pub(super) const SCHEMA_VERSION: i64 = 2;
/// What makes of version `n + 1` one of `n + 2`: the first is for version 1.
const STEPS: [&str; 1] = [include_str!("from_v1.sql")];
/// `PRAGMA application_id`: "Mlsy".
const APPLICATION_ID: i64 = 0x4d6c_7379;

/// Makes the schema in an empty file, or brings an earlier version forward, in one transaction: a crash or a full
/// disk leaves the version that was there.
pub(super) async fn ensure(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
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
pub(super) async fn check(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
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

/// SQLite's code of a complaint, without the upper bits, which only refine it.
fn code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else { return None };
    Some(error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default() & 0xff)
}

/// Whether the file itself is damaged: SQLITE_CORRUPT, SQLITE_NOTADB.
pub(super) fn is_damaged(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(11 | 26))
}

/// What an operator does about SQLite's complaint (<https://sqlite.org/rescode.html>).
pub(super) fn database_advice(error: &sqlx::Error) -> &'static str {
    let Some(code) = code(error) else { return "look at the lines of the log before this one" };
    match code {
        5 | 6 => "another program has locked the journal; end it",
        8 | 14 | 23 => {
            "the service must own the journal and its folder and be able to write there; `ls -l` shows whose \
              they are, `mount` whether the file system is read-only"
        }
        10 => "the disk failed; look at `dmesg`",
        11 | 26 => {
            "the file is damaged: restore it from a backup, or move it and its -wal away and start anew; \
                    `sqlite3 FILE .recover` reads what is left"
        }
        13 => "free some space on the disk, or raise `journal.size_mib` or lower `journal.retention_days`",
        _ => "if the file is damaged, restore it from a backup or move it away",
    }
}
