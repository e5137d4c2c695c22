//! A running trial's events (<https://html.spec.whatwg.org/#server-sent-events>).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::time::Instant;

use crate::program::site::Site;
use crate::program::site::live::{Frame, Frames};
use crate::program::site::port::Stage;
use crate::program::site::shell::not_found;
use crate::program::site::visitor::{Connection, Visitor};
use crate::sending::history::Seq;
use crate::sending::trial::{Place, TrialId};

/// After how long a browser comes again, in milliseconds.
const AGAIN_MS: u32 = 500;
/// After how long without news a comment is sent, so that proxies keep the connection, in seconds.
const KEEP_ALIVE_S: u64 = 15;
/// How long before its connection is cut a stream ends, so that the browser comes again for the rest, in seconds.
const SPARE_S: u64 = 2;
/// After how long whoever was turned away may try again, in seconds.
const RETRY_AFTER_S: &str = "30";

/// What the page knows that asks.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    #[serde(default)]
    after: i64,
    #[serde(default)]
    stage: String,
}

pub(super) async fn events(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    Query(known): Query<Known>,
    connection: Option<Extension<Connection>>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let Some(report) = site.parts.results.report(&trial, Some(visitor.language)).await else {
        return not_found(visitor).await;
    };
    if report.stage == Stage::Finished {
        // An event source that is answered so does not come again.
        return StatusCode::NO_CONTENT.into_response();
    }
    let Some(place) = site.hub.places.enter(visitor.client.0) else {
        return turned_away(match site.hub.places.is_full() {
            true => StatusCode::SERVICE_UNAVAILABLE,
            false => StatusCode::TOO_MANY_REQUESTS,
        });
    };
    let Some(frames) = site.hub.watch(&trial, visitor.language) else {
        return turned_away(StatusCode::TOO_MANY_REQUESTS);
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let Some(Extension(connection)) = connection else { return turned_away(StatusCode::SERVICE_UNAVAILABLE) };
    let watcher = Watcher {
        frames,
        shown: None,
        after: Seq(last.unwrap_or(known.after)),
        stage: known.stage,
        connection,
        begun: false,
        over: false,
        _place: place,
    };
    let events = futures_util::stream::unfold(watcher, |mut watcher| async {
        let events = watcher.next().await?;
        Some((Ok::<_, Infallible>(events), watcher))
    });
    let fields = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store, no-transform"),
        // nginx and its like pass on at once what is not to be gathered.
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    (fields, Body::from_stream(events)).into_response()
}

fn turned_away(status: StatusCode) -> Response {
    (status, [(header::RETRY_AFTER, RETRY_AFTER_S)], "Too many pages follow trials now.\n").into_response()
}

/// Somebody who watches.
struct Watcher {
    frames: Frames,
    /// The number of the frame that was sent last.
    shown: Option<u64>,
    /// The last place that the page knew when it came.
    after: Seq,
    /// What the page showed when it came.
    stage: String,
    connection: Connection,
    begun: bool,
    over: bool,
    _place: Place,
}

impl Watcher {
    /// What is to be sent next; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if !self.begun {
            self.begun = true;
            return Some(format!("retry: {AGAIN_MS}\n\n").into());
        }
        let until = self.connection.until - Duration::from_secs(SPARE_S).min(self.left() / 2);
        loop {
            if let Some(events) = self.news() {
                return Some(events);
            }
            tokio::select! {
                changed = self.frames.changed() => if changed.is_err() && (self.is_empty() || self.news_is_told()) {
                    return None;
                },
                () = tokio::time::sleep(Duration::from_secs(KEEP_ALIVE_S)) => return Some(": \n\n".into()),
                () = tokio::time::sleep_until(until) => return None,
                () = self.connection.stop.cancelled() => return None,
            }
        }
    }

    fn left(&self) -> Duration {
        self.connection.until.saturating_duration_since(Instant::now())
    }

    /// Whether there is no frame at all.
    fn is_empty(&self) -> bool {
        self.frames.borrow().number == 0
    }

    fn news_is_told(&self) -> bool {
        self.shown == Some(self.frames.borrow().number)
    }

    /// The events of the latest frame, if they are not told yet.
    fn news(&mut self) -> Option<Bytes> {
        let frame: Arc<Frame> = Arc::clone(&self.frames.borrow_and_update());
        if frame.number == 0 || self.shown == Some(frame.number) {
            return None;
        }
        // Of another stage the page is another.
        if frame.stage.is_none_or(|stage| stage.name() != self.stage) {
            self.over = true;
            return Some(Bytes::from_static(b"event: end\ndata: \n\n"));
        }
        // Most have the frame before, and share what is new since then.
        let events = match self.shown {
            Some(shown) if shown + 1 == frame.number => frame.news.clone(),
            _ => frame.beyond(self.after),
        };
        self.shown = Some(frame.number);
        (!events.is_empty()).then_some(events)
    }
}
