//! The descriptions of the API (OpenAPI 3.1), written by hand.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Of `/api/v1`.
const V1: &str = include_str!("openapi.json");
/// Of `/api/batch/v2`.
const BATCH: &str = include_str!("../batch/openapi.json");
/// They change with the program.
const CACHING: &str = "public, max-age=3600";

pub(super) async fn v1() -> Response {
    answer(V1)
}

pub(super) async fn batch() -> Response {
    answer(BATCH)
}

fn answer(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, CACHING)], text).into_response()
}
