//! What nodes share besides their journal, in the database that it lies in: a schema of PostgreSQL's of its own. A service
//! whose journal is a file has none of this.

mod bundle;
mod challenges;
mod objections;
mod secrets;
mod sharing;
mod vault;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, Executor, PgConnection, PgPool, Postgres};

use crate::shared::database::postgres::{Address, Schema, Unfit, check, ensure, ensure_durable};

use super::{ArchiveError, OpenError};

pub use bundle::Place;
pub use challenges::Answers;
pub use sharing::{Beginning, NotShared, Sharing};
pub use vault::{SEALING_KEY_OCTETS, SealError, SealingKey};

/// What nodes share there.
pub const COMMON_SCHEMA: Schema = Schema { name: "common", tables: include_str!("tables.sql"), steps: &[] };

/// How many statements go on at the same time, of mail and of all else.
const CONNECTIONS_MAX: u32 = 2;
/// How long whoever asks waits for a connection and for the answer, in seconds each.
const ANSWER_S: u64 = 5;
/// How long it may take until a server has let us in, in seconds.
const CONNECT_S: u64 = 5;
/// What an answer waits for ends earlier there than here.
const MANNERS: &str =
    "SET statement_timeout = '4s'; SET lock_timeout = '4s'; SET client_min_messages = warning";

/// What nodes share besides their journal.
pub struct Common {
    address: Address,
    /// Of mail alone, which asks who objects: nobody else takes its place.
    mail: PgPool,
    others: PgPool,
}

impl Common {
    /// Joins those who share the database at `address`; the tables are made where there are none.
    ///
    /// # Errors
    ///
    /// If it cannot be reached or used. The error names it and says what to do.
    pub async fn join(address: &Address) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::Common { address: address.to_string(), reason };
        let mut connection = connect(address).await.map_err(|error| failed(error.to_string()))?;
        ensure_durable(&mut connection).await.map_err(|error| failed(error.to_string()))?;
        ensure(&mut connection, &COMMON_SCHEMA).await.map_err(|unfit| failed(unfit.to_string()))?;
        // The server sees by itself that it is gone.
        let _closed = connection.close().await;
        let pool = || {
            PgPoolOptions::new()
                .max_connections(CONNECTIONS_MAX)
                .acquire_timeout(Duration::from_secs(ANSWER_S))
                .after_connect(|connection, _| Box::pin(prepare(connection)))
                .connect_lazy_with(address.options().clone())
        };
        Ok(Self { address: address.clone(), mail: pool(), others: pool() })
    }

    /// Those of a journal at `address`; none of a journal in a file.
    ///
    /// # Errors
    ///
    /// If it cannot be reached or used. The error names it and says what to do.
    pub async fn of(address: Option<&Address>) -> Result<Option<Arc<Self>>, OpenError> {
        let Some(address) = address else { return Ok(None) };
        Self::join(address).await.map(|common| Some(Arc::new(common)))
    }

    /// Closes its connections.
    pub async fn close(&self) {
        self.mail.close().await;
        self.others.close().await;
    }

    async fn ask<T>(
        &self,
        pool: &PgPool,
        asking: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, ArchiveError> {
        // It is waited for within the limit of the pool.
        let mut connection: PoolConnection<Postgres> = pool.acquire().await.map_err(ArchiveError::Common)?;
        let limit = Duration::from_secs(ANSWER_S);
        match tokio::time::timeout(limit, asking(&mut connection)).await {
            Ok(answer) => answer.map_err(ArchiveError::Common),
            Err(_) => {
                // A host that is silent would be asked once more when it goes back, and keep its place until then.
                connection.close_on_drop();
                Err(ArchiveError::Common(late()))
            }
        }
    }
}

async fn connect(address: &Address) -> sqlx::Result<PgConnection> {
    let connected = tokio::time::timeout(Duration::from_secs(CONNECT_S), address.connect());
    connected.await.unwrap_or_else(|_| Err(late()))
}

async fn prepare(connection: &mut PgConnection) -> sqlx::Result<()> {
    connection.execute(sqlx::raw_sql(MANNERS)).await?;
    check(connection, &COMMON_SCHEMA).await.map_err(|unfit| match unfit {
        Unfit::Database(error) => error,
        unfit => sqlx::Error::Configuration(unfit.into()),
    })
}

fn late() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer"))
}
