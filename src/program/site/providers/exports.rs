//! The published part for other programs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::program::providers::export::{self, Badge, Export};
use crate::program::providers::{Entry, HallEntry, RegisterError, Settings, tell};
use crate::program::report::json_text;

use super::{MAX_AGE_S, Site, View, Visitor, not_found, unavailable};

/// What is exported, as it was read.
struct Read {
    entries: Vec<Entry>,
    hall: Vec<HallEntry>,
    settings: Arc<Settings>,
}

impl Read {
    async fn of(view: View<'_>) -> Result<Self, RegisterError> {
        let mut entries = Vec::new();
        for published in view.register.published(view.now).await? {
            entries.push(view.register.entry(&published.provider.name).await?);
        }
        let hall = view.register.hall(view.now).await?;
        Ok(Self { entries, hall, settings: view.register.settings() })
    }

    fn export<'a>(&'a self, view: View<'a>) -> Export<'a> {
        let (entries, hall) = (&self.entries, &self.hall);
        Export { entries, hall, settings: &self.settings, site: view.url, now: view.now }
    }
}

pub(super) async fn csv(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let made = match View::of(&site, &visitor) {
        Some(view) => table(view).await.map(Some),
        None => Ok(None),
    };
    served(made, "text/csv; charset=utf-8; header=present", visitor).await
}

pub(super) async fn json(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let made = match View::of(&site, &visitor) {
        Some(view) => document(view).await.map(Some),
        None => Ok(None),
    };
    served(made, "application/json", visitor).await
}

pub(super) async fn atom(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let made = match View::of(&site, &visitor) {
        Some(view) => feed(view).await.map(Some),
        None => Ok(None),
    };
    served(made, "application/atom+xml; charset=utf-8", visitor).await
}

/// The badge of a domain in the hall of fame, to be saved and hosted by whoever has it.
pub(super) async fn badge(
    State(site): State<Arc<Site>>,
    Path(file): Path<String>,
    visitor: Visitor,
) -> Response {
    let made = match (View::of(&site, &visitor), file.strip_suffix(".svg")) {
        (Some(view), Some(domain)) => picture(view, domain).await,
        _ => Ok(None),
    };
    served(made, "image/svg+xml", visitor).await
}

pub(super) async fn table(view: View<'_>) -> Result<String, RegisterError> {
    Ok(export::table(Read::of(view).await?.export(view)))
}

pub(super) async fn document(view: View<'_>) -> Result<String, RegisterError> {
    Ok(json_text(&export::document(Read::of(view).await?.export(view))))
}

pub(super) async fn feed(view: View<'_>) -> Result<String, RegisterError> {
    let changes = view.register.changes().await?;
    let titles: BTreeMap<String, String> = view
        .register
        .providers()
        .await?
        .into_iter()
        .map(|provider| (provider.name.to_string(), crate::shared::text::clean(&provider.title)))
        .collect();
    let (entries, hall) = (&[][..], &[][..]);
    let settings = view.register.settings();
    let export = Export { entries, hall, settings: &settings, site: view.url, now: view.now };
    Ok(export::feed(export, &changes, &titles, tell::words(view.visitor.language)))
}

/// The badge of a domain; none: it has none.
pub(super) async fn picture(view: View<'_>, domain: &str) -> Result<Option<String>, RegisterError> {
    let hall = view.register.hall(view.now).await?;
    let site = view.url.split("://").last().unwrap_or(view.url);
    // One whose last check failed is in the hall still, and has no badge that says otherwise.
    let member = hall.iter().find(|member| member.domain == domain && member.standing.failures == 0);
    Ok(member.map(|member| {
        let badge = Badge { domain, measured: member.standing.newest, site };
        export::badge(badge, view.visitor.language)
    }))
}

async fn served(
    made: Result<Option<String>, RegisterError>,
    kind: &'static str,
    visitor: Visitor,
) -> Response {
    match made {
        Ok(Some(text)) => {
            let headers = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CACHE_CONTROL, format!("public, max-age={MAX_AGE_S}")),
                (header::VARY, "accept-language, cookie".to_owned()),
                // What is published may be read by pages of others, too.
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
            ];
            (headers, text).into_response()
        }
        Ok(None) => not_found(visitor).await,
        Err(error) => unavailable(&error),
    }
}
