//! Trials, for whoever has the secret in their address.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::program::api::message::{Named, Problem};
use crate::program::api::parts::Api;
use crate::program::api::port::VerdictDocument;
use crate::sending::trial::TrialId;

use super::checks::document;

/// When to look again whether a trial has ended, in seconds.
const RUNNING_RETRY_S: u32 = 10;

/// The document of a trial. What is no identity, and a trial that there is not, are the same.
pub(super) async fn verdict(State(api): State<Arc<Api>>, Named(token): Named) -> Result<Response, Problem> {
    let trial = token.parse::<TrialId>().map_err(|_| Problem::not_found())?;
    match api.parts.verdicts.verdict(&trial).await {
        VerdictDocument::Whole(text) => Ok(document(text)),
        VerdictDocument::NotYet => {
            let detail = "The trial has not ended, and has no verdict.";
            Err(Problem::passing(StatusCode::CONFLICT, "not-ended", detail, RUNNING_RETRY_S))
        }
        VerdictDocument::Unknown => Err(Problem::not_found()),
    }
}
