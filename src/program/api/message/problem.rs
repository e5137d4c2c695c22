//! What went wrong, as problem details (RFC 9457).

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::program::archive::ArchiveError;
use crate::program::report::json_text;

use super::received::Unusable;

/// The problem of a quota that is used up, as draft-ietf-httpapi-ratelimit-headers-10 registers it.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
/// That of a service that can do less than it should, of the same draft.
const REDUCED_CAPACITY: &str = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";
/// A problem that its status says (RFC 9457 §4.2.1).
const BLANK: &str = "about:blank";

/// When to come again where the archive does not answer, in seconds.
const ARCHIVE_RETRY_S: u32 = 30;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::api) struct Problem {
    pub(in crate::program::api) status: StatusCode,
    /// What programs tell it by, beside its status.
    pub(in crate::program::api) code: &'static str,
    /// In a sentence.
    pub(in crate::program::api) detail: String,
    /// In how many seconds it may be tried again, where that helps.
    pub(in crate::program::api) retry_after_s: Option<u32>,
    /// The policy of quotas that is used up.
    pub(in crate::program::api) policy: Option<&'static str>,
    /// Further fields of the header.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(in crate::program::api) fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code, detail: detail.into(), retry_after_s: None, policy: None, headers: Vec::new() }
    }

    /// One that goes by itself.
    pub(in crate::program::api) fn passing(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<String>,
        retry_after_s: u32,
    ) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new(status, code, detail) }
    }

    /// A quota is used up.
    pub(in crate::program::api) fn quota(
        policy: &'static str,
        code: &'static str,
        detail: impl Into<String>,
        retry_after_s: u32,
    ) -> Self {
        let problem = Self::passing(StatusCode::TOO_MANY_REQUESTS, code, detail, retry_after_s);
        Self { policy: Some(policy), ..problem }
    }

    /// There is nothing of that name, or it is not for whoever asks.
    pub(in crate::program::api) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing at this address.")
    }

    pub(in crate::program::api) fn with(
        mut self,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Self {
        self.headers.extend(headers);
        self
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        tracing::error!(%error, "a request to the API could not be answered");
        let detail = "The service cannot look into its archive at the moment.";
        Self::passing(StatusCode::SERVICE_UNAVAILABLE, "archive-unavailable", detail, ARCHIVE_RETRY_S)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = match self.status {
            StatusCode::TOO_MANY_REQUESTS if self.policy.is_some() => QUOTA_EXCEEDED,
            StatusCode::SERVICE_UNAVAILABLE if self.code == "busy" => REDUCED_CAPACITY,
            _ => BLANK,
        };
        let title = self.status.canonical_reason().unwrap_or("Problem");
        let mut body = json!({
            "type": kind,
            "title": title,
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if let Some(policy) = self.policy {
            body["violated-policies"] = json!([policy]);
        }
        if let Some(retry_after_s) = self.retry_after_s {
            body["retry_after_s"] = json!(retry_after_s);
        }
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, json_text(&body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.retry_after_s.map(|seconds| (header::RETRY_AFTER, seconds.into())));
        headers.extend(self.headers);
        response
    }
}

/// There is something at the address, and it does not take the method; axum says which it takes.
pub(in crate::program::api) async fn other_method() -> Problem {
    let detail = "This address does not take the request's method; `Allow` says which it takes.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail)
}

impl From<Unusable> for Problem {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::MediaType => {
                let detail = "The body is to be JSON, and its Content-Type application/json.";
                let accept = (header::ACCEPT, HeaderValue::from_static("application/json"));
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail).with([accept])
            }
            Unusable::TooLarge { octets_max } => {
                let detail = format!("The body has more than {octets_max} octets.");
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
            }
            Unusable::CutOff => Self::new(StatusCode::BAD_REQUEST, "cut-off", "The body did not come whole."),
            Unusable::NoJson(why) => {
                Self::new(StatusCode::BAD_REQUEST, "no-json", format!("The body is no JSON: {why}."))
            }
            Unusable::Other(why) => {
                let detail = format!("The body is not what is wanted here: {why}.");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "other-json", detail)
            }
        }
    }
}
