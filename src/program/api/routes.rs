//! All routes, and what is answered where there is none.

use std::sync::Arc;

use axum::Router;
use axum::routing::any;

use super::message::Problem;
use super::parts::Api;
use super::{batch, v1};

/// All routes of the API, to be merged into those of the site.
pub fn routes<S: Clone + Send + Sync + 'static>(api: &Arc<Api>) -> Router<S> {
    Router::new()
        .merge(v1::routes())
        .merge(batch::routes())
        .route("/api", any(nothing_here))
        .route("/api/", any(nothing_here))
        .route("/api/{*rest}", any(nothing_here))
        .with_state(Arc::clone(api))
}

async fn nothing_here() -> Problem {
    Problem::not_found()
}
