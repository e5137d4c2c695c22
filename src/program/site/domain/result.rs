//! The result of a check: judged and written once for each language, the rest at each request.

use std::sync::Arc;

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::program::domains::{ArchiveError, CheckId, Kept, Past};
use crate::program::report::json_text;
use crate::program::site::Site;
use crate::program::site::frame::rendered::Part;
use crate::program::site::shell::{Reach, Shell, not_found, show};
use crate::program::site::visitor::Visitor;
use crate::program::site::words;
use crate::receiving::grades::{OWN, Receiving};
use crate::receiving::report;
use crate::shared::text::{Language, Words};
use crate::shared::time::Timestamp;

use super::sections::{outlook, since};
use super::unavailable;

/// A check that has ended.
pub(super) struct Done {
    pub(super) domain: String,
    pub(super) asked: Timestamp,
    pub(super) scan: i64,
}

#[derive(Template)]
#[template(path = "program/site/domain/result.html", config = ".askama.toml")]
struct ResultPage {
    shell: Shell,
    id: String,
    domain: String,
    report: Arc<Part>,
    history: Vec<Row>,
    until: String,
}

/// A scan in the history of the domain.
struct Row {
    day: String,
    letter: String,
    score: String,
    rules: String,
    is_this: bool,
}

/// How the keys of all parts begin that are made of a scan.
pub(super) fn keys(scan: i64) -> String {
    format!("{scan} ")
}

/// The page.
pub(super) async fn page(site: &Arc<Site>, id: &CheckId, done: Done, visitor: Visitor) -> Response {
    let made = made(site, &done, visitor.language).await;
    let (report, history) = match made {
        Err(error) => return unavailable(&error),
        Ok(None) => return not_found(visitor).await,
        Ok(Some(made)) => made,
    };
    let words = words::of(visitor.language);
    let kept_days = i64::from(site.parts.domains.settings().retention_days);
    let until = done.asked.checked_add(jiff::SignedDuration::from_hours(24 * kept_days)).ok();
    let until = until.map_or_else(String::new, |until| words.moment(until));
    let page = ResultPage {
        shell: Shell::new(&visitor, report.title.clone(), Reach::Private),
        id: id.to_string(),
        domain: done.domain.clone(),
        report,
        history: history.iter().map(|past| row(words, past, done.scan)).collect(),
        until: words.tell("domain-until", &[("until", until.into())]),
    };
    show(&page.shell, &page)
}

/// The document of a scan, as `mailassay check --json` prints it.
pub(super) async fn document(site: &Arc<Site>, scan: i64, visitor: Visitor) -> Response {
    let key = format!("{}json", keys(scan));
    let part = match site.check_pages.get(&key).await {
        Some(part) => part,
        None => {
            let write = |kept: &Kept| {
                let receiving = Receiving::of(&kept.evidence, kept.evidence.to);
                let text = json_text(&report::json(&receiving, kept.evidence.to));
                Part { title: String::new(), text }
            };
            match once(site, key, scan, None, move |kept, _| write(kept)).await {
                Err(error) => return unavailable(&error),
                Ok(None) => return not_found(visitor).await,
                Ok(Some(part)) => part,
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    (headers, part.text.clone()).into_response()
}

/// The report, and the history that goes with it.
async fn made(
    site: &Arc<Site>,
    done: &Done,
    language: Language,
) -> Result<Option<(Arc<Part>, Vec<Past>)>, ArchiveError> {
    let history = site.parts.domains.history(&done.domain).await?;
    // What it is compared with may have been deleted since.
    let at = history.iter().position(|past| past.scan == done.scan);
    let before = at.and_then(|at| history.get(at + 1)).map(|past| past.scan);
    let key = format!("{}{} {}", keys(done.scan), before.unwrap_or(0), language.tag());
    let part = match site.check_pages.get(&key).await {
        Some(part) => Some(part),
        None => once(site, key, done.scan, before, move |kept, before| write(kept, before, language)).await?,
    };
    Ok(part.map(|part| (part, history)))
}

/// Makes a part, off the threads that others wait on, and remembers it. Who waited for its turn finds what the one before
/// has made.
async fn once(
    site: &Arc<Site>,
    key: String,
    scan: i64,
    before: Option<i64>,
    write: impl FnOnce(&Kept, Option<&Kept>) -> Part + Send + 'static,
) -> Result<Option<Arc<Part>>, ArchiveError> {
    let Ok(_place) = site.check_makers.acquire().await else { return Ok(None) };
    if let Some(part) = site.check_pages.get(&key).await {
        return Ok(Some(part));
    }
    let domains = &site.parts.domains;
    let Some(kept) = domains.kept(scan).await? else { return Ok(None) };
    let before = match before {
        Some(before) => domains.kept(before).await?,
        None => None,
    };
    let writing = tokio::task::spawn_blocking(move || Arc::new(write(&kept, before.as_ref())));
    let part = match writing.await {
        Ok(part) => part,
        Err(error) => {
            tracing::error!(scan, %error, "the page of a check could not be made");
            return Ok(None);
        }
    };
    site.check_pages.keep(key, Arc::clone(&part)).await;
    Ok(Some(part))
}

/// The report: what the scan found, what changed, and who would not deliver.
fn write(kept: &Kept, before: Option<&Kept>, language: Language) -> Part {
    let evidence = &kept.evidence;
    let receiving = Receiving::of(evidence, evidence.to);
    let mut page = report::page(&receiving, OWN, language, evidence.to);
    if report::exists(&receiving) {
        // Behind the grades and what to do about them; what is left is for reading up.
        let place = page.sections.len().min(2);
        let added = before.map(|before| since(before, kept, language)).unwrap_or_default();
        let added: Vec<_> = added.into_iter().chain(outlook(&receiving, language)).collect();
        page.sections.splice(place..place, added);
    }
    Part { title: page.subject.clone(), text: page.fragment() }
}

fn row(words: &Words, past: &Past, this: i64) -> Row {
    let nothing = || "–".to_owned();
    Row {
        day: words.moment(past.at),
        letter: past.then.letter.clone().unwrap_or_else(nothing),
        score: match past.then.score {
            None => nothing(),
            Some((least, most)) if least == most => {
                words.tell("domain-percent", &[("score", least.to_string().into())])
            }
            Some((least, most)) => {
                words.tell("domain-percent", &[("score", format!("{least}–{most}").into())])
            }
        },
        rules: past.then.rules.clone(),
        is_this: past.scan == this,
    }
}
