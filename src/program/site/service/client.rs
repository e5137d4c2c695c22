//! Who asks, and on what kind of connection: told to the routes with each request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request as AxumRequest, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::program::site::Site;
use crate::program::site::visitor::{Client, Connection};
use crate::sending::web::Settings;

/// How many entries of `X-Forwarded-For` are looked at, from the last: each is a proxy of the operator's but the first
/// that is none.
const FORWARDED_MAX: usize = 16;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    /// The name that it asked for in TLS; none over plain HTTP.
    pub(super) name: Option<Arc<str>>,
}

/// Tells the routes who asks.
pub(super) struct Introducing {
    routes: TowerToHyperService<Router>,
    peer: Peer,
    connection: Connection,
}

impl Introducing {
    pub(super) fn new(
        routes: TowerToHyperService<Router>,
        peer: Peer,
        settings: &Settings,
        stop: CancellationToken,
    ) -> Self {
        let until = Instant::now() + Duration::from_secs(u64::from(settings.connection_timeout_s));
        Self { routes, peer, connection: Connection { until, stop } }
    }
}

impl Service<Request<Incoming>> for Introducing {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer.clone());
        request.extensions_mut().insert(self.connection.clone());
        self.routes.call(request)
    }
}

/// Finds out the client's address, and turns away whoever asks over TLS for another host than the certificate is for.
pub(super) async fn addressed(
    State(site): State<Arc<Site>>,
    mut request: AxumRequest,
    next: Next,
) -> Response {
    if let Some(Peer { address, name }) = request.extensions().get::<Peer>().cloned() {
        if name.is_some_and(|name| host(&request).is_none_or(|host| *host != *name)) {
            // RFC 9110 §15.5.20.
            return StatusCode::MISDIRECTED_REQUEST.into_response();
        }
        let client = client_of(address.ip(), request.headers(), &site.parts.settings);
        request.extensions_mut().insert(Client(client));
    }
    next.run(request).await
}

/// The host that is asked for, in lower case and without the port.
fn host(request: &AxumRequest) -> Option<String> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().host())?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    Some(host.trim_end_matches('.').to_ascii_lowercase())
}

/// The address that a request comes from: behind proxies of the operator's the last one that they name and that is none of
/// them. What others write there is nothing.
fn client_of(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> IpAddr {
    let mut client = peer.to_canonical();
    let fields = headers.get_all("x-forwarded-for").iter();
    // What a client wrote before them takes nothing from what proxies append, whatever octets it has.
    let octets = fields.flat_map(|field| field.as_bytes().split(|octet| *octet == b','));
    let named: Vec<&str> = octets.map(|name| std::str::from_utf8(name).unwrap_or_default()).collect();
    for name in named.into_iter().rev().take(FORWARDED_MAX) {
        if !settings.is_trusted(client) {
            return client;
        }
        let Some(address) = address(name.trim()) else { return client };
        client = address.to_canonical();
    }
    client
}

/// An address, which some write with a port.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_proxies_say_who_asks() {
        let trusted = ["192.0.2.0/24", "2001:db8::/32"].map(|network| network.parse().expect("a network"));
        let settings = Settings { trusted_proxies: trusted.into(), ..Settings::default() };
        let client = |peer: &str, forwarded: &[&str]| {
            let mut headers = HeaderMap::new();
            for field in forwarded {
                headers.append("x-forwarded-for", field.parse().expect("a header's value"));
            }
            client_of(peer.parse().expect("an address"), &headers, &settings).to_string()
        };
        assert_eq!(client("198.51.100.1", &["203.0.113.5"]), "198.51.100.1", "a stranger says nothing");
        assert_eq!(client("192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &["203.0.113.5"]), "203.0.113.5");
        assert_eq!(
            client("192.0.2.1", &["10.0.0.1, 203.0.113.5"]),
            "203.0.113.5",
            "what a client wrote itself"
        );
        assert_eq!(client("192.0.2.1", &["10.0.0.1", "203.0.113.5, 192.0.2.9"]), "203.0.113.5");
        assert_eq!(client("::ffff:192.0.2.1", &["[2001:4860::1]:443"]), "2001:4860::1");
        assert_eq!(client("192.0.2.1", &["unknown"]), "192.0.2.1");
    }
}
