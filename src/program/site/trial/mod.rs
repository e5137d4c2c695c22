//! A trial at its address, which the SMTP replies and the verdict mail give: as it runs, and its result.

mod comparison;
mod deletion;
mod download;
mod postscript;
mod stream;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use crate::sending::trial::TrialId;

use super::Site;
use super::live::Item;
use super::port::{Report, Stage};
use super::shell::{Reach, Shell, not_found, show};
use super::visitor::Visitor;

/// How often a page of a running trial is loaded anew where there is no JavaScript, in seconds.
const RELOAD_S: u32 = 10;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/r/{trial}", get(result))
        .route("/r/{trial}/events", get(stream::events))
        .route("/r/{trial}/verdict.json", get(download::json))
        .route("/r/{trial}/verdict.eml", get(download::mail))
        .route("/r/{trial}/delete", get(deletion::ask).post(deletion::delete))
        .route("/r/{trial}/postscript", get(postscript::ask).post(postscript::want))
        .route("/r/{trial}/compare", get(comparison::ask).post(comparison::compare))
}

#[derive(Template)]
#[template(path = "program/site/trial/result.html", config = ".askama.toml")]
struct ResultPage {
    shell: Shell,
    trial: TrialId,
    report: Arc<Report>,
    /// Where its events come from; none of a finished trial.
    events: Option<String>,
    items: Vec<Item>,
    /// Whether there is a second part here.
    second_part: bool,
    reload_s: u32,
}

/// The trial that an address names; none where it names none, or there is none.
async fn known(site: &Site, trial: &str) -> Option<TrialId> {
    let trial = trial.parse::<TrialId>().ok()?;
    site.parts.results.report(&trial, None).await.map(|_| trial)
}

async fn result(State(site): State<Arc<Site>>, Path(trial): Path<String>, visitor: Visitor) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let language = visitor.chose_language.then_some(visitor.language);
    let Some(report) = site.parts.results.report(&trial, language).await else {
        return not_found(visitor).await;
    };
    let shell = Shell::in_language(&visitor, report.language, report.title.clone(), Reach::Private);
    let scripts: &[&str] = match report.stage {
        Stage::Running => &["live.js"],
        Stage::Answered => &["live.js", "print.js"],
        Stage::Finished => &["print.js"],
    };
    let last = report.steps.iter().map(|step| step.seq.0).max().unwrap_or(0);
    let events = (report.stage != Stage::Finished).then(|| {
        let (language, stage) = (report.language.tag(), report.stage.name());
        format!("/r/{trial}/events?lang={language}&stage={stage}&after={last}")
    });
    let items = report.steps.iter().map(|step| Item::new(step, shell.words)).collect();
    let second_part = super::cases::has_second_part(&site.parts);
    let shell = shell.with_scripts(scripts);
    let page = ResultPage { shell, trial, report, events, items, second_part, reload_s: RELOAD_S };
    show(&page.shell, &page)
}
