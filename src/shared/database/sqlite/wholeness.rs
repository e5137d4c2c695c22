//! Whether a file is whole.

use sqlx::{AssertSqlSafe, Row, SqliteConnection};

/// What is wrong with a file as SQLite sees it, at most so many sentences of its own; none: it is whole. It reads all of
/// it, a minute for some GiB.
///
/// # Errors
///
/// If it cannot be read at all.
pub async fn faults(connection: &mut SqliteConnection, at_most: usize) -> sqlx::Result<Vec<String>> {
    let check = format!("PRAGMA integrity_check({})", at_most.max(1));
    let said: Vec<String> = sqlx::query_scalar(AssertSqlSafe(check)).fetch_all(&mut *connection).await?;
    let mut faults: Vec<String> = said.into_iter().filter(|said| said != "ok").collect();
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(connection).await?;
    for row in dangling.iter().take(at_most.saturating_sub(faults.len())) {
        let (table, other): (String, String) = (row.try_get(0)?, row.try_get(2)?);
        faults.push(format!("a row of `{table}` names one of `{other}` that is not there"));
    }
    Ok(faults)
}
