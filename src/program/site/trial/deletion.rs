//! Deleting a result: whoever has its address may, after a question whether that is meant.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::program::site::Site;
use crate::program::site::port::Deleted;
use crate::program::site::shell::{Reach, Shell, not_found, show};
use crate::program::site::visitor::Visitor;
use crate::program::site::words;
use crate::sending::trial::TrialId;

use super::known;

/// What the page says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saying {
    Ask,
    Gone,
    NotYet,
    Failed,
}

#[derive(Template)]
#[template(path = "program/site/trial/deletion.html", config = ".askama.toml")]
struct DeletionPage {
    shell: Shell,
    trial: TrialId,
    saying: Saying,
}

impl DeletionPage {
    fn text(&self) -> String {
        self.shell.words.say(match self.saying {
            Saying::Ask => "trial-delete-ask",
            Saying::Gone => "trial-delete-gone",
            Saying::NotYet => "trial-delete-not-yet",
            Saying::Failed => "trial-delete-failed",
        })
    }

    fn asks(&self) -> bool {
        self.saying == Saying::Ask
    }
}

fn page(visitor: &Visitor, trial: TrialId, saying: Saying) -> Response {
    let title = words::of(visitor.language).say("trial-delete-title");
    let page = DeletionPage { shell: Shell::new(visitor, title, Reach::Private), trial, saying };
    show(&page.shell, &page)
}

pub(super) async fn ask(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    visitor: Visitor,
) -> Response {
    match known(&site, &trial).await {
        Some(trial) => page(&visitor, trial, Saying::Ask),
        None => not_found(visitor).await,
    }
}

pub(super) async fn delete(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    visitor: Visitor,
) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let (saying, status) = match site.parts.results.delete(&trial).await {
        Deleted::Gone => (Saying::Gone, StatusCode::OK),
        Deleted::NotYet => (Saying::NotYet, StatusCode::CONFLICT),
        Deleted::Failed => (Saying::Failed, StatusCode::SERVICE_UNAVAILABLE),
        Deleted::Unknown => return not_found(visitor).await,
    };
    let mut response = page(&visitor, trial, saying);
    *response.status_mut() = status;
    response
}
