//! Trials, for whoever has the secret in their address.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::program::api::message::Problem;
use crate::program::api::parts::Api;
use crate::sending::trial::TrialId;

use super::checks::document;

/// When the document of a trial that runs has something new, in seconds, at the earliest that is worth asking.
const RUNNING_RETRY_S: u32 = 10;

/// The document of a trial. What is no identity, and a trial that there is not, are the same.
pub(super) async fn verdict(
    State(api): State<Arc<Api>>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let trial = token.parse::<TrialId>().map_err(|_| Problem::not_found())?;
    let found = api.parts.verdicts.verdict(&trial).await.ok_or_else(Problem::not_found)?;
    let mut response = document(found.text);
    if !found.ended {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RUNNING_RETRY_S));
    }
    Ok(response)
}
