//! Accepting connections within limits, and HTTP/1.1 on one of them.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Settings;
use crate::sending::trial::{Place, Places};

/// How long to wait when the system has no descriptor left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`, each served by `serve` for at most its time, then lets those that are being
/// served end. Whoever serves one holds its place, and may give it back for one elsewhere. Proxies, behind which there are
/// many, count in all alone.
pub async fn listen<F, Served>(
    listener: TcpListener,
    settings: &Settings,
    places: &Places,
    stop: CancellationToken,
    serve: F,
) where
    F: Fn(TcpStream, SocketAddr, Place) -> Served,
    Served: Future<Output = ()> + Send + 'static,
{
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
        let place = match settings.is_trusted(peer.ip()) {
            true => places.enter_in_all(),
            false => places.enter(peer.ip()),
        };
        let Some(place) = place else { continue };
        let work = serve(stream, peer, place);
        let limit = Duration::from_secs(u64::from(settings.connection_timeout_s));
        served.spawn(async move {
            // A connection that overstays is dropped; nothing hangs on it.
            let served = AssertUnwindSafe(tokio::time::timeout(limit, work)).catch_unwind().await;
            if served.is_err() {
                tracing::error!(%peer, "an HTTP connection panicked and ended alone; please report this with the lines above");
            }
        });
    }
    served.close();
    let drain = Duration::from_secs(u64::from(settings.drain_timeout_s));
    if tokio::time::timeout(drain, served.wait()).await.is_err() {
        tracing::info!(connections = served.len(), "connections were cut at the end of the service");
    }
}

/// Speaks HTTP/1.1 on `stream` until it ends. At `stop`, and when there were as many as there
/// may be, the request that is being answered is the last.
pub async fn http<I, S, B>(stream: I, settings: &Settings, stop: CancellationToken, service: S)
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let service = Counting { service, left: AtomicUsize::new(settings.requests_max) };
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

/// A service whose last answer on a connection says so (RFC 9112 §9.6), which makes hyper close it.
struct Counting<S> {
    service: S,
    /// How many requests may still come.
    left: AtomicUsize,
}

impl<S, B> Service<Request<Incoming>> for Counting<S>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let is_last = self.left.fetch_sub(1, Ordering::Relaxed) <= 1;
        let answer = self.service.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            if is_last {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        })
    }
}
