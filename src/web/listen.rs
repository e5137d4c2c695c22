//! Accepting connections within limits, and HTTP/1.1 on one of them.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Settings;
use crate::trial::site_of;

/// How long to wait when the system has no descriptor left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`, each served by `serve` for at most its time, then lets those that are being
/// served end.
pub(super) async fn listen<F, Served>(
    listener: TcpListener,
    settings: &Settings,
    places: &Places,
    stop: CancellationToken,
    serve: F,
) where
    F: Fn(TcpStream, SocketAddr) -> Served,
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
        let Some(place) = places.enter(peer.ip(), settings) else { continue };
        let work = serve(stream, peer);
        let limit = Duration::from_secs(u64::from(settings.connection_timeout_s));
        served.spawn(async move {
            // A connection that overstays is dropped; nothing hangs on it.
            let served = AssertUnwindSafe(tokio::time::timeout(limit, work)).catch_unwind().await;
            if served.is_err() {
                tracing::error!(%peer, "an HTTP connection panicked and ended alone; please report this with the lines above");
            }
            drop(place);
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
pub(super) async fn http<I, S, B>(stream: I, settings: &Settings, stop: CancellationToken, service: S)
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

/// How many connections there are, on all sockets of a listener together.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    /// By address and by network: an entry stands for a connection at least.
    of: HashMap<IpNet, usize>,
}

/// A connection that counts until it is dropped.
struct Place {
    places: Places,
    keys: [IpNet; 2],
}

impl Places {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, address: IpAddr, settings: &Settings) -> Option<Place> {
        let keys @ [here, network] = [IpNet::from(address.to_canonical()), site_of(address)];
        let mut taken = self.taken();
        let of = |key: &IpNet| taken.of.get(key).copied().unwrap_or(0);
        if taken.all >= settings.connections_max
            || of(&here) >= settings.connections_per_address_max
            || of(&network) >= settings.connections_per_network_max
        {
            return None;
        }
        taken.all += 1;
        keys.iter().for_each(|key| *taken.of.entry(*key).or_default() += 1);
        Some(Place { places: self.clone(), keys })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all = taken.all.saturating_sub(1);
        for key in &self.keys {
            match taken.of.get_mut(key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(taken.of.remove(key)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_more_places_than_an_address_and_less_than_all() {
        let settings = Settings {
            connections_max: 6,
            connections_per_address_max: 2,
            connections_per_network_max: 3,
            ..Settings::default()
        };
        let places = Places::default();
        let enter = |address: &str| places.enter(address.parse().expect("an address"), &settings);
        let _one = (enter("192.0.2.1").expect("a place"), enter("192.0.2.1").expect("a place"));
        assert!(enter("192.0.2.1").is_none(), "the address has its own");
        let two = enter("::ffff:192.0.2.2").expect("a place");
        assert!(enter("192.0.2.3").is_none(), "the network has its own");
        let _others =
            ["192.0.3.1", "2001:db8::1", "2001:db8:0:1::1"].map(|address| enter(address).expect("a place"));
        assert!(enter("198.51.100.1").is_none(), "all are taken");
        drop(two);
        drop(enter("198.51.100.1").expect("a place that was given back"));
        drop((_one, _others));
        let taken = places.taken();
        assert!(taken.all == 0 && taken.of.is_empty(), "nothing is left of connections that ended");
    }
}
