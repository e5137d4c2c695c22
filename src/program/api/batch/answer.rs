//! What the batch API answers, in internet.nl's form: each answer has the version of the form, an error a label.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::program::api::message::{Quota, Unusable};
use crate::program::api::user::challenges;
use crate::program::archive::{ArchiveError, BatchRow};
use crate::program::report::json_text;

/// The version of internet.nl's API whose form this is.
pub(super) const VERSION: &str = "2.4.0";

/// When to come again where the archive does not answer, in seconds.
const ARCHIVE_RETRY_S: u32 = 30;

/// Why a request is not done.
#[derive(Debug)]
pub(super) enum Refusal {
    Bad(String),
    /// The address is none of this version.
    Url,
    /// No key was shown, or none that is known.
    User,
    Unknown,
    /// Too much is wanted for now.
    Quota {
        why: &'static str,
        retry_after_s: u32,
        quota: Option<Quota>,
    },
    Method,
    Archive(ArchiveError),
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl From<Unusable> for Refusal {
    fn from(unusable: Unusable) -> Self {
        Self::Bad(match unusable {
            Unusable::MediaType => {
                "The body is to be JSON, and its Content-Type application/json.".to_owned()
            }
            Unusable::TooLarge { octets_max } => format!("The body has more than {octets_max} octets."),
            Unusable::CutOff => "The body did not come whole.".to_owned(),
            Unusable::NoJson(why) => format!("The body is no JSON: {why}."),
            Unusable::Other(why) => format!("The body is not what is wanted here: {why}."),
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error =
            |status, label, msg: &str| answer(status, json!({ "error": { "label": label, "msg": msg } }));
        match self {
            Self::Bad(why) => error(StatusCode::BAD_REQUEST, "bad-request", &why),
            Self::Url => error(
                StatusCode::BAD_REQUEST,
                "invalid-url",
                "There is nothing at this address. The API of this service has version 2: /api/batch/v2/requests.",
            ),
            Self::User => {
                let mut response = StatusCode::UNAUTHORIZED.into_response();
                for (name, challenge) in challenges() {
                    response.headers_mut().append(name, challenge);
                }
                response
            }
            Self::Unknown => {
                error(StatusCode::NOT_FOUND, "unknown-request", "This user has no request of that identity.")
            }
            Self::Quota { why, retry_after_s, quota } => {
                let mut response = error(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", why);
                response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
                response.headers_mut().extend(quota.map(Quota::headers).into_iter().flatten());
                response
            }
            Self::Method => {
                let why = "This address does not take the request's method; `Allow` says which it takes.";
                error(StatusCode::METHOD_NOT_ALLOWED, "bad-request", why)
            }
            Self::Archive(failed) => {
                tracing::error!(error = %failed, "a request to the batch API could not be answered");
                let why = "The service cannot look into its archive at the moment.";
                let mut response = error(StatusCode::SERVICE_UNAVAILABLE, "server-error", why);
                response.headers_mut().insert(header::RETRY_AFTER, ARCHIVE_RETRY_S.into());
                response
            }
        }
    }
}

/// An answer with the version in it.
pub(super) fn answer(status: StatusCode, mut body: Value) -> Response {
    body["api_version"] = json!(VERSION);
    let mut response = (status, json_text(&body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A request as it is told, and how far it is where that is wanted.
pub(super) fn request(row: &BatchRow, with_progress: bool) -> Value {
    let mut request = json!({
        "request_id": row.id,
        "name": row.name,
        "request_type": "mail",
        "status": row.state,
        "submit_date": row.submitted,
        "finished_date": row.finished,
    });
    if with_progress {
        request["progress"] = json!(format!("{}/{}", row.ended, row.domains));
        request["num_domains"] = json!(row.domains);
    }
    request
}
