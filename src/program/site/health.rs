//! The state of the service, for monitoring.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::sending::history::SelfChecked;

use super::Site;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/health", get(health))
}

/// 200 while nothing is known to be wrong, also while something will be (`warnings`); 503 while the service is in trouble
/// or the self-check is red.
async fn health(State(site): State<Arc<Site>>) -> Response {
    let health = &site.parts.health;
    let last = health.last_self_check();
    let trouble = health.trouble();
    let state = last.as_ref().map(|(_, checked)| is_green(checked));
    let (status, word) = match state {
        _ if trouble.is_some() => (StatusCode::SERVICE_UNAVAILABLE, "trouble"),
        None => (StatusCode::OK, "unchecked"),
        Some(true) => (StatusCode::OK, "green"),
        Some(false) => (StatusCode::SERVICE_UNAVAILABLE, "red"),
    };
    let body = serde_json::json!({
        "status": word,
        "trouble": trouble,
        "warnings": health.warnings(),
        "checked": last.as_ref().map(|(at, _)| at),
        "self_check": last.as_ref().map(|(_, checked)| checked),
    });
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

/// Whether nothing was wrong with us.
pub(super) fn is_green(checked: &SelfChecked) -> bool {
    checked.dns.is_green() && checked.certificates.is_green() && checked.policy_host.is_green()
}
