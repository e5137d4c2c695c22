//! A result beside an earlier one of the same sender, whose address the visitor has: no result leads to another by itself.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::program::site::Site;
use crate::program::site::port::{Comparison, Difference};
use crate::program::site::shell::{Reach, Shell, not_found, show};
use crate::program::site::visitor::Visitor;
use crate::program::site::words;
use crate::sending::trial::TrialId;

use super::known;

/// How much of what was pasted is read, in octets.
const PASTED_OCTETS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "program/site/trial/comparison.html", config = ".askama.toml")]
struct ComparisonPage {
    shell: Shell,
    trial: TrialId,
    /// What keeps both from being compared.
    problem: Option<String>,
    times: Option<[String; 2]>,
    changed: Vec<Difference>,
    same: Vec<Difference>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pasted {
    #[serde(default)]
    earlier: String,
}

pub(super) async fn ask(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    visitor: Visitor,
) -> Response {
    match known(&site, &trial).await {
        Some(trial) => page(&visitor, trial, None, None),
        None => not_found(visitor).await,
    }
}

pub(super) async fn compare(
    State(site): State<Arc<Site>>,
    Path(trial): Path<String>,
    visitor: Visitor,
    Form(pasted): Form<Pasted>,
) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found(visitor).await };
    let Some(earlier) = trial_in(&pasted.earlier).filter(|earlier| *earlier != trial) else {
        return page(&visitor, trial, Some("trial-compare-no-address"), None);
    };
    let problem = match site.parts.results.compare(&trial, &earlier, visitor.language).await {
        Comparison::Both { times, mut lines } => {
            // The first line is the answer itself.
            if let Some(answer) = lines.first_mut() {
                answer.what = words::of(visitor.language).say("trial-compare-answer");
            }
            return page(&visitor, trial, None, Some((times, lines)));
        }
        Comparison::OtherSender => "trial-compare-other",
        Comparison::NotYet => "trial-compare-not-yet",
        Comparison::Unknown => "trial-compare-unknown",
    };
    page(&visitor, trial, Some(problem), None)
}

/// The trial that an address of a result, as it is pasted, leads to.
fn trial_in(pasted: &str) -> Option<TrialId> {
    let pasted = pasted.trim();
    let pasted = pasted.get(..pasted.len().min(PASTED_OCTETS_MAX))?;
    let behind = pasted.rsplit_once("/r/").map_or(pasted, |(_, behind)| behind);
    behind.split(['?', '#', '/']).next()?.parse().ok()
}

fn page(
    visitor: &Visitor,
    trial: TrialId,
    problem: Option<&str>,
    both: Option<([crate::shared::time::Timestamp; 2], Vec<Difference>)>,
) -> Response {
    let words = words::of(visitor.language);
    let (times, lines) =
        both.map_or((None, Vec::new()), |(times, lines)| (Some(times.map(|time| words.moment(time))), lines));
    let (changed, same) = lines.into_iter().partition(|line| line.before != line.now);
    let page = ComparisonPage {
        shell: Shell::new(visitor, words.say("trial-compare-title"), Reach::Private),
        trial,
        problem: problem.map(|id| words.say(id)),
        times,
        changed,
        same,
    };
    show(&page.shell, &page)
}
