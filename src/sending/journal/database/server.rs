//! A journal on a server of PostgreSQL, which several nodes share.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Executor, PgConnection};

use crate::shared::database::postgres::{Address, NotDurable, Schema, Unfit, check, ensure, ensure_durable};

use super::connection::{Connection, silent};
use super::error::OpenError;

/// What a journal holds there.
pub const SERVER_SCHEMA: Schema =
    Schema { name: "journal", tables: include_str!("postgres.sql"), steps: &[FROM_V1] };

/// None of the nodes that joined before is waited for: they know nothing of it.
const FROM_V1: &str = "ALTER TABLE nodes ADD COLUMN joins bigint NOT NULL DEFAULT 0, \
    ADD COLUMN has_left bigint NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1)); UPDATE nodes SET has_left = 1";

/// How long it may take until a server has let us in, in seconds.
const CONNECT_S: u64 = 5;
/// How long a statement of whoever reads may take, in seconds. A host that falls silent ends no connection.
const READ_S: u64 = 10;
/// The same for whoever writes, who may have to wait for a turn: longer than `lock_timeout`.
const WRITE_S: u64 = 25;
/// How long nobody has to write until it is asked whether whoever would tell of it still lives, in seconds.
const QUIET_S: u64 = 30;
/// By this name a node that wrote tells the others.
pub(in crate::sending::journal) const CHANNEL: &str = "mailassay_journal";
/// No session that was cut off may hold up the others' turn for longer than a mail waits.
const MANNERS: &str = "SET idle_in_transaction_session_timeout = '20s'; SET lock_timeout = '20s'; \
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
    SET tcp_user_timeout = '20s'; \
    SET client_min_messages = warning; SET default_transaction_isolation = 'read committed'";

/// Where a journal is.
#[derive(Clone, Debug)]
pub(in crate::sending::journal) struct Server(pub(in crate::sending::journal) Address);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(in crate::sending::journal) enum NotConnected {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error(transparent)]
    NotDurable(#[from] NotDurable),
}

impl Server {
    async fn connect(&self) -> sqlx::Result<PgConnection> {
        let connecting = async {
            let mut connection = self.0.connect().await?;
            connection.execute(sqlx::raw_sql(MANNERS)).await?;
            Ok(connection)
        };
        tokio::time::timeout(Duration::from_secs(CONNECT_S), connecting).await.map_err(|_| silent())?
    }

    /// A connection for whoever writes: the tables are made or brought forward, and what is confirmed is on disk.
    pub(in crate::sending::journal) async fn to_write(&self) -> Result<Connection, NotConnected> {
        let mut connection = self.connect().await?;
        ensure_durable(&mut connection).await?;
        ensure(&mut connection, &SERVER_SCHEMA).await?;
        Ok(Connection::to_server(connection, Duration::from_secs(WRITE_S)))
    }

    /// A connection for whoever reads.
    pub(in crate::sending::journal) async fn to_read(&self) -> Result<Connection, NotConnected> {
        let mut connection = self.connect().await?;
        let checked =
            tokio::time::timeout(Duration::from_secs(CONNECT_S), check(&mut connection, &SERVER_SCHEMA));
        checked.await.map_err(|_| silent())??;
        Ok(Connection::to_server(connection, Duration::from_secs(READ_S)))
    }

    /// Calls whenever a node may have written, until the connection is lost or the server falls silent.
    pub(in crate::sending::journal) async fn listen(&self, written: impl Fn()) -> sqlx::Result<()> {
        let in_time = Duration::from_secs(CONNECT_S);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(in_time)
            .connect_lazy_with(self.0.options().clone());
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await.map(|()| listener)
        };
        let mut listener = tokio::time::timeout(in_time, listening).await.map_err(|_| silent())??;
        loop {
            match tokio::time::timeout(Duration::from_secs(QUIET_S), listener.recv()).await {
                Ok(heard) => drop(heard?),
                Err(_) => {
                    let lives = sqlx::query("SELECT 1").execute(&mut listener);
                    tokio::time::timeout(in_time, lives).await.map_err(|_| silent())??;
                }
            }
            written();
        }
    }

    /// Why it cannot be opened.
    pub(in crate::sending::journal) fn failed(&self, why: NotConnected) -> OpenError {
        OpenError::Server { address: self.0.to_string(), reason: why.to_string() }
    }
}
