//! How far a check is: a page that is told of each step as it is measured, and one that reloads where there is no script.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::program::domains::{CheckId, ScanProgress, Stage, State as Checked};
use crate::program::site::Site;
use crate::program::site::shell::{Reach, Shell, show};
use crate::program::site::visitor::{Connection, Visitor};
use crate::program::site::words;
use crate::receiving::report::readable;
use crate::sending::trial::Place;
use crate::shared::text::{Language, Words, clean_to};

/// How long at least between two events, in milliseconds: nobody reads faster, and a scan takes many steps.
const PAUSE_MS: u64 = 250;
/// After how long a browser comes again that lost its stream, in milliseconds.
const AGAIN_MS: u64 = 500;
/// After how long without news a comment is sent, so that proxies keep the connection, in seconds.
const KEEP_ALIVE_S: u64 = 15;
/// How long before its connection is cut a stream ends, in seconds.
const SPARE_S: u64 = 2;
/// After how long whoever was turned away may try again, in seconds.
const RETRY_AFTER_S: &str = "30";
/// How much of a question or of a server's words is shown, in characters.
const SHOWN_CHARS_MAX: usize = 100;

#[derive(Template)]
#[template(path = "program/site/domain/progress.html", config = ".askama.toml")]
struct ProgressPage {
    shell: Shell,
    id: String,
    steps: String,
}

#[derive(Template)]
#[template(path = "program/site/domain/steps.html", config = ".askama.toml")]
struct Steps {
    /// What happens now, in a sentence.
    now: String,
    /// The name that is looked up.
    name: String,
    addresses: Vec<Row>,
    head: [String; 3],
}

/// An address.
struct Row {
    ip: String,
    connections: u32,
    of: u32,
    step: String,
}

/// The page of a check that waits or runs.
pub(super) fn page(id: &CheckId, state: &Checked, visitor: &Visitor) -> Response {
    let words = words::of(visitor.language);
    let (domain, steps) = match state {
        Checked::Queued { domain, ahead } => (domain, waiting(words, Some(*ahead))),
        Checked::Running { domain, progress } => (domain, running(words, progress)),
        Checked::Done { domain, .. } | Checked::Failed { domain, .. } => (domain, waiting(words, None)),
    };
    let title = words.tell("domain-running-title", &[("domain", readable(domain).into())]);
    let shell = Shell::new(visitor, title, Reach::Private).with_scripts(&["check.js"]);
    let page = ProgressPage { shell, id: id.to_string(), steps: html(&steps) };
    show(&page.shell, &page)
}

/// The steps of a check as they are taken, as server-sent events. There is no stream of one that has ended.
pub(super) async fn events(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    connection: Option<Extension<Connection>>,
    visitor: Visitor,
) -> Response {
    let following = id.parse::<CheckId>().ok().and_then(|id| site.parts.domains.follow(&id));
    // A browser does not come again after this.
    let Some(following) = following else { return StatusCode::NO_CONTENT.into_response() };
    let places = &site.hub.places;
    let (Some(place), Some(Extension(connection))) = (places.enter(visitor.client.address()), connection)
    else {
        let status = match places.is_full() {
            true => StatusCode::SERVICE_UNAVAILABLE,
            false => StatusCode::TOO_MANY_REQUESTS,
        };
        return (status, [(header::RETRY_AFTER, RETRY_AFTER_S)]).into_response();
    };
    let watch =
        Watch { following, language: visitor.language, told: false, over: false, connection, _place: place };
    let stream = stream::unfold(watch, |watch| watch.next());
    let alive = KeepAlive::new().interval(Duration::from_secs(KEEP_ALIVE_S));
    // Proxies that gather what they pass on would hold the steps back.
    let fields = [("x-accel-buffering", "no"), ("x-robots-tag", "noindex, nofollow")];
    (fields, Sse::new(stream).keep_alive(alive)).into_response()
}

struct Watch {
    following: watch::Receiver<Stage>,
    language: Language,
    told: bool,
    over: bool,
    connection: Connection,
    _place: Place,
}

impl Watch {
    /// The next event: how far the check is now, whatever a browser saw before it lost the stream; none at the end, and
    /// shortly before the connection is cut, so that the browser comes again.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.over {
            return None;
        }
        if self.told {
            let left = self.connection.until.saturating_duration_since(Instant::now());
            let until = self.connection.until - Duration::from_secs(SPARE_S).min(left / 2);
            let news = async {
                tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
                // Whoever told is gone when the check has ended.
                let _ = self.following.changed().await;
            };
            tokio::select! {
                () = news => {}
                () = tokio::time::sleep_until(until) => return None,
                () = self.connection.stop.cancelled() => return None,
            }
        }
        let words = words::of(self.language);
        let stage = self.following.borrow_and_update().clone();
        let event = match stage {
            Stage::Waiting => Event::default().event("steps").data(html(&waiting(words, None))),
            Stage::Running(progress) => {
                Event::default().event("steps").data(html(&running(words, &progress)))
            }
            Stage::Ended => {
                self.over = true;
                Event::default().event("end").data("-")
            }
        };
        let event = if self.told { event } else { event.retry(Duration::from_millis(AGAIN_MS)) };
        self.told = true;
        Some((Ok(event), self))
    }
}

fn html(steps: &Steps) -> String {
    steps.render().expect("writing to a String does not fail")
}

fn head(words: &Words) -> [String; 3] {
    ["address", "asked", "step"].map(|name| words.say(&format!("domain-steps-{name}")))
}

fn waiting(words: &Words, ahead: Option<usize>) -> Steps {
    let now = match ahead {
        None => words.say("domain-waiting"),
        Some(ahead) => words.tell("domain-waiting-behind", &[("ahead", ahead.into())]),
    };
    Steps { now, name: String::new(), addresses: Vec::new(), head: head(words) }
}

fn running(words: &Words, progress: &ScanProgress) -> Steps {
    let now = match progress.addresses_of {
        None => words.tell("domain-names", &[("count", progress.names.into())]),
        Some(addresses) => words.tell("domain-servers", &[("count", addresses.into())]),
    };
    let name = match progress.addresses_of {
        None => clean_to(&progress.last_name, SHOWN_CHARS_MAX),
        Some(_) => String::new(),
    };
    let rows = progress.addresses.iter().map(|address| Row {
        ip: address.ip.to_string(),
        connections: address.connections,
        of: address.of.max(address.connections),
        step: match &address.waits {
            None => clean_to(&address.step, SHOWN_CHARS_MAX),
            Some(wait) => words.tell(
                "domain-address-waits",
                &[("seconds", wait.seconds.into()), ("why", clean_to(&wait.why, SHOWN_CHARS_MAX).into())],
            ),
        },
    });
    Steps { now, name, addresses: rows.collect(), head: head(words) }
}
