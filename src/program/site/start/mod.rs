//! The start page: what to do, in three sentences.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::Site;
use super::shell::{Reach, Shell, mailto, show};
use super::visitor::Visitor;
use super::words;

/// How long the start page may be kept, in seconds: it says whether the service is in order.
const MAX_AGE_S: u32 = 60;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/", get(start))
}

#[derive(Template)]
#[template(path = "program/site/start/start.html", config = ".askama.toml")]
struct Start {
    shell: Shell,
    /// The test addresses, in the language of the page, with commas between them as in To.
    addresses: String,
    mailto: String,
    /// Whether the last self-check failed.
    is_red: bool,
    /// Whether anything of providers is published here.
    publishes: bool,
    /// Whether any ruled case is offered.
    cases: bool,
    /// Whether domains are checked on request.
    checks: bool,
}

async fn start(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let words = words::of(visitor.language);
    let catalogue = &site.parts.catalogue;
    let tag = visitor.language.tag();
    let addresses: Vec<_> =
        catalogue.classic_cases().map(|case| format!("{tag}@{}", catalogue.domain(case))).collect();
    let last = site.parts.health.last_self_check();
    let page = Start {
        shell: Shell::new(&visitor, words.say("start-title"), Reach::Public { max_age_s: MAX_AGE_S })
            .with_scripts(&["copy.js"]),
        addresses: addresses.join(", "),
        mailto: mailto(&addresses, &words.say("start-subject")),
        checks: site.parts.domains.settings().enabled,
        cases: catalogue.ruled_cases().any(|case| site.parts.addresses.offers(case)),
        publishes: site.parts.providers.is_some(),
        is_red: last.is_some_and(|(_, checked)| !checked.is_green()),
    };
    show(&page.shell, &page)
}
