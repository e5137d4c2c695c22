//! What the operator has published of providers, with links to the evidence of each row.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::program::api::message::{Named, Problem};
use crate::program::api::parts::Api;
use crate::program::providers::RegisterError;
use crate::program::providers::export::{self, Export};
use crate::program::report::json_text;

/// How long a list may be kept, in seconds; the pages are kept as long.
const CACHING: &str = "public, max-age=300";
/// When to come again where the archive does not answer, in seconds.
const RETRY_S: u32 = 30;

/// All that is published, as one document.
pub(super) async fn all(State(api): State<Arc<Api>>) -> Result<Response, Problem> {
    Ok(public(&document(&api).await?))
}

/// One provider: the document with its row alone.
pub(super) async fn one(State(api): State<Arc<Api>>, Named(name): Named) -> Result<Response, Problem> {
    let mut document = document(&api).await?;
    let rows = document["providers"].as_array_mut().ok_or_else(Problem::not_found)?;
    rows.retain(|row| row["name"] == name.as_str());
    if rows.is_empty() {
        return Err(Problem::not_found());
    }
    if let Some(hall) = document["hall_of_fame"].as_array_mut() {
        hall.retain(|member| member["provider"] == name.as_str());
    }
    Ok(public(&document))
}

async fn document(api: &Api) -> Result<Value, Problem> {
    let Some(register) = &api.parts.providers else { return Err(Problem::not_found()) };
    // Every row is read for it: one at a time, so that a core stays for the mail.
    let _place = api.documents.place().await;
    let now = api.now();
    let mut entries = Vec::new();
    for published in register.published(now).await? {
        entries.push(register.entry(&published.provider.name).await?);
    }
    let hall = register.hall(now).await?;
    let (settings, site) = (register.settings(), api.parts.settings.site_url.as_str());
    Ok(export::document(Export { entries: &entries, hall: &hall, settings: &settings, site, now }))
}

fn public(document: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, CACHING)];
    (kind, json_text(document)).into_response()
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        tracing::error!(%error, "what is published could not be read");
        let detail = "What is published cannot be read at the moment.";
        Self::passing(StatusCode::SERVICE_UNAVAILABLE, "archive-unavailable", detail, RETRY_S)
    }
}
