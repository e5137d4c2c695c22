//! What users ask: lists registered, watched, cancelled, and their results.

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::program::api::message::{Named, Problem, read};
use crate::program::api::parts::Api;
use crate::program::api::user::{Stopped, User};
use crate::program::archive::{ArchiveError, BatchResult, BatchRow, BatchView, NewBatch};
use crate::program::report::json_compact;
use crate::shared::domain_name::{meant, u_labels};
use crate::shared::text::{clean, clean_to};

use super::answer::{Refusal, VERSION, answer, request as told};
use super::{state, tree};

/// How many octets a body may have for each domain that may be in it: a name has 253 at most.
const OCTETS_PER_DOMAIN_MAX: usize = 300;
/// How many octets of it are no domains.
const OTHER_OCTETS_MAX: usize = 4_096;
/// How long a name of a list may be, in characters.
const NAME_CHARS_MAX: usize = 255;
/// How many lists are listed where the user does not say, and at most.
const LISTED_BY_DEFAULT: u32 = 10;
const LISTED_MAX: u32 = 1_000;
/// How many results are read from the archive at a time.
const RESULTS_AT_ONCE: u32 = 50;
/// When to come again where too many lists are unfinished, in seconds.
const OPEN_RETRY_S: u32 = 600;

/// A user whose key the request shows: nobody else has lists.
pub(super) struct Known(User);

impl FromRequestParts<Arc<Api>> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Refusal> {
        match User::of(api, &parts.headers).await {
            Ok(Some(user)) => Ok(Self(user)),
            Ok(None) | Err(Stopped::Unknown) => Err(Refusal::User),
            Err(Stopped::Archive(error)) => Err(error.into()),
        }
    }
}

/// What a client wants checked. Theirs ignores what it does not know, and so does this.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: Option<String>,
    domains: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    status: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Listing {
    limit: Option<String>,
    progress: Option<String>,
}

impl Listing {
    fn with_progress(&self) -> bool {
        self.progress.as_deref().is_some_and(|progress| progress.eq_ignore_ascii_case("true"))
    }

    /// How many are wanted; 0 is as many as there may be.
    fn limit(&self) -> Result<u32, Refusal> {
        match self.limit.as_deref().map(str::parse::<u32>) {
            None => Ok(LISTED_BY_DEFAULT),
            Some(Ok(0)) => Ok(LISTED_MAX),
            Some(Ok(limit)) => Ok(limit.min(LISTED_MAX)),
            Some(Err(_)) => Err(Refusal::Bad("`limit` is a whole number that is not negative.".to_owned())),
        }
    }
}

/// Keeps a list, which waits for its turn.
pub(super) async fn register(
    State(api): State<Arc<Api>>,
    Known(user): Known,
    request: Request,
) -> Result<Response, Refusal> {
    let settings = &api.parts.settings;
    let domains_max = usize::try_from(settings.batch_domains_max).unwrap_or(usize::MAX);
    let octets_max = domains_max.saturating_mul(OCTETS_PER_DOMAIN_MAX).saturating_add(OTHER_OCTETS_MAX);
    let Wanted { kind, name, domains } = read(request, octets_max).await?;
    if !kind.eq_ignore_ascii_case("mail") {
        return Err(Refusal::Bad("`type` is to be `mail`: this service does not test web sites.".to_owned()));
    }
    if domains.is_empty() || domains.len() > domains_max {
        return Err(Refusal::Bad(format!("`domains` is to have from 1 to {domains_max} domains.")));
    }
    let name = name.unwrap_or_else(|| "no-name".to_owned());
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Refusal::Bad(format!("`name` has more than {NAME_CHARS_MAX} characters.")));
    }
    let archive = &api.parts.archive;
    if archive.open_batches_of(user.name()).await? >= settings.batches_open_per_user_max {
        let why = "As many requests of this user are unfinished as may be.";
        return Err(Refusal::Quota { why, retry_after_s: OPEN_RETRY_S, quota: None });
    }
    // What is no domain is left out, as theirs leaves it out; each is checked once.
    let mut seen = HashSet::new();
    let domains: Vec<String> = domains
        .iter()
        .filter_map(|domain| meant(domain).ok())
        .filter(|domain| seen.insert(domain.clone()))
        .collect();
    let charged = user.charge(&api, u32::try_from(domains.len()).unwrap_or(u32::MAX)).await?;
    let quota = charged.map_err(|quota| Refusal::Quota {
        why: "The key's budget of this day (UTC) has not so many domains left.",
        retry_after_s: quota.until_s,
        quota: Some(quota),
    })?;
    let now = api.now();
    let (state, finished) =
        if domains.is_empty() { (state::ERROR, Some(now)) } else { (state::REGISTERING, None) };
    let id = HEXLOWER.encode(&(api.parts.draw)());
    let name = clean_to(&name, NAME_CHARS_MAX);
    let (id, user) = (id.as_str(), user.name());
    let new = NewBatch { id, user, name: &name, state, submitted: now, finished, domains: &domains };
    archive.add_batch(&new).await?;
    api.batches_changed.notify_one();
    tracing::info!(user, domains = domains.len(), "a list of domains is to be checked");
    let mut response = answer(StatusCode::OK, json!({ "request": told(&row(&api, user, id).await?, false) }));
    response.headers_mut().extend(quota.headers());
    Ok(response)
}

/// A user's lists, the newest first.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Known(user): Known,
    listing: Result<Query<Listing>, QueryRejection>,
) -> Result<Response, Refusal> {
    let listing = wanted_of(listing)?;
    let rows = api.parts.archive.batches(user.name(), listing.limit()?).await?;
    let requests: Vec<Value> = rows.iter().map(|row| told(row, listing.with_progress())).collect();
    Ok(answer(StatusCode::OK, json!({ "requests": requests })))
}

/// How far a list is.
pub(super) async fn status(
    State(api): State<Arc<Api>>,
    Known(user): Known,
    named: Result<Named, Problem>,
    listing: Result<Query<Listing>, QueryRejection>,
) -> Result<Response, Refusal> {
    let (listing, id) = (wanted_of(listing)?, named_by(named)?);
    let row = row(&api, user.name(), &id).await?;
    Ok(answer(StatusCode::OK, json!({ "request": told(&row, listing.with_progress()) })))
}

/// Ends a list before its time. One that is finished stays as it is.
pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    Known(user): Known,
    named: Result<Named, Problem>,
    request: Request,
) -> Result<Response, Refusal> {
    let id = named_by(named)?;
    let number = row(&api, user.name(), &id).await?.number;
    let Change { status } = read(request, OTHER_OCTETS_MAX).await?;
    if !status.eq_ignore_ascii_case(state::CANCELLED) {
        return Err(Refusal::Bad("`status` is to be `cancelled`.".to_owned()));
    }
    api.parts.archive.move_batch(number, state::CANCELLED, Some(api.now())).await?;
    api.batches_changed.notify_one();
    let row = row(&api, user.name(), &id).await?;
    Ok(answer(StatusCode::OK, json!({ "request": told(&row, false) })))
}

/// What internet.nl's rules make of the domains of a list.
pub(super) async fn results(
    State(api): State<Arc<Api>>,
    Known(user): Known,
    named: Result<Named, Problem>,
) -> Result<Response, Refusal> {
    whole(api, &user, &named_by(named)?, BatchView::Results).await
}

/// What was measured of the domains of a list.
pub(super) async fn technical(
    State(api): State<Arc<Api>>,
    Known(user): Known,
    named: Result<Named, Problem>,
) -> Result<Response, Refusal> {
    whole(api, &user, &named_by(named)?, BatchView::Technical).await
}

/// What a report holds.
pub(super) async fn metadata(_: Known) -> Response {
    answer(StatusCode::OK, json!({ "report": tree::metadata() }))
}

fn named_by(named: Result<Named, Problem>) -> Result<String, Refusal> {
    named.map(|Named(id)| id).map_err(|_| Refusal::Unknown)
}

fn wanted_of(listing: Result<Query<Listing>, QueryRejection>) -> Result<Listing, Refusal> {
    let bad = |_| Refusal::Bad("The query has `limit` and `progress`, each once.".to_owned());
    listing.map(|Query(listing)| listing).map_err(bad)
}

async fn row(api: &Api, user: &str, id: &str) -> Result<BatchRow, Refusal> {
    api.parts.archive.batch(user, id).await?.ok_or(Refusal::Unknown)
}

/// All results of a list, read and sent a few at a time: there may be more than memory is to hold.
async fn whole(api: Arc<Api>, user: &User, id: &str, view: BatchView) -> Result<Response, Refusal> {
    let row = row(&api, user.name(), id).await?;
    if row.state != state::DONE {
        return Err(Refusal::Bad("The request is not `done`.".to_owned()));
    }
    let begin = format!(
        "{{\"api_version\":\"{VERSION}\",\"request\":{},\"domains\":{{",
        json_compact(&told(&row, false))
    );
    let chunks = stream::unfold(Some(Cursor { begin: Some(begin), behind: -1 }), move |cursor| {
        let (api, number) = (Arc::clone(&api), row.number);
        async move {
            let (chunk, next) = cursor?.read(&api, number, view).await;
            Some((chunk, next))
        }
    });
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, Body::from_stream(chunks)).into_response())
}

/// How far the results of a list were sent.
struct Cursor {
    /// What stands before all of them, as long as it was not sent.
    begin: Option<String>,
    /// The place of the last of them.
    behind: i64,
}

impl Cursor {
    /// The next piece of the answer, and where to go on; none: that was the last. An answer that an error ends is cut off,
    /// which the client sees.
    async fn read(
        self,
        api: &Api,
        number: i64,
        view: BatchView,
    ) -> (Result<Bytes, ArchiveError>, Option<Self>) {
        let read = api.parts.archive.batch_results(number, view, self.behind, RESULTS_AT_ONCE).await;
        let results = match read {
            Ok(results) => results,
            Err(error) => {
                tracing::error!(%error, "the results of a list could not be read");
                return (Err(error), None);
            }
        };
        let mut first = self.behind < 0;
        let mut text = self.begin.unwrap_or_default();
        for result in &results {
            if !std::mem::take(&mut first) {
                text.push(',');
            }
            text.push_str(&entry(result));
        }
        match results.last() {
            Some(last) if results.len() as u64 == u64::from(RESULTS_AT_ONCE) => {
                (Ok(text.into()), Some(Self { begin: None, behind: last.place }))
            }
            _ => (Ok((text + "}}\n").into()), None),
        }
    }
}

/// One domain: by its name as people write it, as theirs does.
fn entry(result: &BatchResult) -> String {
    let name = u_labels(&result.domain).unwrap_or_else(|| result.domain.clone());
    let name = json_compact(&Value::String(clean(&name)));
    let of = result.result.as_deref().unwrap_or("{\"status\":\"error\"}");
    format!("{name}:{of}")
}
