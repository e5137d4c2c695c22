//! The site as a service: its routes, its connections, and what holds for all requests.

mod client;
mod headers;
mod redirect;
mod reports;
mod same_site;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response_with_state};
use axum::response::Response;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::operations::metrics::health_routes;
use crate::sending::web::{Neighbour, Transport, Visited, http, listen};

use super::frame::shell;
use super::frame::visitor::Furnished;
use super::parts::Site;
use super::{assets, cases, domain, method, notices, programs, providers, start, trial};

use client::{Introducing, Peer};

pub use redirect::Redirect;
pub use reports::REPORTS_PATH;

/// How much a form may hold, in octets; an area that takes more says so itself.
const FORM_OCTETS_MAX: usize = 65_536;

/// Tells the routes what the operator makes of every page now.
async fn furnished(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let furnished = Furnished { imprint: site.has_imprint(), style: site.parts.own.load().style_href() };
    request.extensions_mut().insert(furnished);
    next.run(request).await
}

impl Site {
    fn router(self: &Arc<Self>) -> Router {
        let site = Arc::clone(self);
        Router::new()
            .merge(start::routes())
            .merge(method::routes())
            .merge(cases::routes())
            .merge(trial::routes())
            .merge(domain::routes())
            .merge(providers::routes(self))
            .merge(notices::routes())
            .merge(health_routes(move || site.parts.health.health()))
            .merge(assets::routes())
            .merge(programs::routes(&self.parts.api))
            .fallback(shell::not_found)
            .layer(DefaultBodyLimit::max(FORM_OCTETS_MAX))
            .layer(from_fn(same_site::checked))
            // A mail program in a browser sends its POST from elsewhere (RFC 8058 §3.2), and a token vouches for it.
            .merge(notices::objection::routes())
            // So does a sender that reports.
            .merge(reports::routes())
            .layer(from_fn_with_state(Arc::clone(self), furnished))
            .layer(from_fn_with_state(Arc::clone(self), client::addressed))
            .layer(map_response_with_state(Arc::clone(self), headers::guarded))
            .with_state(Arc::clone(self))
    }

    /// Serves plain HTTP until `stop`: behind a proxy that speaks HTTPS, or in a lab.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let router = self.router();
        let (site, stopping) = (Arc::clone(&self), stop.clone());
        let serve = move |stream, peer: SocketAddr, place| {
            let (site, router, stop) = (Arc::clone(&site), router.clone(), stopping.clone());
            async move {
                let _place = place;
                site.connection(router, stream, Peer { address: peer, name: None }, stop).await;
            }
        };
        listen(listener, &self.parts.settings, &self.places, stop, serve).await;
    }

    /// The site as another host on the sockets of the policy host, over HTTPS under `name`, with what `config` gives.
    pub fn neighbour(
        self: &Arc<Self>,
        name: String,
        config: Arc<dyn Fn() -> Option<Arc<ServerConfig>> + Send + Sync>,
    ) -> Neighbour {
        let (site, router) = (Arc::clone(self), self.router());
        let name: Arc<str> = name.to_ascii_lowercase().into();
        let of = Arc::clone(&name);
        let serve = move |visited: Visited| -> futures_util::future::BoxFuture<'static, ()> {
            let (site, router, name) = (Arc::clone(&site), router.clone(), Arc::clone(&of));
            Box::pin(async move {
                let Visited { stream, peer, place, stop } = visited;
                // Who reads the site takes no place from senders that come for a policy.
                let Some(_own) = site.places.enter(peer.ip()) else { return };
                drop(place);
                site.connection(router, stream, Peer { address: peer, name: Some(name) }, stop).await;
            })
        };
        Neighbour { name: name.to_string(), config, serve: Arc::new(serve) }
    }

    async fn connection(
        &self,
        router: Router,
        stream: impl Transport + 'static,
        peer: Peer,
        stop: CancellationToken,
    ) {
        let settings = &self.parts.settings;
        let service = Introducing::new(TowerToHyperService::new(router), peer, settings, stop.clone());
        http(stream, settings, stop, service).await;
    }
}
