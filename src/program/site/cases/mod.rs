//! The recipient domains that are faulty on purpose: the way to the second part, all cases, and each by itself.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use crate::program::report::cases::{Listed, family_title, list, tone_of};
use crate::sending::persona::{Family, Suite};
use crate::shared::text::Words;

use super::shell::{Reach, Shell, mailto, not_found, show};
use super::visitor::Visitor;
use super::words;
use super::{Parts, Site};

/// How long these pages may be kept, in seconds: they change with the configuration alone.
const MAX_AGE_S: u32 = 300;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/second-part", get(second_part))
        .route("/cases", get(cases))
        .route("/cases/{case}", get(case))
}

#[derive(Template)]
#[template(path = "program/site/cases/second_part.html", config = ".askama.toml")]
struct SecondPart {
    shell: Shell,
    /// The addresses of the suite `first` as far as it is offered, as in To; empty if nothing of it is.
    addresses: String,
    mailto: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "program/site/cases/cases.html", config = ".askama.toml")]
struct Cases {
    shell: Shell,
    families: Vec<(String, Vec<Row>)>,
}

#[derive(Template)]
#[template(path = "program/site/cases/case.html", config = ".askama.toml")]
struct Case {
    shell: Shell,
    row: Row,
    family: String,
    /// What each outcome is worth: class, symbol, sentence.
    worth: Vec<(&'static str, &'static str, String)>,
    rfc: String,
    hosts: Vec<Host>,
    /// How it differs from a signed domain with two sound servers, by the keys of its file.
    differences: Vec<(&'static str, String)>,
    mailto: String,
}

/// A case in a line.
struct Row {
    id: String,
    title: String,
    what: String,
    address: String,
    /// Whether it is one of the first.
    is_first: bool,
    is_offered: bool,
}

/// A host of a case.
struct Host {
    name: String,
    preference: u8,
    entrance: &'static str,
    addresses: String,
}

fn row(listed: &Listed<'_>, words: &Words) -> Row {
    Row {
        id: listed.case.id.to_string(),
        title: listed.text.title.clone(),
        what: listed.text.what.clone(),
        address: listed.address(words.language()),
        is_first: listed.case.suite == Suite::First,
        is_offered: listed.is_offered(),
    }
}

/// Whether any case of the suite `first` is offered.
pub(super) fn has_second_part(parts: &Parts) -> bool {
    let mut cases = parts.catalogue.ruled_cases();
    cases.any(|case| case.suite == Suite::First && parts.addresses.offers(case))
}

async fn second_part(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let words = words::of(visitor.language);
    let parts = &site.parts;
    let listed = list(&parts.catalogue, &parts.addresses, visitor.language);
    let first: Vec<&Listed<'_>> =
        listed.iter().filter(|one| one.case.suite == Suite::First && one.is_offered()).collect();
    let addresses: Vec<String> = first.iter().map(|one| one.address(visitor.language)).collect();
    let page = SecondPart {
        shell: Shell::new(&visitor, words.say("second-part-title"), Reach::Public { max_age_s: MAX_AGE_S })
            .with_scripts(&["copy.js"]),
        mailto: mailto(&addresses, &words.say("cases-subject")),
        addresses: addresses.join(", "),
        rows: first.into_iter().map(|one| row(one, words)).collect(),
    };
    show(&page.shell, &page)
}

async fn cases(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let words = words::of(visitor.language);
    let parts = &site.parts;
    let listed = list(&parts.catalogue, &parts.addresses, visitor.language);
    let family = |family: &Family| {
        let own = listed.iter().filter(|one| one.case.family == *family);
        let rows: Vec<Row> = own.map(|one| row(one, words)).collect();
        (!rows.is_empty()).then(|| (family_title(*family, visitor.language), rows))
    };
    let page = Cases {
        shell: Shell::new(&visitor, words.say("cases-title"), Reach::Public { max_age_s: MAX_AGE_S }),
        families: Family::ALL.iter().filter_map(family).collect(),
    };
    show(&page.shell, &page)
}

async fn case(State(site): State<Arc<Site>>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let words = words::of(visitor.language);
    let parts = &site.parts;
    let listed = list(&parts.catalogue, &parts.addresses, visitor.language);
    let Some(one) = listed.iter().find(|one| one.case.id.0 == id) else { return not_found(visitor).await };
    let row = row(one, words);
    let title = words.tell("case-title", &[("title", row.title.as_str().into()), ("id", id.as_str().into())]);
    let worth = one.text.worth.iter().map(|worth| {
        let tone = tone_of(Some(worth.standing));
        (tone.name(), tone.symbol(), worth.text.clone())
    });
    let hosts = one.hosts.iter().map(|host| Host {
        name: host.name.clone(),
        preference: host.preference,
        entrance: host.entrance.word(),
        addresses: host.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    });
    let page = Case {
        shell: Shell::new(&visitor, title, Reach::Public { max_age_s: MAX_AGE_S }).with_scripts(&["copy.js"]),
        family: family_title(one.case.family, visitor.language),
        worth: worth.collect(),
        rfc: one.case.rfc.join(", "),
        hosts: hosts.collect(),
        differences: one.text.differences.clone(),
        mailto: mailto(std::slice::from_ref(&row.address), &words.say("cases-subject")),
        row,
    };
    show(&page.shell, &page)
}
