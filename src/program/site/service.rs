//! The site as a service: its routes, and its connections.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::program::rights::Objections;
use crate::sending::persona::Catalogue;
use crate::sending::trial::Places;
use crate::sending::web::{Settings, http, listen};
use crate::shared::time::Timestamp;

use super::port::{Health, Results};
use super::visitor::{Client, HasImprint};
use super::{Notices, assets, headers, health, method, notices, shell, start, trial};

/// What a site is made of.
pub struct Parts {
    pub catalogue: Arc<Catalogue>,
    pub results: Arc<dyn Results>,
    pub health: Arc<dyn Health>,
    pub settings: Settings,
    /// Who wants no mail of ours.
    pub objections: Arc<Objections>,
    pub notices: Notices,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// The site.
pub struct Site {
    pub(super) parts: Parts,
    places: Places,
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        let places = parts.settings.places();
        Self { parts, places }
    }

    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .merge(start::routes())
            .merge(method::routes())
            .merge(trial::routes())
            .merge(notices::routes())
            .merge(health::routes())
            .merge(assets::routes())
            .fallback(shell::not_found)
            .layer(axum::middleware::map_response(headers::guarded))
            .layer(axum::Extension(HasImprint(self.parts.notices.operator.has_imprint())))
            .with_state(Arc::clone(self))
    }

    /// Serves until `stop`.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let router = self.router();
        let (settings, stopping) = (self.parts.settings.clone(), stop.clone());
        let serve = move |stream, peer: std::net::SocketAddr| {
            let routes = TowerToHyperService::new(router.clone());
            let service = Introducing { routes, client: Client(peer.ip().to_canonical()) };
            let (settings, stop) = (settings.clone(), stopping.clone());
            async move { http(stream, &settings, stop, service).await }
        };
        listen(listener, &self.parts.settings, &self.places, stop, serve).await;
    }
}

/// Tells the routes who asks.
struct Introducing {
    routes: TowerToHyperService<Router>,
    client: Client,
}

impl Service<Request<Incoming>> for Introducing {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.client);
        self.routes.call(request)
    }
}

impl Client {
    /// The address that requests come from.
    pub(super) fn address(self) -> IpAddr {
        self.0
    }
}
