//! The versions of a schema.

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// What a file of ours holds, and how it came to that.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// What the log calls such a file.
    pub name: &'static str,
    /// By which our files are told from others: `PRAGMA application_id`.
    pub application_id: i32,
    /// Makes all of today's version in an empty file.
    pub tables: &'static str,
    /// What makes of version `n + 1` one of `n + 2`: the first is for version 1. So today's version follows.
    pub steps: &'static [&'static str],
    /// How the versions that had no application id are told.
    pub unmarked: Option<Unmarked>,
}

/// Versions of a schema from before it had an application id.
#[derive(Clone, Copy, Debug)]
pub struct Unmarked {
    /// The last of them.
    pub last: i64,
    /// A table that each of them has.
    pub table: &'static str,
}

impl Schema {
    /// Today's version, as `PRAGMA user_version` has it.
    pub const fn version(&self) -> i64 {
        self.steps.len() as i64 + 1
    }

    /// All steps from an earlier version to today's.
    fn steps_from(&self, found: i64) -> Option<&'static [&'static str]> {
        let first = usize::try_from(found).ok()?.checked_sub(1)?;
        self.steps.get(first..).filter(|steps| !steps.is_empty())
    }

    fn unfit(&self, found: i64) -> Unfit {
        let known = self.version();
        match found {
            ..1 => Unfit::Foreign,
            found if found < known => Unfit::Older { found, known },
            found => Unfit::Newer { found, known },
        }
    }
}

/// Why a file cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It is some other program's, or another file of ours.
    #[error("it is another program's database, or another one of ours")]
    Foreign,
    /// A later version of the program wrote it.
    #[error(
        "it has schema version {found}, and this program knows {known}; run the version that wrote it, or a later one"
    )]
    Newer { found: i64, known: i64 },
    /// An earlier version of the program wrote it, and whoever reads does not write.
    #[error(
        "it has schema version {found}, and this program reads {known}; `mailassay serve` of this version brings it forward"
    )]
    Older { found: i64, known: i64 },
    /// SQLite's own complaint.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Makes the schema in an empty file, or brings an earlier version forward, in one transaction: a crash or a full disk
/// leaves the version that was there. Gives the version that was brought forward, if one was.
///
/// # Errors
///
/// If the file is not ours, is of a later version, or cannot be written.
pub async fn ensure(connection: &mut SqliteConnection, schema: &Schema) -> Result<Option<i64>, Unfit> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *transaction).await?;
    let found = match tables {
        0 => None,
        _ => Some(version(&mut transaction, schema).await?),
    };
    if found == Some(schema.version()) {
        return Ok(None);
    }
    let steps = match found {
        None => &[schema.tables][..],
        Some(found) => schema.steps_from(found).ok_or_else(|| schema.unfit(found))?,
    };
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    // PRAGMA takes no parameters; these are numbers of ours.
    let marks = format!(
        "PRAGMA application_id = {}; PRAGMA user_version = {}",
        schema.application_id,
        schema.version()
    );
    sqlx::raw_sql(AssertSqlSafe(marks)).execute(&mut *transaction).await?;
    transaction.commit().await?;
    if let Some(found) = found {
        tracing::info!(from = found, to = schema.version(), "{} was brought forward", schema.name);
    }
    Ok(found)
}

/// Refuses every version but today's, for whoever only reads.
///
/// # Errors
///
/// If the file is not ours, is of another version, or cannot be read.
pub async fn check(connection: &mut SqliteConnection, schema: &Schema) -> Result<(), Unfit> {
    match version(connection, schema).await? {
        found if found == schema.version() => Ok(()),
        found => Err(schema.unfit(found)),
    }
}

/// The version of a file that is ours.
async fn version(connection: &mut SqliteConnection, schema: &Schema) -> Result<i64, Unfit> {
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    if application == i64::from(schema.application_id) {
        return Ok(version);
    }
    let Some(Unmarked { last, table }) = schema.unmarked.filter(|_| application == 0) else {
        return Err(Unfit::Foreign);
    };
    let has_table: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)")
            .bind(table)
            .fetch_one(connection)
            .await?;
    if has_table && (1..=last).contains(&version) { Ok(version) } else { Err(Unfit::Foreign) }
}
