//! What servers showed, shared by all workers: an address is asked by one of them at a time, and the next finds what the
//! first has seen.

use std::collections::BTreeMap;
use std::net::IpAddr;

use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;
use sqlx::{PgPool, Row};
use tokio::sync::{mpsc, oneshot};

use crate::receiving::places::{Gate, Place};
use crate::receiving::scan::{Certificates, Held, Seen, Shelf};
use crate::receiving::survey::store::OTHERS_MAX;
use crate::receiving::survey::store::packed::{pack, unpack};
use crate::shared::evidence::scan::{Depth, Server};

/// How many servers, and doors that are to be opened behind them, wait to be written; what is beyond is not shared.
const UNWRITTEN_MAX: usize = 1024;
/// How many are written in one transaction.
const BATCH: usize = 64;
/// How often a batch is written that the database gives up for another worker's.
const TRIES_MAX: u32 = 5;

/// The shelf of a worker.
pub(super) struct Shared {
    pool: PgPool,
    gate: Gate,
    writes: mpsc::Sender<Write>,
}

enum Write {
    Keep(Box<Seen>, Depth),
    /// The door of an address whose evidence stands before this.
    Open(Place),
    Flush(oneshot::Sender<sqlx::Result<()>>),
}

/// Keeps other workers from an address. What was seen there is written before the next may look.
struct Door {
    place: Option<Place>,
    writes: mpsc::Sender<Write>,
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            // Where it cannot wait it opens at once.
            let _ = self.writes.try_send(Write::Open(place));
        }
    }
}

impl Shared {
    pub(super) fn new(pool: PgPool, gate: Gate) -> Self {
        let (writes, to_write) = mpsc::channel(UNWRITTEN_MAX);
        tokio::spawn(write(pool.clone(), to_write));
        Self { pool, gate, writes }
    }

    /// Ends when all is written that was kept so far.
    pub(super) async fn flush(&self) -> sqlx::Result<()> {
        let (written, answer) = oneshot::channel();
        match self.writes.send(Write::Flush(written)).await {
            Ok(()) => answer.await.unwrap_or(Err(sqlx::Error::PoolClosed)),
            Err(_) => Err(sqlx::Error::PoolClosed),
        }
    }
}

impl Shelf for Shared {
    fn seen<'a>(&'a self, ip: IpAddr, host: &'a str, depth: Depth) -> BoxFuture<'a, Vec<Seen>> {
        Box::pin(async move {
            // Whoever does not find it asks the server again.
            seen(&self.pool, ip, host, depth)
                .await
                .inspect_err(|error| tracing::warn!(%error, "what is known of a server does not read"))
                .unwrap_or_default()
        })
    }

    fn keep(&self, seen: Seen, depth: Depth) {
        let _ = self.writes.try_send(Write::Keep(Box::new(seen), depth));
    }

    fn door(&self, ip: IpAddr) -> BoxFuture<'_, Held> {
        Box::pin(async move {
            let place = self.gate.place(&format!("address {ip}"), 1).await;
            Box::new(Door { place: Some(place), writes: self.writes.clone() }) as Held
        })
    }
}

/// Writes what comes, in its order, as long as anybody may send.
async fn write(pool: PgPool, mut writes: mpsc::Receiver<Write>) {
    let mut batch = Vec::new();
    while writes.recv_many(&mut batch, BATCH).await > 0 {
        let written = keep_all(&pool, &batch).await;
        if let Err(error) = &written {
            tracing::warn!(%error, "what servers showed is not kept");
        }
        let mut failed = written.err();
        for write in batch.drain(..) {
            match write {
                Write::Keep(..) => {}
                Write::Open(place) => drop(place),
                Write::Flush(answer) => {
                    let _ = answer.send(failed.take().map_or(Ok(()), Err));
                }
            }
        }
    }
}

/// Writes a batch, once more where the database gave it up for another's.
async fn keep_all(pool: &PgPool, batch: &[Write]) -> sqlx::Result<()> {
    let kept: Vec<_> = batch
        .iter()
        .filter_map(|write| match write {
            Write::Keep(seen, depth) => Some((seen.as_ref(), *depth)),
            Write::Open(_) | Write::Flush(_) => None,
        })
        .collect();
    if kept.is_empty() {
        return Ok(());
    }
    let mut tries = 1;
    loop {
        match keep_once(pool, &kept).await {
            Err(error) if is_given_up(&error) && tries < TRIES_MAX => tries += 1,
            done => return done,
        }
    }
}

/// Whether the database ended a transaction since two waited for each other, or could not be put in an order: 40P01 and 40001
/// (postgresql.org/docs, "PostgreSQL Error Codes"). Nothing of it is written then.
fn is_given_up(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40P01" | "40001"))
}

/// Writes in one order, whatever the batch: first the certificates of all by their digests, then the servers by their keys. So two
/// workers who write the same ones do not wait for each other.
async fn keep_once(pool: &PgPool, kept: &[(&Seen, Depth)]) -> sqlx::Result<()> {
    let mut certificates = BTreeMap::new();
    let mut servers = BTreeMap::new();
    for (seen, depth) in kept {
        let (server, ders) = seen;
        certificates.extend(ders);
        // Of two looks at the same the later one stands.
        servers.insert((server.ip.to_string(), &server.host, *depth == Depth::Full), seen);
    }
    let mut changes = pool.begin().await?;
    for (sha256, der) in certificates {
        sqlx::query("INSERT INTO certificates (sha256, der) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(sha256)
            .bind(der.as_ref())
            .execute(&mut *changes)
            .await?;
    }
    for ((ip, host, whole), (server, ders)) in servers {
        let packed = pack(&(server, ders.keys().collect::<Vec<_>>())).map_err(sqlx::Error::Io)?;
        sqlx::query(
            "INSERT INTO servers (ip, host, whole, at, own, server) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (ip, host, whole) DO UPDATE SET at = excluded.at, own = excluded.own, server = excluded.server",
        )
        .bind(ip)
        .bind(host)
        .bind(whole)
        .bind(server.at.as_microsecond())
        .bind(server.probed_as.is_none())
        .bind(packed)
        .execute(&mut *changes)
        .await?;
    }
    changes.commit().await
}

/// What is kept of an address: under the name first, then under others that have probes of their own.
async fn seen(pool: &PgPool, ip: IpAddr, host: &str, depth: Depth) -> sqlx::Result<Vec<Seen>> {
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT server FROM servers WHERE ip = $1 AND (host = $2 OR own) AND (whole OR NOT $3)
         ORDER BY host = $2 DESC, at DESC LIMIT $4",
    )
    .bind(ip.to_string())
    .bind(host)
    .bind(depth == Depth::Full)
    .bind(1 + OTHERS_MAX)
    .fetch_all(pool)
    .await?;
    let mut all = Vec::new();
    for packed in rows {
        let (server, sha256s): (Server, Vec<String>) = unpack(&packed).map_err(sqlx::Error::Io)?;
        let ders = sqlx::query("SELECT sha256, der FROM certificates WHERE sha256 = ANY ($1)").bind(&sha256s);
        let mut certificates = Certificates::new();
        for row in ders.fetch_all(pool).await? {
            let (sha256, der): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            certificates.insert(sha256, CertificateDer::from(der));
        }
        all.push((server, certificates));
    }
    Ok(all)
}
