//! How the test works: the servers that it plays, and whether the service is in order.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::sending::history::{SelfCheck, SelfChecked};
use crate::sending::persona::{Catalogue, Certificate, Persona, StandsFor, TlsaSpec};
use crate::shared::text::{Words, clean};

use super::Site;
use super::shell::{Reach, Shell, show};
use super::visitor::Visitor;
use super::words;

/// How long the page may be kept, in seconds.
const MAX_AGE_S: u32 = 60;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/method", get(method))
}

#[derive(Template)]
#[template(path = "program/site/method/method.html", config = ".askama.toml")]
struct Method {
    shell: Shell,
    rows: Vec<Row>,
    /// When the service last looked at itself, and what it found; none before the first time.
    checked: Option<(String, Vec<Part>)>,
    is_red: bool,
}

/// A persona in the table.
struct Row {
    server: u8,
    host: String,
    starttls: String,
    certificate: String,
    tlsa: String,
    policy: String,
}

/// A part of the self-check.
struct Part {
    name: String,
    class: &'static str,
    symbol: &'static str,
    text: String,
}

async fn method(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let words = words::of(visitor.language);
    let last = site.parts.health.last_self_check();
    let page = Method {
        shell: Shell::new(&visitor, words.say("method-title"), Reach::Public { max_age_s: MAX_AGE_S }),
        rows: rows(&site.parts.catalogue, words),
        is_red: last.as_ref().is_some_and(|(_, checked)| !checked.is_green()),
        checked: last.map(|(at, checked)| (words.moment(at), parts(&checked, words))),
    };
    show(&page.shell, &page)
}

/// The personas that a test may meet.
fn rows(catalogue: &Catalogue, words: &Words) -> Vec<Row> {
    let of_suite = |persona: &&Persona| match &persona.case {
        Some(case) => catalogue.case(case).is_some_and(|case| case.suite.is_some()),
        None => true,
    };
    catalogue.personas().filter(of_suite).map(|persona| row(catalogue, persona, words)).collect()
}

fn row(catalogue: &Catalogue, persona: &Persona, words: &Words) -> Row {
    let none = || "–".to_owned();
    let case = persona.case.as_ref().and_then(|case| catalogue.case(case));
    let name = |certificate| match certificate {
        Certificate::PublicCa => words.say("method-public-ca"),
        Certificate::SelfSigned => words.say("method-self-signed"),
    };
    let certificate = match persona.certificate_phase_b {
        None => name(persona.certificate),
        Some(second) => words.tell(
            "method-then",
            &[("first", name(persona.certificate).into()), ("second", name(second).into())],
        ),
    };
    let withheld = persona.stands_for == StandsFor::StarttlsWithheld;
    Row {
        server: persona.server,
        host: match persona.stands_for {
            StandsFor::Host => catalogue.host_name(persona).unwrap_or_default(),
            StandsFor::StarttlsWithheld => words.say("method-any-withheld"),
            StandsFor::NoSni => words.say("method-any-no-sni"),
        },
        starttls: words.say(if withheld { "method-no" } else { "method-yes" }),
        certificate: if withheld { none() } else { certificate },
        tlsa: match persona.tlsa {
            _ if persona.stands_for != StandsFor::Host => none(),
            TlsaSpec::Match => words.say("method-tlsa-match"),
            TlsaSpec::Mismatch => words.say("method-tlsa-mismatch"),
            TlsaSpec::None => words.say("method-tlsa-none"),
        },
        policy: match case.and_then(|case| case.mta_sts.as_ref()) {
            None => none(),
            Some(_) if persona.in_policy => words.say("method-listed"),
            Some(_) => words.say("method-not-listed"),
        },
    }
}

fn parts(checked: &SelfChecked, words: &Words) -> Vec<Part> {
    let part = |name, check: &SelfCheck| {
        let (class, symbol, text) = match check {
            SelfCheck::Green => ("good", "✔", words.say("method-in-order")),
            SelfCheck::Red { reason } => ("bad", "✘", clean(reason)),
        };
        Part { name: words.say(name), class, symbol, text }
    };
    vec![
        part("method-dns", &checked.dns),
        part("method-certificates", &checked.certificates),
        part("method-policy-host", &checked.policy_host),
    ]
}
