//! A piece of evidence: a check as a report in the words of the page, everything as a document.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::program::providers::{ProviderName, RegisterError, tell};
use crate::program::report::json_text;
use crate::shared::text::Language;

use super::{Framed, MAX_AGE_S, Shell, Site, View, Visitor, answer, not_found, unavailable};

#[derive(Template)]
#[template(path = "program/site/providers/evidence.html", config = ".askama.toml")]
pub(super) struct EvidencePage {
    shell: Shell,
    name: String,
    number: i64,
    day: String,
    set_aside: bool,
    /// The report on a check; none of a trial, which the provider's page shows.
    report: Option<String>,
}

impl Framed for EvidencePage {
    fn shell(&self) -> &Shell {
        &self.shell
    }
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Path((name, file)): Path<(String, String)>,
    visitor: Visitor,
) -> Response {
    let (number, is_document) = match file.strip_suffix(".json") {
        Some(number) => (number, true),
        None => (file.as_str(), false),
    };
    let (Some(view), Ok(name), Ok(number)) =
        (View::of(&site, &visitor), name.parse::<ProviderName>(), number.parse::<i64>())
    else {
        return not_found(visitor).await;
    };
    if !is_document {
        let made = made(view, &name, number).await;
        return answer(made, visitor).await;
    }
    match document(view, &name, number).await {
        Ok(Some(text)) => {
            let kept = format!("public, max-age={MAX_AGE_S}");
            let headers =
                [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CACHE_CONTROL, kept)];
            (headers, text).into_response()
        }
        Ok(None) => not_found(visitor).await,
        Err(error) => unavailable(&error),
    }
}

pub(super) async fn made(
    view: View<'_>,
    name: &ProviderName,
    number: i64,
) -> Result<Option<EvidencePage>, RegisterError> {
    let Some(found) = view.register.evidence(name, number).await? else { return Ok(None) };
    let provider = view.register.provider(name).await?;
    let [en, de] = found.pages;
    let report = match view.visitor.language {
        Language::En => en,
        Language::De => de,
    };
    Ok(Some(EvidencePage {
        shell: view.shell(format!("{} [{number}]", crate::shared::text::clean(&provider.title))),
        name: name.to_string(),
        number,
        day: tell::day(found.at),
        set_aside: found.set_aside,
        report: (!report.is_empty()).then_some(report),
    }))
}

/// The document; none: it is not public.
pub(super) async fn document(
    view: View<'_>,
    name: &ProviderName,
    number: i64,
) -> Result<Option<String>, RegisterError> {
    let Some(found) = view.register.evidence(name, number).await? else { return Ok(None) };
    let value = serde_json::from_str(&found.document);
    let unreadable = |source| RegisterError::Unreadable { name: name.to_string(), source };
    Ok(Some(json_text(&value.map_err(unreadable)?)))
}
