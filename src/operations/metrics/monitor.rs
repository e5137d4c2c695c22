//! The listener for those who watch: metrics, health, and the snapshot for `mailassay status`. Over the socket of this host an
//! operator begins trials, too.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, Places, TrialId};
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

    /// Gives out labels for a trial of these ruled cases, which is to begin; what was given, or why nothing was.
    fn begin_trial(
        &self,
        cases: Vec<CaseId>,
    ) -> Pin<Box<dyn Future<Output = Result<Begun, String>> + Send + '_>>;
}

/// A trial that is to begin, as `mailassay trial new` is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    pub trial: TrialId,
    /// The label of each case; of a case that is not among them the permanent name is used.
    pub labels: BTreeMap<CaseId, Label>,
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

    /// Serves over a socket of this host until `stop`. Who may ask is a matter of the socket's file.
    pub async fn serve_socket(self: Arc<Self>, listener: UnixListener, stop: CancellationToken) {
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
            let (monitor, stop) = (Arc::clone(&self), stop.clone());
            served.spawn(async move {
                let _place = place;
                let service = TowerToHyperService::new(monitor.socket_router());
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
        Router::new()
            .route("/metrics", get(metrics))
            .route("/health", get(health))
            .route("/ready", get(ready))
            .route("/status", get(status))
            .with_state(Arc::clone(self))
    }

    /// What whoever may open the socket may ask.
    fn socket_router(self: &Arc<Self>) -> Router {
        let begin = Router::new().route("/trials", post(begin)).with_state(Arc::clone(self));
        self.router().merge(begin)
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

async fn health(State(monitor): State<Arc<Monitor>>) -> Response {
    let health = monitor.watched.health();
    told(health.is_alive(), &health.document())
}

async fn ready(State(monitor): State<Arc<Monitor>>) -> Response {
    let health = monitor.watched.health();
    told(health.is_ready(), &health.document())
}

async fn status(State(monitor): State<Arc<Monitor>>) -> Response {
    match serde_json::to_value(monitor.look().await) {
        Ok(snapshot) => told(true, &snapshot),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn begin(State(monitor): State<Arc<Monitor>>, cases: String) -> Response {
    let Ok(cases) = serde_json::from_str::<Vec<CaseId>>(&cases) else {
        return (StatusCode::BAD_REQUEST, "the body is no list of cases\n").into_response();
    };
    let begun = monitor.watched.begin_trial(cases).await;
    match begun.and_then(|begun| serde_json::to_value(begun).map_err(|error| error.to_string())) {
        Ok(begun) => told(true, &begun),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    }
}

fn told(well: bool, document: &serde_json::Value) -> Response {
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{document}\n")).into_response()
}
