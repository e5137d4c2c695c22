//! The status page, the result pages and the state of the service, over plain HTTP behind the operator's proxy.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::BASE64;
use hyper_util::service::TowerToHyperService;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::sending::history::{SelfCheck, SelfChecked};
use crate::sending::persona::{Catalogue, Certificate, StandsFor, TlsaSpec};
use crate::sending::trial::{Places, TrialId};
use crate::shared::text::{Language, STYLE, clean};
use crate::shared::time::Timestamp;

use super::port::{Health, Html, Results};
use crate::sending::web::{Settings, http, listen};

/// The site and the result pages, which a trial's link opens.
pub struct Site {
    catalogue: Arc<Catalogue>,
    results: Arc<dyn Results>,
    health: Arc<dyn Health>,
    settings: Settings,
    places: Places,
}

impl Site {
    /// A site that shows what `results` and `health` say.
    pub fn new(
        catalogue: Arc<Catalogue>,
        results: Arc<dyn Results>,
        health: Arc<dyn Health>,
        settings: Settings,
    ) -> Self {
        let places = settings.places();
        Self { catalogue, results, health, settings, places }
    }

    /// Serves until `stop`.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let router = Router::new()
            .route("/", get(status_page))
            .route("/health", get(health))
            .route("/r/{trial}", get(result_page))
            .fallback(async || not_found())
            .layer(axum::middleware::map_response(guarded))
            .with_state(Arc::clone(&self));
        let (settings, stopping) = (self.settings.clone(), stop.clone());
        let serve = move |stream, _| {
            let service = TowerToHyperService::new(router.clone());
            let (settings, stop) = (settings.clone(), stopping.clone());
            async move { http(stream, &settings, stop, service).await }
        };
        listen(listener, &self.settings, &self.places, stop, serve).await;
    }
}

/// Adds to every answer what keeps a browser from doing more than showing it. An address of a result is a
/// secret: it must neither be indexed nor passed on as a referrer.
async fn guarded(mut response: Response) -> Response {
    let digest = BASE64.encode(&Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let headers: &mut HeaderMap = response.headers_mut();
    let policy = policy.parse().expect("base64 is a header's value");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn result_page(State(site): State<Arc<Site>>, Path(trial): Path<String>) -> Response {
    let Ok(trial) = trial.parse::<TrialId>() else { return not_found() };
    match site.results.page(&trial).await {
        Some(Html(page)) => {
            ([("x-robots-tag", "noindex, nofollow")], axum::response::Html(page)).into_response()
        }
        None => not_found(),
    }
}

/// The same for what is no address of ours, what is no trial's identity and a trial that there is not.
fn not_found() -> Response {
    let page = NotFound { style: STYLE }.render().expect("writing to a String does not fail");
    let status = StatusCode::NOT_FOUND;
    (status, [("x-robots-tag", "noindex, nofollow")], axum::response::Html(page)).into_response()
}

/// 200 while nothing is known to be wrong, also while something will be (`warnings`); 503 while the service is in trouble or the self-check is red.
async fn health(State(site): State<Arc<Site>>) -> Response {
    let last = site.health.last_self_check();
    let trouble = site.health.trouble();
    let state = last.as_ref().map(|(_, checked)| is_green(checked));
    let (status, word) = match state {
        _ if trouble.is_some() => (StatusCode::SERVICE_UNAVAILABLE, "trouble"),
        None => (StatusCode::OK, "unchecked"),
        Some(true) => (StatusCode::OK, "green"),
        Some(false) => (StatusCode::SERVICE_UNAVAILABLE, "red"),
    };
    let body = serde_json::json!({
        "status": word,
        "trouble": trouble,
        "warnings": site.health.warnings(),
        "checked": last.as_ref().map(|(at, _)| at),
        "self_check": last.as_ref().map(|(_, checked)| checked),
    });
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

fn is_green(checked: &SelfChecked) -> bool {
    checked.dns.is_green() && checked.certificates.is_green() && checked.policy_host.is_green()
}

async fn status_page(State(site): State<Arc<Site>>) -> Response {
    let catalogue = &site.catalogue;
    let addresses = |language: Language| {
        let cases = catalogue.test_cases();
        cases.map(|case| format!("{}@{}", language.tag(), catalogue.domain(case))).collect()
    };
    let last = site.health.last_self_check();
    let page = StatusPage {
        style: STYLE,
        red: last.as_ref().is_some_and(|(_, checked)| !is_green(checked)),
        origin: catalogue.origin(),
        english: addresses(Language::En),
        german: addresses(Language::De),
        rows: rows(catalogue),
        checks: last.map(|(at, checked)| checks(at, &checked)),
    };
    let page = page.render().expect("writing to a String does not fail");
    axum::response::Html(page).into_response()
}

#[derive(Template)]
#[template(path = "program/site/not_found.html", config = ".askama.toml")]
struct NotFound {
    style: &'static str,
}

#[derive(Template)]
#[template(path = "program/site/status.html", config = ".askama.toml")]
struct StatusPage<'a> {
    style: &'static str,
    /// Whether the last self-check failed.
    red: bool,
    origin: &'a str,
    english: Vec<String>,
    german: Vec<String>,
    rows: Vec<Row>,
    checks: Option<(String, Vec<Part>)>,
}

/// A persona in the table.
struct Row {
    server: u8,
    host: String,
    starttls: &'static str,
    certificate: String,
    tlsa: &'static str,
    policy: &'static str,
}

/// A part of the self-check.
struct Part {
    name: &'static str,
    class: &'static str,
    symbol: &'static str,
    text: String,
}

/// The personas that a test may meet.
fn rows(catalogue: &Catalogue) -> Vec<Row> {
    let of_suite = |persona: &&crate::sending::persona::Persona| match &persona.case {
        Some(case) => catalogue.case(case).is_some_and(|case| case.suite.is_some()),
        None => true,
    };
    let row = |persona: &crate::sending::persona::Persona| {
        let is_host = persona.stands_for == StandsFor::Host;
        let case = persona.case.as_ref().and_then(|case| catalogue.case(case));
        let name = |certificate| match certificate {
            Certificate::PublicCa => "public CA",
            Certificate::SelfSigned => "self-signed",
        };
        let second = persona.certificate_phase_b.map(|second| format!(", then {}", name(second)));
        Row {
            server: persona.server,
            host: match persona.stands_for {
                StandsFor::Host => catalogue.host_name(persona).unwrap_or_default(),
                StandsFor::StarttlsWithheld => "any, while STARTTLS is withheld".to_owned(),
                StandsFor::NoSni => "any, in TLS without a server name".to_owned(),
            },
            starttls: if persona.stands_for == StandsFor::StarttlsWithheld { "no" } else { "yes" },
            certificate: match persona.stands_for {
                StandsFor::StarttlsWithheld => "–".to_owned(),
                _ => format!("{}{}", name(persona.certificate), second.unwrap_or_default()),
            },
            tlsa: match persona.tlsa {
                _ if !is_host => "–",
                TlsaSpec::Match => "match",
                TlsaSpec::Mismatch => "mismatch",
                TlsaSpec::None => "none",
            },
            policy: match case.and_then(|case| case.mta_sts) {
                None => "–",
                Some(_) if persona.in_policy => "listed",
                Some(_) => "not listed",
            },
        }
    };
    catalogue.personas().filter(of_suite).map(row).collect()
}

fn checks(at: Timestamp, checked: &SelfChecked) -> (String, Vec<Part>) {
    let part = |name, check: &SelfCheck| match check {
        SelfCheck::Green => Part { name, class: "good", symbol: "✔", text: "in order".to_owned() },
        SelfCheck::Red { reason } => Part { name, class: "bad", symbol: "✘", text: clean(reason) },
    };
    let parts = vec![
        part("DNS", &checked.dns),
        part("Certificates", &checked.certificates),
        part("Policy host", &checked.policy_host),
    ];
    (at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(), parts)
}
