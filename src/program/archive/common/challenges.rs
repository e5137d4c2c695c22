//! What a CA is to be answered by every name server of ours (RFC 8555 §8.4), and which nodes do so already.

use std::collections::BTreeMap;

use crate::program::archive::ArchiveError;
use crate::shared::database::postgres::server_now;

use super::Common;

/// The texts for each domain, without the label that they lie below.
pub type Answers = BTreeMap<String, Vec<String>>;

/// A node that said nothing for so long answers nobody, in microseconds.
const GONE_US: i64 = 15_000_000;

const SET: &str = "UPDATE challenges SET version = version + 1, answers = $1 RETURNING version";
const FOLLOW: &str = concat!(
    "INSERT INTO answering (node, version, seen_at) VALUES ($1, $2, ",
    server_now!(),
    ") ON CONFLICT (node) DO UPDATE SET version = excluded.version, seen_at = excluded.seen_at"
);
/// Whoever asks is waited for in any case. A time that is to come is that of a clock that was set back since.
const BEHIND: &str = concat!(
    "SELECT node FROM answering WHERE version < $1 AND node <> $2 AND seen_at > ",
    server_now!(),
    " - $3 AND seen_at < ",
    server_now!(),
    " + $3 UNION SELECT $2 WHERE NOT EXISTS (SELECT FROM answering WHERE node = $2 AND version >= $1) ORDER BY 1"
);

impl Common {
    /// Has the name servers of all nodes give these answers, and no others. Gives the version by which they are known.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn set_answers(&self, answers: &Answers) -> Result<i64, ArchiveError> {
        let text = serde_json::to_string(answers).unwrap_or_default();
        self.ask(&self.others, async |connection| {
            sqlx::query_scalar(SET).bind(text).fetch_one(connection).await
        })
        .await
    }

    /// What is to be answered now, and its version.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn answers(&self) -> Result<(i64, Answers), ArchiveError> {
        self.ask(&self.others, async |connection| {
            let row = sqlx::query_as("SELECT version, answers FROM challenges").fetch_one(connection);
            let (version, text): (i64, String) = row.await?;
            let answers = serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))?;
            Ok((version, answers))
        })
        .await
    }

    /// Says that a node lives and gives the answers of this version.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn follows_answers(&self, node: &str, version: i64) -> Result<(), ArchiveError> {
        self.ask(&self.others, async |connection| {
            sqlx::query(FOLLOW).bind(node).bind(version).execute(connection).await.map(drop)
        })
        .await
    }

    /// The nodes that live and do not give the answers of this version yet, also `own` where it does not.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn behind_answers(&self, version: i64, own: &str) -> Result<Vec<String>, ArchiveError> {
        self.ask(&self.others, async |connection| {
            let behind = sqlx::query_scalar(BEHIND).bind(version).bind(own).bind(GONE_US);
            behind.fetch_all(connection).await
        })
        .await
    }
}
