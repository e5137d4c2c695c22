//! The schema and its versions.

use std::path::Path;

use sqlx::SqliteConnection;

use crate::shared::database::sqlite::{self, Schema, Unfit};

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
