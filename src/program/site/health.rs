//! The state of the service, for monitoring.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::operations::metrics;

use super::Site;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/health", get(health)).route("/ready", get(ready))
}

/// 200 while the service lives, also while it is in a trouble that passes; 503 once a part of it has died, before it ends.
async fn health(State(site): State<Arc<Site>>) -> Response {
    let health = site.health();
    told(health.is_alive(), &health)
}

/// 200 while the self-check is green and nothing else is wrong, also while something will be (`warnings`); else 503.
async fn ready(State(site): State<Arc<Site>>) -> Response {
    let health = site.health();
    told(health.is_ready(), &health)
}

fn told(well: bool, health: &metrics::Health) -> Response {
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{}\n", health.document())).into_response()
}

impl Site {
    fn health(&self) -> metrics::Health {
        let health = &self.parts.health;
        metrics::Health {
            trouble: health.trouble(),
            is_lasting: health.is_lasting(),
            warnings: health.warnings(),
            last: health.last_self_check(),
        }
    }
}
