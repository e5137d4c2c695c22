//! The site as a service: its routes, and its connections.

use std::sync::Arc;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::sending::web::{http, listen};

use super::frame::headers;
use super::frame::shell;
use super::frame::visitor::Client;
use super::parts::Site;
use super::{assets, domain, health, method, programs, start, trial};

impl Site {
    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .merge(start::routes())
            .merge(method::routes())
            .merge(trial::routes())
            .merge(domain::routes())
            .merge(health::routes())
            .merge(assets::routes())
            .merge(programs::routes(&self.parts.api))
            .fallback(shell::not_found)
            .layer(axum::middleware::map_response(headers::guarded))
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
