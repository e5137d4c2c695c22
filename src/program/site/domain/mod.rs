//! A domain checked on request: the form, progress as it is measured, the result at its secret address.

mod ask;
mod progress;
mod result;
mod sections;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::program::domains::{ArchiveError, CheckId, State as Checked};

use super::Site;
use super::shell::{not_found, see_other};
use super::visitor::Visitor;

/// How large a form may be, in octets.
const FORM_OCTETS_MAX: usize = 8_192;
/// The ending of a result's address that asks for the document.
const DOCUMENT: &str = ".json";

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/check", get(ask::form).post(ask::asked))
        .route("/d/{id}", get(check))
        .route("/d/{id}/events", get(progress::events))
        .route("/d/{id}/delete", post(delete))
        .layer(DefaultBodyLimit::max(FORM_OCTETS_MAX))
}

/// The page of a check, whatever there is of it; its document where the address ends so.
async fn check(State(site): State<Arc<Site>>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let (name, wants_document) = match id.strip_suffix(DOCUMENT) {
        Some(name) => (name, true),
        None => (id.as_str(), false),
    };
    let Ok(id) = name.parse::<CheckId>() else { return not_found(visitor).await };
    match site.parts.domains.state(&id).await {
        Err(error) => unavailable(&error),
        Ok(None) => not_found(visitor).await,
        Ok(Some(Checked::Done { scan, .. })) if wants_document => {
            result::document(&site, scan, visitor).await
        }
        // There is none yet.
        Ok(Some(_)) if wants_document => not_found(visitor).await,
        Ok(Some(Checked::Done { domain, asked, scan })) => {
            result::page(&site, &id, result::Done { domain, asked, scan }, visitor).await
        }
        Ok(Some(Checked::Failed { domain, .. })) => ask::failed(&visitor, &domain),
        Ok(Some(state)) => progress::page(&id, &state, &visitor),
    }
}

/// Deletes a result for whoever has its link.
async fn delete(State(site): State<Arc<Site>>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Ok(id) = id.parse::<CheckId>() else { return not_found(visitor).await };
    let domains = &site.parts.domains;
    let deleted = async {
        let state = domains.state(&id).await?;
        Ok::<_, ArchiveError>((state, domains.delete(&id).await?))
    };
    match deleted.await {
        Err(error) => unavailable(&error),
        Ok((_, false)) => not_found(visitor).await,
        Ok((state, true)) => {
            if let Some(Checked::Done { scan, .. }) = state {
                site.check_pages.forget(&result::keys(scan)).await;
            }
            see_other("/check?deleted")
        }
    }
}

/// The archive does not answer: our fault, and it may pass.
fn unavailable(error: &ArchiveError) -> Response {
    tracing::error!(%error, "a page of a check could not be made");
    let headers = [(header::RETRY_AFTER, "60"), (header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "Our archive does not answer. Please try again in a minute.\n")
        .into_response()
}
