//! The page that a verdict mail leads to: by its button, and by that of a mail program, no further mail goes to the
//! address.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::program::rights::Token;
use crate::program::site::Site;
use crate::program::site::shell::{Reach, Shell, not_found, show};
use crate::program::site::visitor::Visitor;

use super::of;

pub(in crate::program::site) fn routes() -> Router<Arc<Site>> {
    Router::new()
        // RFC 8058 §3.2: the POST of a mail program has no cookie, and gets no redirection; what its body says is not of
        // matter. Whoever only looks changes nothing.
        .route("/objection/{token}", get(look).post(object))
        .route("/objection/{token}/withdraw", post(withdraw).get(look))
}

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// What the button does.
    WhatWillHappen,
    /// That there is an objection already.
    Stands,
    /// That it is kept from now on.
    Kept,
    /// That it was withdrawn.
    Withdrawn,
    /// That nothing could be read or changed.
    Failed,
}

impl Says {
    fn text(self) -> &'static str {
        match self {
            Self::WhatWillHappen => "objection-asks",
            Self::Stands => "objection-stands",
            Self::Kept => "objection-kept",
            Self::Withdrawn => "objection-withdrawn",
            Self::Failed => "objection-failed",
        }
    }
}

#[derive(Template)]
#[template(path = "program/site/notices/objection.html", config = ".askama.toml")]
struct Objection {
    shell: Shell,
    says: Says,
    token: Token,
    mail: String,
}

async fn look(State(site): State<Arc<Site>>, Path(token): Path<String>, visitor: Visitor) -> Response {
    let Ok(token) = token.parse::<Token>() else { return not_found(visitor).await };
    let says = match site.parts.objections.of_token(&token).await {
        Ok(Some(true)) => Ok(Says::Stands),
        Ok(Some(false)) => Ok(Says::WhatWillHappen),
        Ok(None) => return not_found(visitor).await,
        Err(error) => Err(error.to_string()),
    };
    answer(&site, &visitor, token, says)
}

async fn object(State(site): State<Arc<Site>>, Path(token): Path<String>, visitor: Visitor) -> Response {
    let Ok(token) = token.parse::<Token>() else { return not_found(visitor).await };
    let says = match site.parts.objections.object((site.parts.clock)(), &token).await {
        Ok(true) => Ok(Says::Kept),
        Ok(false) => return not_found(visitor).await,
        Err(error) => Err(error.to_string()),
    };
    answer(&site, &visitor, token, says)
}

async fn withdraw(State(site): State<Arc<Site>>, Path(token): Path<String>, visitor: Visitor) -> Response {
    let Ok(token) = token.parse::<Token>() else { return not_found(visitor).await };
    let says = match site.parts.objections.withdraw(&token).await {
        Ok(true) => Ok(Says::Withdrawn),
        Ok(false) => return not_found(visitor).await,
        Err(error) => Err(error.to_string()),
    };
    answer(&site, &visitor, token, says)
}

fn answer(site: &Site, visitor: &Visitor, token: Token, says: Result<Says, String>) -> Response {
    let says = says.unwrap_or_else(|error| {
        tracing::error!(%error, "an objection could not be read or kept");
        Says::Failed
    });
    let page = Objection {
        shell: Shell::new(visitor, of(visitor).say("objection-title"), Reach::Private),
        says,
        token,
        mail: site.parts.notices.objection(),
    };
    let mut response = show(&page.shell, &page);
    if says == Says::Failed {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
