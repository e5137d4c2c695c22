//! `/api/batch/v2`: lists of domains, in the form of internet.nl's batch API; for mail alone. `docs/batch.md` says what
//! differs. Each user's lists take their turns; all is kept in the archive, so that a restart loses nothing.

mod answer;
mod requests;
mod results;
mod technical;
mod tree;
mod worker;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use super::parts::Api;

use answer::Refusal;

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/api/batch/v2/requests", get(requests::list).post(requests::register))
        .route("/api/batch/v2/requests/{request_id}", get(requests::status).patch(requests::cancel))
        .route("/api/batch/v2/requests/{request_id}/results", get(requests::results))
        .route("/api/batch/v2/requests/{request_id}/results_technical", get(requests::technical))
        .route("/api/batch/v2/metadata/report", get(requests::metadata))
        .method_not_allowed_fallback(async || Refusal::Method)
        .route("/api/batch/{*rest}", any(async || Refusal::Url))
}

/// How far a list is, by the names that users read.
mod state {
    /// It waits for its turn.
    pub(super) const REGISTERING: &str = "registering";
    pub(super) const RUNNING: &str = "running";
    /// All is checked, and results are being written.
    pub(super) const GENERATING: &str = "generating";
    pub(super) const DONE: &str = "done";
    pub(super) const CANCELLED: &str = "cancelled";
    /// There is no domain in it.
    pub(super) const ERROR: &str = "error";
}
