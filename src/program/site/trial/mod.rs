//! A trial at its address, which the SMTP replies and the verdict mail give.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use crate::sending::trial::TrialId;

use super::Site;
use super::port::Report;
use super::shell::{Reach, Shell, not_found, show};
use super::visitor::Visitor;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/r/{trial}", get(result))
}

#[derive(Template)]
#[template(path = "program/site/trial/result.html", config = ".askama.toml")]
struct ResultPage {
    shell: Shell,
    report: String,
}

async fn result(State(site): State<Arc<Site>>, Path(trial): Path<String>, visitor: Visitor) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let language = visitor.chose_language.then_some(visitor.language);
    let Some(report) = site.parts.results.report(&trial, language).await else {
        return not_found(visitor).await;
    };
    let Report { title, html, language } = report;
    let shell = Shell::in_language(&visitor, language, title, Reach::Private);
    let page = ResultPage { shell, report: html };
    show(&page.shell, &page)
}
