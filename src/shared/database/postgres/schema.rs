//! The versions of a schema.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// What the tables of one purpose hold, and how they came to that. Several purposes share a database, each in a schema of
/// PostgreSQL's own of its name.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The name of the schema: letters and `_` alone.
    pub name: &'static str,
    /// Makes all of today's version in an empty schema, which is the first of the search path.
    pub tables: &'static str,
    /// What makes of version `n + 1` one of `n + 2`: the first is for version 1. So today's version follows.
    pub steps: &'static [&'static str],
}

impl Schema {
    /// Today's version.
    pub const fn version(&self) -> i64 {
        self.steps.len() as i64 + 1
    }

    fn steps_from(&self, found: i64) -> Option<&'static [&'static str]> {
        let first = usize::try_from(found).ok()?.checked_sub(1)?;
        self.steps.get(first..).filter(|steps| !steps.is_empty())
    }
}

/// Why tables cannot be used as they are.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Something of that name is there, and is not ours.
    #[error("it has a schema `{0}` that is not ours; take another database, or another name for that schema")]
    Foreign(&'static str),
    /// A later version of the program made them.
    #[error(
        "its schema `{name}` has version {found}, and this program knows {known}; run the version that made it, or a later one"
    )]
    Newer { name: &'static str, found: i64, known: i64 },
    /// An earlier version of the program made them, and whoever reads does not write.
    #[error(
        "its schema `{name}` has version {found}, and this program reads {known}; bring it forward by a start"
    )]
    Older { name: &'static str, found: i64, known: i64 },
    /// There is nothing yet, and whoever reads does not write.
    #[error("it has no schema `{0}` yet")]
    Missing(&'static str),
    /// PostgreSQL's own complaint.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Takes turns among all who bring schemas forward in a database: "Mlsy" as a number.
const TURN: i64 = 0x4d6c_7379;

/// Makes the tables where there are none, or brings an earlier version forward, in one transaction, of which only one goes
/// on at a time; afterwards the connection finds these tables first. Gives the version that was brought forward, if one was.
///
/// # Errors
///
/// If the tables are not ours, are of a later version, or cannot be written.
pub async fn ensure(connection: &mut PgConnection, schema: &Schema) -> Result<Option<i64>, Unfit> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(TURN).execute(&mut *transaction).await?;
    let found = version(&mut transaction, schema).await?;
    let steps = match found {
        None => &[schema.tables][..],
        Some(found) if found == schema.version() => &[],
        Some(found) => schema.steps_from(found).ok_or(Unfit::Newer {
            name: schema.name,
            found,
            known: schema.version(),
        })?,
    };
    if found.is_none() {
        let make = format!(
            "CREATE SCHEMA {0}; CREATE TABLE {0}.version (number bigint NOT NULL); INSERT INTO {0}.version VALUES (0)",
            schema.name
        );
        sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut *transaction).await?;
    }
    use_first(&mut transaction, schema).await?;
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    if !steps.is_empty() {
        sqlx::query("UPDATE version SET number = $1")
            .bind(schema.version())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    match found {
        Some(found) if !steps.is_empty() => {
            tracing::info!(
                from = found,
                to = schema.version(),
                "the schema `{}` was brought forward",
                schema.name
            );
            Ok(Some(found))
        }
        _ => Ok(None),
    }
}

/// Refuses every version but today's, for whoever only reads or is one of many; afterwards the connection finds these
/// tables first.
///
/// # Errors
///
/// If the tables are not there, not ours, of another version, or cannot be read.
pub async fn check(connection: &mut PgConnection, schema: &Schema) -> Result<(), Unfit> {
    let (name, known) = (schema.name, schema.version());
    match version(connection, schema).await? {
        None => Err(Unfit::Missing(name)),
        Some(found) if found == known => Ok(use_first(connection, schema).await?),
        Some(found) if found < known => Err(Unfit::Older { name, found, known }),
        Some(found) => Err(Unfit::Newer { name, found, known }),
    }
}

async fn use_first(connection: &mut PgConnection, schema: &Schema) -> sqlx::Result<()> {
    sqlx::query("SELECT set_config('search_path', $1, false)")
        .bind(format!("{}, public", schema.name))
        .execute(connection)
        .await
        .map(|_| ())
}

/// The version that the tables have; none where there are none.
async fn version(connection: &mut PgConnection, schema: &Schema) -> Result<Option<i64>, Unfit> {
    let there: bool = sqlx::query_scalar("SELECT to_regnamespace($1) IS NOT NULL")
        .bind(schema.name)
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(None);
    }
    let ours: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(format!("{}.version", schema.name))
        .fetch_one(&mut *connection)
        .await?;
    if !ours {
        return Err(Unfit::Foreign(schema.name));
    }
    let version = format!("SELECT number FROM {}.version", schema.name);
    Ok(Some(sqlx::query_scalar(AssertSqlSafe(version)).fetch_one(connection).await?))
}
