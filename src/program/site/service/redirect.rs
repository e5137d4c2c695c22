//! What answers over plain HTTP where the site speaks HTTPS: that it is elsewhere.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::LOCATION;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::sending::trial::Places;
use crate::sending::web::{Settings, http, listen};

/// Sends whoever comes to the site's own address.
pub struct Redirect {
    url: String,
    settings: Settings,
    places: Places,
}

impl Redirect {
    /// A redirection to `url`, which has no final slash.
    pub fn new(url: String, settings: Settings) -> Self {
        let places = settings.places();
        Self { url, settings, places }
    }

    /// Serves until `stop`.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let (redirect, stopping) = (Arc::clone(&self), stop.clone());
        let serve = move |stream, _: SocketAddr, place| {
            let (redirect, stop) = (Arc::clone(&redirect), stopping.clone());
            async move {
                let _place = place;
                let answering = Arc::clone(&redirect);
                let service = service_fn(move |request: Request<Incoming>| {
                    let response = answering.answer(&request);
                    async move { Ok::<_, Infallible>(response) }
                });
                http(stream, &redirect.settings, stop, service).await;
            }
        };
        listen(listener, &self.settings, &self.places, stop, serve).await;
    }

    /// The same path at our own address, whatever host was asked for.
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let place = request.uri().path_and_query().map_or("/", |place| place.as_str());
        let location = format!("{}{}", self.url, if place.starts_with('/') { place } else { "/" });
        let mut response = Response::new(Full::from("This site is served over HTTPS.\r\n"));
        // RFC 9110 §15.4.9: for good, and with the same method.
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        if let Ok(location) = location.parse() {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}
