//! Where senders post TLS reports (RFC 8460 §5.4): programs, not people.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::program::site::Site;
use crate::program::site::visitor::Client;
use crate::sending::web::{ReportHost, ReportTaken};

/// Where reports go, below the site's address.
pub const REPORTS_PATH: &str = "/tls-reports";

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route(REPORTS_PATH, post(receive)).layer(DefaultBodyLimit::max(ReportHost::BODY_OCTETS_MAX))
}

async fn receive(
    State(site): State<Arc<Site>>,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(reports) = &site.parts.reports else { return StatusCode::NOT_FOUND.into_response() };
    let taken = reports.take(client.address(), media_type, body.into()).await;
    let (status, text) = match taken {
        // RFC 8460 §5.4: success is 200 or 201.
        ReportTaken::Noted => (StatusCode::CREATED, "The report was read, thank you.\n".to_owned()),
        ReportTaken::Refused(why) => {
            (StatusCode::BAD_REQUEST, format!("This is no TLS report that we read: {why}.\n"))
        }
        ReportTaken::TooMany => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many reports came; please try again later.\n".to_owned())
        }
        ReportTaken::NotNoted => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The report cannot be kept now; please try again later.\n".to_owned(),
        ),
    };
    (status, text).into_response()
}
