//! The form, and what is said where no check is begun.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use crate::program::domains::Refused;
use crate::program::site::Site;
use crate::program::site::shell::{Reach, Shell, see_other, show};
use crate::program::site::visitor::Visitor;
use crate::program::site::words;
use crate::receiving::report::readable;
use crate::shared::domain_name::NotADomain;
use crate::shared::text::{Words, clean};

/// How long the form may be kept, in seconds: it says whether checks are on.
const MAX_AGE_S: u32 = 60;

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    domain: String,
}

#[derive(Template)]
#[template(path = "program/site/domain/ask.html", config = ".askama.toml")]
struct Ask {
    shell: Shell,
    /// What was typed.
    typed: String,
    /// What is wrong with it, or with us.
    fault: Option<String>,
    /// What was done.
    done: Option<String>,
    is_on: bool,
}

/// The page with the form.
pub(super) async fn form(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let words = words::of(visitor.language);
    let query = visitor.place.split_once('?').map_or("", |(_, query)| query);
    let done = query.split('&').any(|pair| pair == "deleted").then(|| words.say("domain-deleted"));
    let is_on = site.parts.domains.settings().enabled;
    let shell = Shell::new(&visitor, words.say("domain-title"), Reach::Public { max_age_s: MAX_AGE_S });
    let page = Ask { shell, typed: String::new(), fault: None, done, is_on };
    show(&page.shell, &page)
}

/// Begins a check, and leads to its page.
pub(super) async fn asked(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    asked: Result<Form<Asked>, FormRejection>,
) -> Response {
    let typed = asked.map_or_else(|_| String::new(), |Form(asked)| asked.domain);
    let now = (site.parts.clock)();
    match site.parts.domains.start(&typed, visitor.client.address(), now).await {
        Ok(id) => see_other(&format!("/d/{id}")),
        Err(refused) => no(&visitor, &typed, &refused),
    }
}

fn no(visitor: &Visitor, typed: &str, refused: &Refused) -> Response {
    let words = words::of(visitor.language);
    let status = match refused {
        Refused::NotADomain(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::Client { .. } | Refused::Domain { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refused::Off => StatusCode::FORBIDDEN,
        Refused::Busy { .. } | Refused::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if let Refused::Unavailable(error) = refused {
        tracing::error!(%error, "a check could not be begun");
    }
    let mut response = again(visitor, typed, why(words, refused), !matches!(refused, Refused::Off));
    *response.status_mut() = status;
    if let Some(seconds) = refused.retry_after_s() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// That a check was cut off, and the form to begin it again.
pub(super) fn failed(visitor: &Visitor, domain: &str) -> Response {
    let words = words::of(visitor.language);
    let fault = words.tell("domain-failed", &[("domain", readable(domain).into())]);
    again(visitor, domain, fault, true)
}

fn again(visitor: &Visitor, typed: &str, fault: String, is_on: bool) -> Response {
    let words = words::of(visitor.language);
    let shell = Shell::new(visitor, words.say("domain-title"), Reach::Private);
    let page = Ask { shell, typed: clean(typed.trim()), fault: Some(fault), done: None, is_on };
    show(&page.shell, &page)
}

fn why(words: &Words, refused: &Refused) -> String {
    let name = match refused {
        Refused::NotADomain(NotADomain::Empty) => "empty",
        Refused::NotADomain(NotADomain::Address) => "address",
        Refused::NotADomain(NotADomain::SingleLabel) => "single-label",
        Refused::NotADomain(NotADomain::TooLong) => "too-long",
        Refused::NotADomain(NotADomain::Unreadable) => "unreadable",
        Refused::Off => "off",
        Refused::Client { .. } => "client",
        Refused::Domain { .. } => "domain",
        Refused::Busy { .. } => "busy",
        Refused::Unavailable(_) => "unavailable",
    };
    let minutes = refused.retry_after_s().unwrap_or(0).div_ceil(60);
    words.tell(&format!("domain-no-{name}"), &[("minutes", minutes.into())])
}
