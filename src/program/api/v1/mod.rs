//! `/api/v1`: checks of domains, trials, what is published of providers, and what this API is, as `openapi.json` describes it.

mod checks;
mod openapi;
mod providers;
mod trials;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::message::other_method;
use super::parts::Api;

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/v1/checks", post(checks::start))
        .route("/api/v1/checks/{id}", get(checks::state).delete(checks::delete))
        .route("/api/v1/checks/{id}/result", get(checks::result))
        .route("/api/v1/trials/{token}", get(trials::verdict))
        .route("/api/v1/providers", get(providers::all))
        .route("/api/v1/providers/{name}", get(providers::one))
        .route("/api/v1/openapi.json", get(openapi::v1))
        .route("/api/batch/openapi.json", get(openapi::batch))
        .method_not_allowed_fallback(other_method)
}
