//! The page on which a trial's sender may ask to be told of the TLS reports about it, by one mail.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::program::site::Site;
use crate::program::site::port::Wanted;
use crate::program::site::shell::{Reach, Shell, not_found, show};
use crate::program::site::visitor::Visitor;
use crate::program::site::words;
use crate::sending::trial::TrialId;

use super::known;

/// How long an address may be, in octets (RFC 5321 §4.5.3.1.3).
const ADDRESS_OCTETS_MAX: usize = 254;

/// What the page says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saying {
    Ask,
    Kept,
    Before,
    NotSender,
    Failed,
}

#[derive(Template)]
#[template(path = "program/site/trial/postscript.html", config = ".askama.toml")]
struct PostscriptPage {
    shell: Shell,
    trial: TrialId,
    saying: Saying,
}

impl PostscriptPage {
    fn text(&self) -> String {
        self.shell.words.say(match self.saying {
            Saying::Ask => "trial-postscript-ask",
            Saying::Kept => "trial-postscript-kept",
            Saying::Before => "trial-postscript-before",
            Saying::NotSender => "trial-postscript-not-sender",
            Saying::Failed => "trial-postscript-failed",
        })
    }

    fn asks(&self) -> bool {
        matches!(self.saying, Saying::Ask | Saying::NotSender)
    }
}

fn page(visitor: &Visitor, trial: TrialId, saying: Saying) -> Response {
    let title = words::of(visitor.language).say("trial-postscript-title");
    let page = PostscriptPage { shell: Shell::new(visitor, title, Reach::Private), trial, saying };
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

/// What the form says.
#[derive(Deserialize)]
pub(super) struct Wish {
    address: String,
}

pub(super) async fn want(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    visitor: Visitor,
    Form(wish): Form<Wish>,
) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let address = wish.address.trim();
    let wanted = match address.len() <= ADDRESS_OCTETS_MAX {
        true => site.parts.results.want_postscript(&trial, address).await,
        false => Wanted::NotSender,
    };
    let (saying, status) = match wanted {
        Wanted::Kept => (Saying::Kept, StatusCode::OK),
        Wanted::Before => (Saying::Before, StatusCode::OK),
        Wanted::NotSender => (Saying::NotSender, StatusCode::UNPROCESSABLE_ENTITY),
        Wanted::Failed => (Saying::Failed, StatusCode::SERVICE_UNAVAILABLE),
        Wanted::Unknown => return not_found(visitor).await,
    };
    let mut response = page(&visitor, trial, saying);
    *response.status_mut() = status;
    response
}
