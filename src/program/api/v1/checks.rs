//! Checks of domains: started, watched, read and deleted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::program::api::message::{CLIENT_POLICY, DOMAIN_POLICY, Named, Problem, Quota, read};
use crate::program::api::parts::Api;
use crate::program::api::user::Caller;
use crate::program::domains::{CheckId, Refused, State as CheckState};
use crate::program::report::json_text;
use crate::shared::domain_name::a_labels;

/// How many octets the body may have: a name has 253 at most.
const BODY_OCTETS_MAX: usize = 4_096;
/// When to look again at a check that is under way, in seconds.
const RUNNING_RETRY_S: u32 = 2;
/// When to come again after something of ours failed, in seconds.
const FAULT_RETRY_S: u32 = 60;
const HOUR_S: u32 = 3_600;

/// What is to be checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    domain: String,
}

/// Starts a check, or finds one that is so young that it is used again.
pub(super) async fn start(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let Wanted { domain } = read(request, BODY_OCTETS_MAX).await?;
    let domain = as_it_is_written(&domain)?;
    let now = api.now();
    let domains = &api.parts.domains;
    let (started, quota) = match &caller {
        Caller::Client(address) => {
            let started = domains.start(domain, *address, now).await;
            let (left, until_s) = domains.quota(*address, now);
            let max = domains.settings().per_client_hour_max;
            (started, Quota { policy: CLIENT_POLICY, max, window_s: HOUR_S, left, until_s })
        }
        Caller::User(user) => match user.charge(&api, 1).await? {
            Ok(quota) => (domains.start_trusted(domain, now).await, quota),
            Err(quota) => {
                let detail = "The key's budget of this day (UTC) is used up.";
                let problem = Problem::quota(quota.policy, "key-quota", detail, quota.until_s);
                return Err(problem.with(quota.headers()));
            }
        },
    };
    let id = started.map_err(|refused| Problem::from(refused).with(quota.headers()))?;
    let mut response = described(&api, &id).await?;
    *response.status_mut() = StatusCode::ACCEPTED;
    let headers = response.headers_mut();
    let place = HeaderValue::from_str(&address(&id)).expect("an identity is base 32");
    headers.insert(header::LOCATION, place);
    headers.extend(quota.headers());
    Ok(response)
}

/// How far a check is.
pub(super) async fn state(State(api): State<Arc<Api>>, Named(id): Named) -> Result<Response, Problem> {
    described(&api, &known(&id)?).await
}

/// What a check saw, and what the rules of this program make of it: the document that `mailassay check --json` prints.
pub(super) async fn result(State(api): State<Arc<Api>>, Named(id): Named) -> Result<Response, Problem> {
    let scan = match api.parts.domains.state(&known(&id)?).await? {
        None => return Err(Problem::not_found()),
        Some(CheckState::Done { scan, .. }) => scan,
        Some(CheckState::Failed { .. }) => {
            let detail = "The check was cut off, and has no result. Start another.";
            return Err(Problem::new(StatusCode::CONFLICT, "failed", detail));
        }
        Some(CheckState::Queued { .. } | CheckState::Running { .. }) => {
            let detail = "The check has not ended.";
            return Err(Problem::passing(StatusCode::CONFLICT, "not-ended", detail, RUNNING_RETRY_S));
        }
    };
    if let Some(text) = api.documents.of(scan) {
        return Ok(document(text.as_bytes().to_vec()));
    }
    let place = api.documents.place().await;
    // Somebody may have waited for the same.
    if let Some(text) = api.documents.of(scan) {
        return Ok(document(text.as_bytes().to_vec()));
    }
    let seen = api.parts.domains.kept(scan).await?.ok_or_else(Problem::not_found)?;
    let text = api.documents.make(seen, &place).await.ok_or_else(|| {
        let detail = "The result could not be written.";
        Problem::passing(StatusCode::SERVICE_UNAVAILABLE, "no-document", detail, FAULT_RETRY_S)
    })?;
    Ok(document(text.as_bytes().to_vec()))
}

/// Deletes a check for whoever has its address.
pub(super) async fn delete(State(api): State<Arc<Api>>, Named(id): Named) -> Result<StatusCode, Problem> {
    let id = known(&id)?;
    if let Some(CheckState::Done { scan, .. }) = api.parts.domains.state(&id).await? {
        api.documents.forget(scan);
    }
    match api.parts.domains.delete(&id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found()),
    }
}

/// A document for whoever has its address.
pub(super) fn document(text: impl Into<Body>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (kind, text.into()).into_response()
}

fn known(id: &str) -> Result<CheckId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

fn address(id: &CheckId) -> String {
    format!("/api/v1/checks/{id}")
}

/// A domain as programs write it: `openapi.json` has the same as a pattern.
fn as_it_is_written(domain: &str) -> Result<&str, Problem> {
    let refused = |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not-a-domain", detail);
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    let last = domain.rsplit('.').next().unwrap_or_default();
    let top =
        last.len() >= 2 && last.starts_with(|first: char| first.is_ascii_alphabetic()) && !last.contains('_');
    match a_labels(domain) {
        Some(_) if domain.bytes().all(plain) && !domain.ends_with('.') && top => Ok(domain),
        Some(ascii) if ascii != domain => {
            Err(refused(format!("Domains are written in A-labels here: {ascii}.")))
        }
        _ => Err(refused("This is no domain that mail could go to.".to_owned())),
    }
}

/// How far a check is, as an answer.
async fn described(api: &Api, id: &CheckId) -> Result<Response, Problem> {
    let state = api.parts.domains.state(id).await?.ok_or_else(Problem::not_found)?;
    let under_way = matches!(state, CheckState::Queued { .. } | CheckState::Running { .. });
    let mut response = document(json_text(&self::body(&state, id, &api.parts.settings.site_url)));
    if under_way {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RUNNING_RETRY_S));
    }
    Ok(response)
}

fn body(state: &CheckState, id: &CheckId, site_url: &str) -> Value {
    let (name, domain) = match state {
        CheckState::Queued { domain, .. } => ("queued", domain),
        CheckState::Running { domain, .. } => ("running", domain),
        CheckState::Done { domain, .. } => ("done", domain),
        CheckState::Failed { domain, .. } => ("failed", domain),
    };
    let address = address(id);
    let mut body = json!({
        "id": id.to_string(),
        "domain": domain,
        "state": name,
        "links": {
            "self": address,
            "result": format!("{address}/result"),
            "page": format!("{site_url}/d/{id}"),
        },
    });
    match state {
        CheckState::Queued { ahead, .. } => body["ahead"] = json!(ahead),
        CheckState::Running { progress, .. } => body["progress"] = json!(progress),
        CheckState::Done { asked, .. } | CheckState::Failed { asked, .. } => body["asked"] = json!(asked),
    }
    body
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotADomain(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "not-a-domain",
                "This is no domain that mail could go to.",
            ),
            Refused::Off => {
                let detail = "The operator has turned checks on request off.";
                Self::new(StatusCode::FORBIDDEN, "off", detail)
            }
            Refused::Client { retry_after_s } => {
                let detail = "As many checks were started from your network in this hour as may be.";
                Self::quota(CLIENT_POLICY, "client-quota", detail, retry_after_s)
            }
            Refused::Domain { retry_after_s } => {
                let detail =
                    "The domain was scanned as often on this day (UTC) as may be, for all who asked.";
                Self::quota(DOMAIN_POLICY, "domain-quota", detail, retry_after_s)
            }
            Refused::Busy { retry_after_s } => {
                let detail = "More checks are wanted than this service can make.";
                Self::passing(StatusCode::SERVICE_UNAVAILABLE, "busy", detail, retry_after_s)
            }
            Refused::Unavailable(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_written_in_one_way() {
        for domain in ["example.net", "EXAMPLE.net", "a_b.example", "xn--mnchen-3ya.example"] {
            assert_eq!(as_it_is_written(domain), Ok(domain));
        }
        let told = as_it_is_written("m\u{fc}nchen.example").unwrap_err().detail;
        assert!(told.contains("xn--mnchen-3ya.example"), "{told}");
        for none in ["", "localhost", "example.net.", " example.net", "192.0.2.1", "a..b", "a.b", "a.b_c"] {
            assert!(as_it_is_written(none).is_err(), "{none}");
        }
    }
}
