//! Whether what a database confirms is on disk.

use sqlx::PgConnection;

/// Why what a database confirms may be lost.
#[derive(Debug, thiserror::Error)]
pub enum NotDurable {
    #[error(
        "the database has `{setting} = {value}`, so that what it confirms may be lost; set it to `on` (ALTER SYSTEM, or ALTER ROLE for ours)"
    )]
    Setting { setting: &'static str, value: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The settings by which a confirmed transaction is on disk, and the values under which it is not
/// (postgresql.org/docs, "Write Ahead Log": `synchronous_commit`, `fsync`).
const SETTINGS: [(&str, &str); 2] = [(FOR_A_SESSION, "off"), ("fsync", "off")];
/// The one that a session may have for itself: what was found is kept, whatever is set for others later.
const FOR_A_SESSION: &str = "synchronous_commit";

/// Refuses a database that confirms what is not on disk yet. Of what is set for all sessions, which is `fsync`, whoever writes
/// asks again.
///
/// # Errors
///
/// If it does so, or cannot be asked.
pub async fn ensure_durable(connection: &mut PgConnection) -> Result<(), NotDurable> {
    for (setting, loses) in SETTINGS {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut *connection)
            .await?;
        if value == loses {
            return Err(NotDurable::Setting { setting, value });
        }
        if setting == FOR_A_SESSION {
            sqlx::query("SELECT set_config($1, $2, false)")
                .bind(setting)
                .bind(value)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}
