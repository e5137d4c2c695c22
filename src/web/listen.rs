//! Accepting connections within limits, and HTTP/1.1 on one of them.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Settings;

/// How long to wait when the system has no descriptor left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`, each served by `serve` for at most its time, then lets those that are being
/// served end.
pub(super) async fn listen<F, Served>(
    listener: TcpListener,
    settings: &Settings,
    stop: CancellationToken,
    serve: F,
) where
    F: Fn(TcpStream, SocketAddr) -> Served,
    Served: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(settings.connections_max));
    let counts = Counts::default();
    let served = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else { continue };
        let Some(counted) = counts.enter(peer.ip(), settings.connections_per_address_max) else { continue };
        let work = serve(stream, peer);
        let limit = Duration::from_secs(u64::from(settings.connection_timeout_s));
        served.spawn(async move {
            // A connection that overstays is dropped; nothing hangs on it.
            let served = AssertUnwindSafe(tokio::time::timeout(limit, work)).catch_unwind().await;
            if served.is_err() {
                tracing::error!(%peer, "an HTTP connection panicked and ended alone; please report this with the lines above");
            }
            drop((place, counted));
        });
    }
    served.close();
    let drain = Duration::from_secs(u64::from(settings.drain_timeout_s));
    if tokio::time::timeout(drain, served.wait()).await.is_err() {
        tracing::info!(connections = served.len(), "connections were cut at the end of the service");
    }
}

/// Speaks HTTP/1.1 on `stream` until it ends. At `stop` the request that is being answered is the last.
pub(super) async fn http<I, S>(stream: I, settings: &Settings, stop: CancellationToken, service: S)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: HttpService<Incoming>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::ResBody: Body + 'static,
    <S::ResBody as Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(u64::from(settings.head_timeout_s)))
        .max_buf_size(settings.head_octets_max.max(8192))
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended badly");
    }
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that counts until it is dropped.
struct Counted {
    counts: Counts,
    address: IpAddr,
}

impl Counts {
    fn enter(&self, address: IpAddr, most: usize) -> Option<Counted> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted { counts: self.clone(), address })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}
