//! What pages are made of beside themselves: the style sheet, scripts and the icon, all of them ours; and the operator's
//! style sheet.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::shared::text::STYLE;

use super::Site;
use super::own::STYLE as STYLE_OF_OPERATOR;
use super::shell::not_found;
use super::visitor::Visitor;

/// How long a browser may keep them, in seconds: an hour after a release all is new.
const MAX_AGE: &str = "public, max-age=3600";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// All of them, by name: type and content.
const ASSETS: [(&str, &str, &str); 6] = [
    ("/assets/style.css", "text/css; charset=utf-8", STYLE),
    ("/assets/icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ("/assets/copy.js", JAVASCRIPT, include_str!("assets/copy.js")),
    ("/assets/live.js", JAVASCRIPT, include_str!("assets/live.js")),
    ("/assets/print.js", JAVASCRIPT, include_str!("assets/print.js")),
    ("/assets/check.js", JAVASCRIPT, include_str!("assets/check.js")),
];

pub(super) fn routes() -> Router<Arc<Site>> {
    let serve = |kind: &'static str, content: &'static str| {
        get(async move || -> Response {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, MAX_AGE)], content).into_response()
        })
    };
    ASSETS
        .into_iter()
        .fold(Router::new(), |router, (path, kind, content)| router.route(path, serve(kind, content)))
        .route(STYLE_OF_OPERATOR, get(style_of_operator))
}

/// The operator's style sheet. Its address changes with what is in it.
async fn style_of_operator(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let Some(css) = site.parts.own.load().style() else { return not_found(visitor).await };
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, MAX_AGE)];
    (headers, css.to_string()).into_response()
}

/// What an asset holds, by the last part of its name.
pub(super) fn content(name: &str) -> Option<&'static str> {
    let named = |path: &str| path.strip_prefix("/assets/") == Some(name);
    ASSETS.iter().find(|(path, ..)| named(path)).map(|(.., content)| *content)
}
