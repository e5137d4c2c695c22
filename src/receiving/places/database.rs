//! Places that the nodes of a service share in its database, which may be away at times.

use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::Connection;
use tokio::sync::watch;
use tokio::time::sleep;

use super::gate::{Gate, key, within};
use super::port::{Places, Sign};
use crate::receiving::scan::Held;
use crate::shared::database::postgres::Address;

/// How long after a session was lost, or was not to be had, another one is opened, in seconds.
const REOPEN_S: u64 = 5;

/// The places of a database. While there is no session everybody is let through: what a process counts by itself it counts
/// all the same.
pub struct DatabasePlaces {
    address: Address,
    gate: watch::Sender<Option<Gate>>,
}

impl DatabasePlaces {
    /// Those of a database that nobody has a session with yet.
    pub fn new(address: Address) -> Self {
        Self { address, gate: watch::Sender::new(None) }
    }

    /// Opens the first session.
    ///
    /// # Errors
    ///
    /// If the database does not let us in.
    pub async fn open(&self) -> sqlx::Result<()> {
        self.gate.send_replace(Some(Gate::open(&self.address).await?));
        Ok(())
    }

    /// Whether somebody has the first place of a sign in this database: so it is seen that two addresses are of one.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    pub async fn is_taken(&self, sign: &Sign) -> Result<bool, String> {
        let mut session = self.address.connect().await.map_err(|error| error.to_string())?;
        let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key(&sign.to_string(), 0));
        let is_free: bool = within(lock.fetch_one(&mut session)).await?;
        // With the session the lock ends.
        within(session.close()).await?;
        Ok(!is_free)
    }

    /// Keeps a session open for as long as this is asked on. That there is none is told once each time.
    pub async fn keep(&self) {
        let mut is_told = false;
        loop {
            let gate = self.gate.borrow().clone();
            let why = match gate {
                Some(gate) => {
                    if is_told {
                        tracing::info!(database = %self.address, "an operator's places are shared again");
                        is_told = false;
                    }
                    gate.lost().await
                }
                None => match self.open().await {
                    Ok(()) => continue,
                    Err(error) => error.to_string(),
                },
            };
            self.gate.send_replace(None);
            if !is_told {
                // A survey and a check log only errors.
                tracing::error!(
                    %why, database = %self.address,
                    "an operator's places are not shared with other nodes, so that each shows it two connections at a \
                     time; it is tried again"
                );
                is_told = true;
            }
            sleep(Duration::from_secs(REOPEN_S)).await;
        }
    }
}

impl Places for DatabasePlaces {
    fn take<'a>(&'a self, sign: &'a Sign, of: u8) -> BoxFuture<'a, Held> {
        Box::pin(async move {
            let gate = self.gate.borrow().clone();
            let Some(gate) = gate else { return Box::new(()) as Held };
            tokio::select! {
                place = gate.take(sign, of) => place,
                _ = gate.lost() => Box::new(()) as Held,
            }
        })
    }
}
