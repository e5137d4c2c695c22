//! The listener for those who watch: metrics, health, and the snapshot for `mailassay status`.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::sending::trial::Places;
use crate::sending::web::{Settings, http, listen};

use super::exposition;
use super::health::Health;
use super::snapshot::Snapshot;

/// How many may ask over the socket at the same time; further ones wait.
const SOCKET_CONNECTIONS_MAX: usize = 8;
/// How long to wait when the system has no descriptor left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is watched.
pub trait Watched: Send + Sync {
    /// Whether it is well, at once: no disk and no queue is waited for.
    fn health(&self) -> Health;

    /// How it is now.
    fn snapshot(&self) -> Pin<Box<dyn Future<Output = Snapshot> + Send + '_>>;
}

/// Tells whoever asks how the service is.
pub struct Monitor {
    watched: Arc<dyn Watched>,
    settings: Settings,
    places: Places,
    /// One looks at a time, so that those who ask often take nothing from senders.
    looking: Semaphore,
}

impl Monitor {
    /// A monitor of what is watched, with the limits of the other HTTP listeners.
    pub fn new(watched: Arc<dyn Watched>, settings: Settings) -> Self {
        let places = settings.places();
        Self { watched, settings, places, looking: Semaphore::new(1) }
    }

    /// Serves over TCP until `stop`.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let (monitor, stopping) = (Arc::clone(&self), stop.clone());
        let serve = move |stream, _: SocketAddr, place| {
            let (monitor, stop) = (Arc::clone(&monitor), stopping.clone());
            async move {
                let _place = place;
                let service = TowerToHyperService::new(monitor.router());
                http(stream, &monitor.settings, stop, service).await;
            }
        };
        listen(listener, &self.settings, &self.places, stop, serve).await;
    }

    /// Serves over a socket of this host until `stop`, and `orders` beside. Who may ask and order is a matter of the socket's
    /// file.
    pub async fn serve_socket(
        self: Arc<Self>,
        listener: UnixListener,
        orders: Router,
        stop: CancellationToken,
    ) {
        let router = self.router().merge(orders);
        let (served, places) = (TaskTracker::new(), Arc::new(Semaphore::new(SOCKET_CONNECTIONS_MAX)));
        let next = async || {
            // Nobody closes the semaphore.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        while let Some((accepted, place)) = stop.run_until_cancelled(next()).await {
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (monitor, router, stop) = (Arc::clone(&self), router.clone(), stop.clone());
            served.spawn(async move {
                let _place = place;
                let service = TowerToHyperService::new(router);
                let limit = Duration::from_secs(u64::from(monitor.settings.connection_timeout_s));
                // Whoever overstays is dropped; nothing hangs on it.
                let _ = tokio::time::timeout(limit, http(stream, &monitor.settings, stop, service)).await;
            });
        }
        served.close();
        let drain = Duration::from_secs(u64::from(self.settings.drain_timeout_s));
        let _ = tokio::time::timeout(drain, served.wait()).await;
    }

    fn router(self: &Arc<Self>) -> Router {
        let watched = Arc::clone(&self.watched);
        Router::new()
            .route("/metrics", get(metrics))
            .route("/status", get(status))
            .merge(health_routes(move || watched.health()))
            .with_state(Arc::clone(self))
    }

    async fn look(&self) -> Snapshot {
        let _place = self.looking.acquire().await;
        self.watched.snapshot().await
    }
}

async fn metrics(State(monitor): State<Arc<Monitor>>) -> Response {
    let text = exposition::text(monitor.look().await);
    ([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response()
}

/// Where a service says how it is, whoever serves it. `/health`: 200 while it lives, also while it is in a trouble that
/// passes, and 503 once a part of it has died, before it ends. `/ready`: 200 while the self-check is green and nothing else
/// is wrong, also while something will be (`warnings`), else 503.
pub fn health_routes<S>(health: impl Fn() -> Health + Clone + Send + Sync + 'static) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let whole = health.clone();
    let lives = move || async move {
        let health = health();
        told(health.is_alive(), &health.document())
    };
    let is_ready = move || async move {
        let health = whole();
        told(health.is_ready(), &health.document())
    };
    Router::new().route("/health", get(lives)).route("/ready", get(is_ready))
}

async fn status(State(monitor): State<Arc<Monitor>>) -> Response {
    match serde_json::to_value(monitor.look().await) {
        Ok(snapshot) => told(true, &snapshot),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn told(well: bool, document: &serde_json::Value) -> Response {
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{document}\n")).into_response()
}
