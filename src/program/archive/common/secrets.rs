//! Sealed secrets in the database: the rows.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::PgConnection;

use crate::program::archive::ArchiveError;
use crate::shared::database::postgres::server_now;

use super::{Common, connect};

/// Takes turns among nodes that begin: "Mlsc" as a number.
const TURN: i64 = 0x4d6c_7363;
/// How often a node asks whether it is its turn, and how long it waits between, in milliseconds: for five minutes, in which
/// another makes all keys there are.
const TURN_ASKED_MAX: u32 = 1_200;
const TURN_ASKED_MS: u64 = 250;

/// A secret as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretRow {
    pub(super) version: i64,
    pub(super) sealed: Vec<u8>,
}

/// The turn of a node that begins. It ends with this.
pub(super) struct Turn {
    _lock: PgConnection,
}

impl Common {
    /// Waits until no other node begins.
    pub(super) async fn turn(&self) -> Result<Turn, ArchiveError> {
        let mut lock = connect(&self.address).await.map_err(ArchiveError::Common)?;
        for _ in 0..TURN_ASKED_MAX {
            let asked =
                sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(TURN).fetch_one(&mut lock).await;
            if asked.map_err(ArchiveError::Common)? {
                return Ok(Turn { _lock: lock });
            }
            tokio::time::sleep(Duration::from_millis(TURN_ASKED_MS)).await;
        }
        Err(ArchiveError::Common(super::late()))
    }

    /// Which version each secret has.
    pub(super) async fn secret_versions(&self) -> Result<BTreeMap<String, i64>, ArchiveError> {
        self.ask(&self.others, async |connection| {
            let rows: Vec<(String, i64)> =
                sqlx::query_as("SELECT name, version FROM secrets").fetch_all(connection).await?;
            Ok(rows.into_iter().collect())
        })
        .await
    }

    pub(super) async fn secret(&self, name: &str) -> Result<Option<SecretRow>, ArchiveError> {
        self.ask(&self.others, async |connection| {
            let row = sqlx::query_as("SELECT version, sealed FROM secrets WHERE name = $1").bind(name);
            let row: Option<(i64, Vec<u8>)> = row.fetch_optional(connection).await?;
            Ok(row.map(|(version, sealed)| SecretRow { version, sealed }))
        })
        .await
    }

    /// The version of what is put there next: higher than `last` and, by the database's clock, than any that was ever given
    /// out, also where the database was restored and knows nothing of those.
    pub(super) async fn next_secret_version(&self, last: i64) -> Result<i64, ArchiveError> {
        let next = concat!("SELECT GREATEST($1 + 1, ", server_now!(), ")");
        self.ask(&self.others, async |connection| {
            sqlx::query_scalar(next).bind(last).fetch_one(connection).await
        })
        .await
    }

    /// Puts a secret there as version `next` where `before` is there, 0 where none is. False: meanwhile another did.
    pub(super) async fn put_secret(
        &self,
        name: &str,
        (before, next): (i64, i64),
        sealed: &[u8],
    ) -> Result<bool, ArchiveError> {
        let statement = match before {
            0 => {
                "INSERT INTO secrets (name, version, sealed) SELECT $1, $3, $4 WHERE $2 = 0::bigint ON CONFLICT DO NOTHING"
            }
            _ => "UPDATE secrets SET version = $3, sealed = $4 WHERE name = $1 AND version = $2",
        };
        self.ask(&self.others, async |connection| {
            let put = sqlx::query(statement).bind(name).bind(before).bind(next).bind(sealed);
            Ok(put.execute(connection).await?.rows_affected() > 0)
        })
        .await
    }
}
