//! Places in a database, for as long as one session lasts: at an operator two, at an address one.
//!
//! A place is an advisory lock of a session (postgresql.org/docs, "Advisory Locks"): it is gone with the session, however a
//! process ends. One session holds all places of a process, and asks for many at a time, so that the way to the database
//! costs little. A session may take its own lock again, so that this process keeps apart by itself what it holds.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::port::{Places, Sign};
use super::turns::{POLL_MS, Turns};
use crate::receiving::scan::Held;
use crate::shared::database::postgres::Address;

/// How long the session may be silent before it is tried, in seconds: so long a worker may not know that its places are others'.
const SILENT_S: u64 = 1;
/// How long opening the session and each statement may take before the session counts as lost, in seconds.
const STATEMENT_S: u64 = 10;
/// What is said where it does not answer as it is opened.
const SILENT: &str = "the database does not answer";
/// So that the server, too, lets go of a worker whose host is gone: after 25 seconds of silence.
const SESSION: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// The door to the places.
#[derive(Clone)]
pub struct Gate {
    asks: mpsc::UnboundedSender<Ask>,
    lost: watch::Receiver<Option<String>>,
}

/// A place that is held until this is dropped.
pub struct Place {
    key: i64,
    asks: mpsc::UnboundedSender<Ask>,
}

enum Ask {
    Take(Wanted),
    Leave(i64),
}

struct Wanted {
    name: String,
    keys: Vec<i64>,
    reply: oneshot::Sender<Place>,
    not_before: Instant,
}

impl Gate {
    /// Opens the session.
    ///
    /// # Errors
    ///
    /// If the database does not let it in.
    pub async fn open(address: &Address) -> sqlx::Result<Self> {
        let silent = |_| sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, SILENT));
        let opening = timeout(Duration::from_secs(STATEMENT_S), session(address));
        let session = opening.await.map_err(silent)??;
        let (asks, asked) = mpsc::unbounded_channel();
        let (losing, lost) = watch::channel(None);
        let keeper = Keeper {
            session,
            asks: asks.downgrade(),
            held: HashMap::new(),
            waiting: Vec::new(),
            turns: Turns::default(),
        };
        tokio::spawn(async move {
            if let Err(why) = keeper.run(asked).await {
                // Nobody may be left who hears it.
                let _ = losing.send(Some(why));
            }
        });
        Ok(Self { asks, lost })
    }

    /// Waits for one of `of` places.
    pub async fn place(&self, name: &str, of: u8) -> Place {
        let keys = (0..of.max(1)).map(|nth| key(name, nth)).collect();
        let (reply, given) = oneshot::channel();
        let wanted = Wanted { name: name.to_owned(), keys, reply, not_before: Instant::now() };
        let asked = self.asks.send(Ask::Take(wanted));
        match (asked, given.await) {
            (Ok(()), Ok(place)) => place,
            // The session is lost, which `lost` tells: nobody goes on.
            _ => std::future::pending().await,
        }
    }

    /// Ends once the session is lost, with the reason: what was held may be others' from then on.
    pub async fn lost(&self) -> String {
        let mut lost = self.lost.clone();
        let why = lost.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        why.unwrap_or_else(|| "it ended".to_owned())
    }
}

impl Places for Gate {
    fn take<'a>(&'a self, sign: &'a Sign, of: u8) -> BoxFuture<'a, Held> {
        Box::pin(async move { Box::new(self.place(&sign.to_string(), of).await) as Held })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Without a keeper there is no session, and no place.
        let _ = self.asks.send(Ask::Leave(self.key));
    }
}

async fn session(address: &Address) -> sqlx::Result<PgConnection> {
    let mut session = address.connect().await?;
    sqlx::raw_sql(SESSION).execute(&mut session).await?;
    Ok(session)
}

/// A place as a number. All versions that scan beside each other have the same.
pub(super) fn key(name: &str, nth: u8) -> i64 {
    let digest = Sha256::new().chain_update("mailassay survey\0").chain_update(name).chain_update([0, nth]);
    let digest = digest.finalize();
    i64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
}

/// Who has the session.
struct Keeper {
    session: PgConnection,
    asks: mpsc::WeakUnboundedSender<Ask>,
    /// The places that this worker has, with their names.
    held: HashMap<i64, String>,
    waiting: Vec<Wanted>,
    turns: Turns,
}

impl Keeper {
    /// Until nobody can ask any more, or the session is lost.
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask>) -> Result<(), String> {
        loop {
            let silent_until = Instant::now() + Duration::from_secs(SILENT_S);
            let next = self.waiting.iter().map(|wanted| wanted.not_before).min();
            let mut left = Vec::new();
            match timeout_at(next.unwrap_or(silent_until).min(silent_until), asked.recv()).await {
                Ok(Some(ask)) => self.hear(ask, &mut left),
                Ok(None) => return Ok(()),
                Err(_) if next.is_none() => self.try_session().await?,
                Err(_) => {}
            }
            while let Ok(ask) = asked.try_recv() {
                self.hear(ask, &mut left);
            }
            self.leave(left).await?;
            self.take().await?;
        }
    }

    fn hear(&mut self, ask: Ask, left: &mut Vec<i64>) {
        match ask {
            Ask::Take(wanted) => self.waiting.push(wanted),
            Ask::Leave(key) => left.push(key),
        }
    }

    async fn try_session(&mut self) -> Result<(), String> {
        within(self.session.ping()).await
    }

    async fn leave(&mut self, left: Vec<i64>) -> Result<(), String> {
        if left.is_empty() {
            return Ok(());
        }
        let unlock =
            sqlx::query("SELECT pg_advisory_unlock(key) FROM unnest($1::bigint[]) AS key").bind(&left);
        within(unlock.execute(&mut self.session)).await?;
        let now = Instant::now();
        for key in left {
            let Some(name) = self.held.remove(&key) else { continue };
            let not_before = self.turns.left(&name, now);
            let same = self.waiting.iter_mut().filter(|wanted| wanted.name == name);
            same.for_each(|wanted| wanted.not_before = not_before);
        }
        Ok(())
    }

    async fn take(&mut self) -> Result<(), String> {
        let now = Instant::now();
        self.waiting.retain(|wanted| !wanted.reply.is_closed());
        let mut chosen: HashSet<i64> = HashSet::new();
        let (mut tried, mut rest, mut ones, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for mut wanted in std::mem::take(&mut self.waiting) {
            wanted.not_before = wanted.not_before.max(self.turns.paused_until(&wanted.name, now));
            let is_free = |key: &&i64| !self.held.contains_key(*key) && !chosen.contains(*key);
            let free: Vec<i64> = wanted.keys.iter().filter(is_free).copied().collect();
            match (wanted.not_before <= now, free.as_slice()) {
                (true, [one, more @ ..]) => {
                    ones.push(*one);
                    others.push(*more.first().unwrap_or(one));
                    chosen.extend(&free);
                    tried.push(wanted);
                }
                (true, []) => {
                    wanted.not_before = now + Duration::from_millis(POLL_MS);
                    rest.push(wanted);
                }
                (false, _) => rest.push(wanted),
            }
        }
        self.waiting = rest;
        if tried.is_empty() {
            return Ok(());
        }
        // CASE looks at the second place only where the first is taken.
        let lock = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT CASE WHEN pg_try_advisory_lock(one) THEN one
                         WHEN other <> one AND pg_try_advisory_lock(other) THEN other END
             FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS wanted (one, other, nth) ORDER BY nth",
        );
        let given = within(lock.bind(ones).bind(others).fetch_all(&mut self.session)).await?;
        let now = Instant::now();
        for (mut wanted, key) in tried.into_iter().zip(given) {
            match (key, self.asks.upgrade()) {
                (Some(key), Some(asks)) => {
                    self.turns.taken(&wanted.name, now);
                    self.held.insert(key, wanted.name);
                    // Who went meanwhile drops it, and so leaves it.
                    let _ = wanted.reply.send(Place { key, asks });
                }
                (Some(_), None) => return Ok(()),
                (None, _) => {
                    wanted.not_before = now + Duration::from_millis(POLL_MS);
                    self.waiting.push(wanted);
                }
            }
        }
        Ok(())
    }
}

/// What a statement gives, if the database answers in time.
pub(super) async fn within<T>(statement: impl Future<Output = sqlx::Result<T>>) -> Result<T, String> {
    match timeout(Duration::from_secs(STATEMENT_S), statement).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the database did not answer for {STATEMENT_S} s")),
    }
}
