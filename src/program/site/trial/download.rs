//! A finished trial's verdict as a file.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::program::site::Site;
use crate::program::site::port::{Document, Format};
use crate::program::site::shell::{not_found, see_other};
use crate::program::site::visitor::Visitor;
use crate::sending::trial::TrialId;

pub(super) async fn json(site: State<Arc<Site>>, path: Path<String>, visitor: Visitor) -> Response {
    document(site, path, visitor, Format::Json).await
}

pub(super) async fn mail(site: State<Arc<Site>>, path: Path<String>, visitor: Visitor) -> Response {
    document(site, path, visitor, Format::Mail).await
}

async fn document(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    visitor: Visitor,
    format: Format,
) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let (kind, ending) = match format {
        Format::Json => ("application/json", "json"),
        Format::Mail => ("message/rfc822", "eml"),
    };
    match site.parts.results.document(&trial, format).await {
        Document::Whole(octets) => {
            // The name says nothing of the address, which opens the result.
            let name = format!("attachment; filename=\"verdict.{ending}\"");
            let fields = [
                (header::CONTENT_TYPE, kind),
                (header::CONTENT_DISPOSITION, name.as_str()),
                (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
            ];
            (StatusCode::OK, fields, octets).into_response()
        }
        Document::NotYet => see_other(&format!("/r/{trial}")),
        Document::Unknown => not_found(visitor).await,
    }
}
