//! Copies of a file that others write.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::shared::keyfile::make_private;

/// How long a read waits for another process' lock, in seconds.
const BUSY_TIMEOUT_S: u64 = 10;

/// A connection that only reads, to a file that must exist.
///
/// # Errors
///
/// If it cannot be opened.
pub async fn open_to_read(path: &Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S));
    options.connect().await
}

/// Writes what the file `from` holds at this moment, as one whole file, to `to`, for its owner alone. Others may write
/// meanwhile, and do not wait. `to` must not be there, or be empty.
///
/// # Errors
///
/// If the one cannot be read or the other cannot be written.
pub async fn copy(from: &Path, to: &Path) -> sqlx::Result<()> {
    let name = to.to_str().ok_or_else(|| {
        let told = format!("{}: SQLite wants a name in UTF-8", to.display());
        sqlx::Error::Configuration(told.into())
    })?;
    make_private(to)?;
    let mut connection = open_to_read(from).await?;
    // One read transaction (sqlite.org/lang_vacuum.html#vacuuminto): the marks of the schema come with it, and what was
    // deleted does not.
    sqlx::query("VACUUM INTO ?1").bind(name).execute(&mut connection).await?;
    connection.close().await
}

/// Runs one statement on a file that nobody else has, with a blob for its parameter; on disk when this is done.
///
/// # Errors
///
/// If it cannot be written.
pub async fn write(path: &Path, statement: &'static str, parameter: &[u8]) -> sqlx::Result<()> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
    let mut connection = options.connect().await?;
    sqlx::query(statement).bind(parameter).execute(&mut connection).await?;
    connection.close().await
}
