//! What programs look for at addresses that every site has.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::program::site::parts::{Parts, Site};
use crate::shared::text::Language;
use crate::shared::time::{Timestamp, after};

/// How long `security.txt` is to be believed, in days: RFC 9116 §2.5.5 recommends less than a year.
const SECURITY_DAYS: u32 = 180;
/// How long these files may be kept.
const MAX_AGE: &str = "public, max-age=86400";
const TEXT: &str = "text/plain; charset=utf-8";
const ICON: &str = include_str!("../assets/icon.svg");

/// What crawlers have no business with (RFC 9309): results, checks, and what only mails lead to.
const ROBOTS: &str = "User-agent: *\nDisallow: /r/\nDisallow: /d/\nDisallow: /objection/\nDisallow: /api/\n";

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/.well-known/security.txt", get(security))
        .route("/robots.txt", get(async || served(TEXT, ROBOTS.to_owned())))
        // Browsers that draw no SVG there show none.
        .route("/favicon.ico", get(async || served("image/svg+xml", ICON.to_owned())))
}

async fn security(State(site): State<Arc<Site>>) -> Response {
    served(TEXT, security_txt(&site.parts, (site.parts.clock)()))
}

/// RFC 9116.
fn security_txt(parts: &Parts, now: Timestamp) -> String {
    let expires = after(now, SECURITY_DAYS * 86_400).strftime("%Y-%m-%dT00:00:00Z");
    let languages = Language::ALL.map(Language::tag).join(", ");
    format!(
        "Contact: {}\nExpires: {expires}\nPreferred-Languages: {languages}\nCanonical: \
         {}/.well-known/security.txt\n",
        parts.notices.security_contact, parts.url
    )
}

fn served(kind: &'static str, content: String) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, MAX_AGE)], content).into_response()
}
