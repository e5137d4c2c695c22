//! The way of programs: the routes of the API, which is a room of its own.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;

use crate::program::api::{self, Api};

use super::Site;
use super::visitor::Client;

pub(super) fn routes(api: &Arc<Api>) -> Router<Arc<Site>> {
    api::routes(api).layer(map_request(introduced))
}

/// Tells the API who asks, as the site knows it.
async fn introduced(mut request: Request) -> Request {
    if let Some(client) = request.extensions().get::<Client>().copied() {
        request.extensions_mut().insert(api::Client(client.address()));
    }
    request
}
