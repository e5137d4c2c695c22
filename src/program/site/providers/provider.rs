//! A provider: its row, each cell with what proves it, what it says to that, and what was corrected.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::program::providers::tell::{self, ToldCheck, ToldRow, ToldTrial};
use crate::program::providers::{Dated, Entry, ProviderName, RegisterError};
use crate::shared::text::{Words, clean, clean_to};

use super::{Framed, Shell, Site, View, Visitor, answer};

/// How much of a text of somebody's is shown, in characters: all that is kept.
const TEXT_CHARS_MAX: usize = 2_000;

#[derive(Template)]
#[template(path = "program/site/providers/provider.html", config = ".askama.toml")]
pub(super) struct ProviderPage {
    shell: Shell,
    told: &'static Words,
    name: String,
    title: String,
    domains: String,
    remark: Option<String>,
    /// None: it was taken back.
    public: Option<Public>,
    retracted: Option<String>,
    replies: Vec<(String, String)>,
    corrections: Vec<(String, String)>,
    licence: (String, String),
}

/// What is public of it.
struct Public {
    since: String,
    updated: String,
    row: ToldRow,
    trials: Vec<ToldTrial>,
    checks: Vec<ToldCheck>,
    /// Those of its domains that have a badge.
    badges: Vec<String>,
}

impl Framed for ProviderPage {
    fn shell(&self) -> &Shell {
        &self.shell
    }
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Response {
    let made = match (View::of(&site, &visitor), name.parse::<ProviderName>()) {
        (Some(view), Ok(name)) => made(view, &name).await,
        _ => Ok(None),
    };
    answer(made, visitor).await
}

/// The page; none: nothing is public of it, and nothing was.
pub(super) async fn made(view: View<'_>, name: &ProviderName) -> Result<Option<ProviderPage>, RegisterError> {
    let entry = match view.register.entry(name).await {
        Ok(entry) => entry,
        Err(RegisterError::NoSuch(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    if entry.published.is_none() && entry.retracted.is_none() {
        return Ok(None);
    }
    let told = tell::words(view.visitor.language);
    let hall = view.register.hall(view.now).await?;
    let badges = hall.into_iter().filter(|member| member.provider == *name);
    let badges = badges.map(|member| member.domain).collect();
    let settings = view.register.settings();
    let title = clean(&entry.provider.title);
    Ok(Some(ProviderPage {
        shell: view.shell(title.clone()),
        told,
        name: name.to_string(),
        title,
        domains: entry.provider.domains.join(", "),
        remark: entry.provider.remark.as_ref().map(|text| clean_to(text, TEXT_CHARS_MAX)),
        retracted: entry.retracted.map(tell::day),
        replies: dated(&entry.replies),
        corrections: dated(&entry.corrections),
        licence: (settings.licence.clone(), settings.licence_url.clone()),
        public: public(view, &entry, badges),
    }))
}

fn public(view: View<'_>, entry: &Entry, badges: Vec<String>) -> Option<Public> {
    let published = entry.published.as_ref()?;
    let told = tell::words(view.visitor.language);
    Some(Public {
        since: tell::day(published.since),
        updated: tell::day(published.updated),
        row: tell::row(&published.row, &view.register.settings(), view.now, told),
        trials: tell::trials(&published.row, told),
        checks: tell::checks(&published.row, told),
        badges,
    })
}

fn dated(list: &[Dated]) -> Vec<(String, String)> {
    list.iter().map(|one| (tell::day(one.at), clean_to(&one.text, TEXT_CHARS_MAX))).collect()
}
