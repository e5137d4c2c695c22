//! The halls of fame, and figures.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::program::providers::{HallEntry, RegisterError, tell};
use crate::shared::text::clean;

use super::{Framed, Shell, Site, View, Visitor, answer};

#[derive(Template)]
#[template(path = "program/site/providers/hall.html", config = ".askama.toml")]
pub(super) struct HallPage {
    shell: Shell,
    both: Vec<Member>,
    receiving: Vec<Member>,
    failures: u32,
}

/// A domain in the hall.
struct Member {
    domain: String,
    provider: String,
    title: String,
    since: String,
    checked: String,
    /// How many of the last checks failed.
    failures: u32,
}

impl Framed for HallPage {
    fn shell(&self) -> &Shell {
        &self.shell
    }
}

pub(super) async fn hall_page(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let made = match View::of(&site, &visitor) {
        Some(view) => hall(view).await.map(Some),
        None => Ok(None),
    };
    answer(made, visitor).await
}

pub(super) async fn hall(view: View<'_>) -> Result<HallPage, RegisterError> {
    let (both, receiving): (Vec<_>, Vec<_>) =
        view.register.hall(view.now).await?.into_iter().partition(|entry| entry.both_directions);
    Ok(HallPage {
        shell: view.shell(view.words().say("hall-title")),
        both: both.iter().map(member).collect(),
        receiving: receiving.iter().map(member).collect(),
        failures: view.register.settings().hall_failures_max,
    })
}

fn member(entry: &HallEntry) -> Member {
    Member {
        domain: entry.domain.clone(),
        provider: entry.provider.to_string(),
        title: clean(&entry.title),
        since: tell::day(entry.standing.since),
        checked: tell::day(entry.standing.newest),
        failures: entry.standing.failures,
    }
}

#[derive(Template)]
#[template(path = "program/site/providers/statistics.html", config = ".askama.toml")]
pub(super) struct StatisticsPage {
    shell: Shell,
    made: Option<String>,
    networks: Option<usize>,
    terms: Vec<(String, usize)>,
    few: usize,
    least: usize,
}

impl Framed for StatisticsPage {
    fn shell(&self) -> &Shell {
        &self.shell
    }
}

pub(super) async fn statistics_page(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let made = match View::of(&site, &visitor) {
        Some(view) => statistics(view).await.map(Some),
        None => Ok(None),
    };
    answer(made, visitor).await
}

pub(super) async fn statistics(view: View<'_>) -> Result<StatisticsPage, RegisterError> {
    let found = view.register.statistics().await?;
    let (made, statistics) = found.unzip();
    let statistics = statistics.unwrap_or_default();
    let words = view.words();
    let name = |(term, count): (String, usize)| {
        let id = format!("statistics-{term}");
        (if words.has(&id) { words.say(&id) } else { term }, count)
    };
    let mut terms: Vec<(String, usize)> = statistics.terms.into_iter().map(name).collect();
    terms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(StatisticsPage {
        shell: view.shell(words.say("statistics-title")),
        made: made.map(tell::day),
        networks: statistics.networks,
        terms,
        few: statistics.few,
        least: view.register.settings().statistics_networks_min,
    })
}
