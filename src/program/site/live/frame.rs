//! What the page of a running trial shows, and what of it is new: rendered once, whoever watches.

use std::fmt::Write;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use serde_json::json;

use crate::program::site::port::{Report, Stage, Step, StepKind};
use crate::program::site::words;
use crate::sending::history::Seq;
use crate::shared::text::Words;

/// A step as the page shows it.
#[derive(Template)]
#[template(path = "program/site/trial/step.html", config = ".askama.toml")]
pub(in crate::program::site) struct Item {
    /// Its name on the page, for good.
    key: String,
    seq: Seq,
    class: &'static str,
    tone: &'static str,
    symbol: &'static str,
    time: String,
    instant: String,
    title: String,
    did: String,
    seen: String,
    follows: String,
    labels: [String; 3],
}

impl Item {
    pub(in crate::program::site) fn new(step: &Step, words: &Words) -> Self {
        // What did not happen has no time, and is no news with each thing that did.
        let at = |form: &str| match step.kind {
            StepKind::Silence => String::new(),
            _ => step.at.strftime(form).to_string(),
        };
        let (class, title) = match step.kind {
            StepKind::Link => ("connection", "trial-connection"),
            StepKind::Question => ("question", "trial-question"),
            StepKind::Fetch => ("fetch", "trial-fetch"),
            StepKind::Silence => ("silence", "trial-silence"),
        };
        Self {
            key: format!("{class}-{}", step.number),
            seq: step.seq,
            class,
            tone: step.tone.name(),
            symbol: step.tone.symbol(),
            time: at("%H:%M:%S"),
            instant: at("%Y-%m-%dT%H:%M:%SZ"),
            title: words.tell(title, &[("number", step.number.into())]),
            did: step.did.clone(),
            seen: step.seen.clone(),
            follows: step.follows.clone(),
            labels: ["trial-did", "trial-seen", "trial-follows"].map(|id| words.say(id)),
        }
    }
}

/// What stands under the steps.
#[derive(Template)]
#[template(
    source = "{% for sentence in awaited %}<li>{{ sentence }}</li>{% endfor %}",
    ext = "html",
    config = ".askama.toml"
)]
struct Awaited<'a> {
    awaited: &'a [String],
}

/// The state of a page at one time.
#[derive(Default)]
pub(in crate::program::site) struct Frame {
    /// How manieth it is of its trial; 0: nothing is known yet.
    pub(in crate::program::site) number: u64,
    /// None of what there is not any more.
    pub(in crate::program::site) stage: Option<Stage>,
    steps: Vec<Rendered>,
    awaited: String,
    /// What is new since the frame before.
    pub(in crate::program::site) news: Bytes,
}

struct Rendered {
    key: String,
    seq: Seq,
    html: String,
}

impl Frame {
    /// The frame after `before`.
    pub(in crate::program::site) fn after(before: &Self, report: Option<&Arc<Report>>) -> Self {
        let number = before.number + 1;
        let Some(report) = report else { return Self { number, ..Self::default() } };
        let words = words::of(report.language);
        let render = |step: &Step| {
            let item = Item::new(step, words);
            let html = item.render().expect("writing to a String does not fail");
            Rendered { key: item.key, seq: item.seq, html }
        };
        let steps = report.steps.iter().map(render).collect();
        let awaited = Awaited { awaited: &report.awaited };
        let awaited = awaited.render().expect("writing to a String does not fail");
        let mut frame = Self { number, stage: Some(report.stage), steps, awaited, news: Bytes::new() };
        frame.news = frame.since(before);
        frame
    }

    /// Whether nothing comes after it.
    pub(in crate::program::site) fn is_last(&self) -> bool {
        self.number > 0 && self.stage.is_none_or(|stage| stage == Stage::Finished)
    }

    /// The events from `before` to here.
    fn since(&self, before: &Self) -> Bytes {
        let known = |step: &Rendered| {
            before.steps.iter().any(|other| other.key == step.key && other.html == step.html)
        };
        let mut events = self.steps_unlike(known);
        if self.awaited != before.awaited {
            events.push_str(&self.awaited_event());
        }
        events.into()
    }

    /// The events for a page that shows the steps up to `last`.
    pub(in crate::program::site) fn beyond(&self, last: Seq) -> Bytes {
        let mut events = self.steps_unlike(|step| step.seq <= last);
        events.push_str(&self.awaited_event());
        events.into()
    }

    fn steps_unlike(&self, known: impl Fn(&Rendered) -> bool) -> String {
        let mut events = String::new();
        // A reader that comes again names the last place it has; so those that are cut off in between lose nothing.
        let mut news: Vec<usize> = (0..self.steps.len()).filter(|n| !known(&self.steps[*n])).collect();
        news.sort_by_key(|n| self.steps[*n].seq);
        for n in news {
            let step = &self.steps[n];
            let next = self.steps.get(n + 1).map(|next| &next.key);
            let data = json!({ "key": step.key, "before": next, "html": step.html });
            let _infallible = write!(events, "id: {}\nevent: step\ndata: {data}\n\n", step.seq.0);
        }
        events
    }

    fn awaited_event(&self) -> String {
        format!("event: awaited\ndata: {}\n\n", json!({ "html": self.awaited }))
    }
}
