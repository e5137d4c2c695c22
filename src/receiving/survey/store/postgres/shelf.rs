//! What servers showed, shared by all workers: an address is asked by one of them at a time, and the next finds what the
//! first has seen.

use std::net::IpAddr;

use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;
use sqlx::{PgConnection, PgPool, Row};
use tokio::sync::{mpsc, oneshot};

use super::gate::{Gate, Place};
use crate::receiving::scan::{Certificates, Held, Seen, Shelf};
use crate::receiving::survey::store::OTHERS_MAX;
use crate::receiving::survey::store::packed::{pack, unpack};
use crate::shared::evidence::scan::{Depth, Server};

/// How many servers, and doors that are to be opened behind them, wait to be written; what is beyond is not shared.
const UNWRITTEN_MAX: usize = 1024;
/// How many are written in one transaction.
const BATCH: usize = 64;

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

async fn keep_all(pool: &PgPool, batch: &[Write]) -> sqlx::Result<()> {
    let mut kept = batch.iter().filter_map(|write| match write {
        Write::Keep(seen, depth) => Some((seen, *depth)),
        _ => None,
    });
    let Some(first) = kept.next() else { return Ok(()) };
    let mut changes = pool.begin().await?;
    for (seen, depth) in [first].into_iter().chain(kept) {
        keep(&mut changes, seen, depth).await?;
    }
    changes.commit().await
}

async fn keep(connection: &mut PgConnection, seen: &Seen, depth: Depth) -> sqlx::Result<()> {
    let (server, certificates) = seen;
    // In the order of their digests, so that two workers who write the same ones do not wait for each other.
    for (sha256, der) in certificates {
        sqlx::query("INSERT INTO certificates (sha256, der) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(sha256)
            .bind(der.as_ref())
            .execute(&mut *connection)
            .await?;
    }
    let packed = pack(&(server, certificates.keys().collect::<Vec<_>>())).map_err(sqlx::Error::Io)?;
    sqlx::query(
        "INSERT INTO servers (ip, host, whole, at, own, server) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (ip, host, whole) DO UPDATE SET at = excluded.at, own = excluded.own, server = excluded.server",
    )
    .bind(server.ip.to_string())
    .bind(&server.host)
    .bind(depth == Depth::Full)
    .bind(server.at.as_microsecond())
    .bind(server.probed_as.is_none())
    .bind(packed)
    .execute(connection)
    .await?;
    Ok(())
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
