//! How a node says that it lives, and until when what it saw is in the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::sending::journal::database::{Connection, Server, query, server_now};

use super::{BEAT_S, BEAT_S_MAX};

/// How long facts may wait for their commit before others may not count on them, in seconds.
const UNWRITTEN_S: u64 = 3;

const LIVES: &str =
    concat!("UPDATE nodes SET seen_at = ", server_now!(), " WHERE number = $1 AND joins = $2");
/// From here on its facts are waited for; what it lost before is to be noted first.
const BEGINS: &str = concat!(
    "UPDATE nodes SET has_left = 0, seen_at = CASE WHEN $3 = 1 THEN seen_at ELSE ",
    server_now!(),
    " END WHERE number = $1 AND joins = $2"
);

/// Whether a node saw what is not in the journal yet, as its writer says.
#[derive(Default)]
pub(in crate::sending::journal) struct Owed {
    waits: AtomicBool,
    /// Since when a group is being written.
    since: Mutex<Option<Instant>>,
}

impl Owed {
    /// Says whether facts are held back, or some are missing of which that is not noted.
    pub(in crate::sending::journal) fn set(&self, waits: bool) {
        self.waits.store(waits, Ordering::Relaxed);
    }

    /// A group begins to be written, or is.
    pub(in crate::sending::journal) fn write(&self, is_writing: bool) {
        *self.since.lock() = is_writing.then(Instant::now);
    }

    fn is_any(&self) -> bool {
        let is_late = |since: Instant| since.elapsed() > Duration::from_secs(UNWRITTEN_S);
        self.waits.load(Ordering::Relaxed) || self.since.lock().is_some_and(is_late)
    }
}

/// The others wait for what this node sees from now on. `owes`: what it saw before is missing, and that is not noted yet.
pub(in crate::sending::journal) async fn begin_to_serve(
    connection: &mut Connection,
    (number, joins): (u16, i64),
    owes: bool,
) -> sqlx::Result<()> {
    query(BEGINS).bind(number).bind(joins).bind(owes).execute(connection).await.map(drop)
}

/// Says that a node lives, as long as it owes nothing. On a connection for this alone, which waits behind nothing else.
pub(in crate::sending::journal) async fn live(server: Server, (number, joins): (u16, i64), owed: Arc<Owed>) {
    let mut kept: Option<Connection> = None;
    loop {
        if !owed.is_any() {
            let saying = async {
                let mut connection = match kept.take() {
                    Some(connection) => connection,
                    None => server.to_read().await.ok()?,
                };
                query(LIVES).bind(number).bind(joins).execute(&mut connection).await.ok()?;
                Some(connection)
            };
            // One that failed is not asked again.
            kept = tokio::time::timeout(Duration::from_secs(BEAT_S_MAX), saying).await.ok().flatten();
        }
        tokio::time::sleep(Duration::from_secs(BEAT_S)).await;
    }
}
