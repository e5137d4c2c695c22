//! Providers: the published table, each row with its evidence, the halls of fame, figures, and exports.
//!
//! Everything here is public and may be cached. What is published is read as it was written; how old it is, is asked now.

mod evidence;
mod exports;
mod halls;
mod provider;
mod static_pages;
mod table;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::program::providers::{Register, RegisterError};
use crate::shared::time::Timestamp;

use super::Site;
use super::parts::ProviderPages;
use super::shell::{Reach, Shell, not_found, show};
use super::visitor::Visitor;
use super::words;

pub use static_pages::{StaticPage, static_pages};

/// How long a page may be kept, in seconds.
const MAX_AGE_S: u32 = 300;

/// What a page about providers is made from.
#[derive(Clone, Copy)]
struct View<'a> {
    register: &'a Register,
    url: &'a str,
    now: Timestamp,
    visitor: &'a Visitor,
}

pub(super) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    Router::new()
        .route("/providers", get(table::page))
        .route("/providers/{name}", get(provider::page))
        .route("/providers/{name}/evidence/{file}", get(evidence::page))
        .route("/hall-of-fame", get(halls::hall_page))
        .route("/statistics", get(halls::statistics_page))
        .route("/providers.csv", get(exports::csv))
        .route("/providers.json", get(exports::json))
        .route("/providers.atom", get(exports::atom))
        .route("/badge/{file}", get(exports::badge))
        .route_layer(axum::middleware::from_fn_with_state(Arc::clone(site), one_at_a_time))
}

/// Pages and exports read every row that is published: so few at a time that a core stays for the mail.
async fn one_at_a_time(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let _place = site.provider_makers.acquire().await;
    next.run(request).await
}

impl<'a> View<'a> {
    /// What a page for `visitor` is made from; none: this site publishes nothing.
    fn of(site: &'a Site, visitor: &'a Visitor) -> Option<Self> {
        let ProviderPages { register, url } = site.parts.providers.as_deref()?;
        Some(View { register, url, now: (site.parts.clock)(), visitor })
    }

    /// The frame of a page that may be cached.
    fn shell(&self, title: String) -> Shell {
        Shell::new(self.visitor, title, Reach::Public { max_age_s: MAX_AGE_S })
    }

    fn words(&self) -> &'static crate::shared::text::Words {
        words::of(self.visitor.language)
    }
}

/// A page that has a frame.
trait Framed: Template {
    fn shell(&self) -> &Shell;
}

/// Answers with a page, with the one that says there is none, or with that of trouble.
async fn answer<P: Framed>(made: Result<Option<P>, RegisterError>, visitor: Visitor) -> Response {
    match made {
        Ok(Some(page)) => show(page.shell(), &page),
        Ok(None) => not_found(visitor).await,
        Err(error) => unavailable(&error),
    }
}

/// That the archive does not answer, which is ours.
fn unavailable(error: &RegisterError) -> Response {
    tracing::error!(%error, "a page about providers could not be made");
    let text = "This page cannot be made now. / Diese Seite ist gerade nicht zu haben.\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")], text).into_response()
}
