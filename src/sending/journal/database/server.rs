//! A journal on a server of PostgreSQL, which several nodes share.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Executor, PgConnection};

use crate::shared::database::postgres::{Address, NotDurable, Schema, Unfit, check, ensure, ensure_durable};

use super::connection::Connection;
use super::error::OpenError;

/// What a journal holds there.
pub const SERVER_SCHEMA: Schema =
    Schema { name: "journal", tables: include_str!("postgres.sql"), steps: &[] };

/// How long it may take until a server has let us in, in seconds.
const CONNECT_S: u64 = 5;
/// By this name a node that wrote tells the others.
pub(in crate::sending::journal) const CHANNEL: &str = "mailassay_journal";
/// No session that was cut off may hold up the others' turn for longer than a mail waits.
const MANNERS: &str = "SET idle_in_transaction_session_timeout = '20s'; SET lock_timeout = '20s'; \
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
    SET client_min_messages = warning";

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
        let late = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer"));
        tokio::time::timeout(Duration::from_secs(CONNECT_S), connecting).await.map_err(late)?
    }

    /// A connection for whoever writes: the tables are made or brought forward, and what is confirmed is on disk.
    pub(in crate::sending::journal) async fn to_write(&self) -> Result<Connection, NotConnected> {
        let mut connection = self.connect().await?;
        ensure_durable(&mut connection).await?;
        ensure(&mut connection, &SERVER_SCHEMA).await?;
        Ok(Connection::Server(Box::new(connection)))
    }

    /// A connection for whoever reads.
    pub(in crate::sending::journal) async fn to_read(&self) -> Result<Connection, NotConnected> {
        let mut connection = self.connect().await?;
        check(&mut connection, &SERVER_SCHEMA).await?;
        Ok(Connection::Server(Box::new(connection)))
    }

    /// Hears of what nodes write.
    pub(in crate::sending::journal) async fn listen(&self) -> sqlx::Result<PgListener> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(CONNECT_S))
            .connect_lazy_with(self.0.options().clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    /// Why it cannot be opened.
    pub(in crate::sending::journal) fn failed(&self, why: NotConnected) -> OpenError {
        OpenError::Server { address: self.0.to_string(), reason: why.to_string() }
    }
}
