//! The changes as an Atom feed (RFC 4287).

use std::collections::BTreeMap;

use askama::Template;

use crate::shared::text::Words;

use super::super::register::Change;
use super::super::tell;
use super::Export;

#[derive(Template)]
#[template(path = "program/providers/export/feed.xml", config = ".askama.toml")]
struct Feed<'a> {
    language: &'static str,
    title: String,
    site: &'a str,
    updated: String,
    licence: &'a str,
    changes: Vec<Item>,
}

struct Item {
    number: i64,
    provider: String,
    text: String,
    at: String,
}

/// The changes, the newest first, in the language of `words`. `titles`: what the providers are called.
pub fn feed(
    export: Export<'_>,
    changes: &[Change],
    titles: &BTreeMap<String, String>,
    words: &Words,
) -> String {
    let item = |change: &Change| {
        let title = titles.get(&change.provider).unwrap_or(&change.provider);
        Item {
            number: change.number,
            provider: change.provider.clone(),
            text: tell::change(change, title, words),
            at: change.at.to_string(),
        }
    };
    let updated = changes.first().map_or(export.now, |change| change.at);
    let feed = Feed {
        language: words.language().tag(),
        title: format!("Mailassay: {}", export.site.split("://").last().unwrap_or(export.site)),
        site: export.site,
        updated: updated.to_string(),
        licence: &export.settings.licence,
        changes: changes.iter().map(item).collect(),
    };
    feed.render().expect("writing to a String does not fail")
}
