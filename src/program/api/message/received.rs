//! The body of a request: JSON, within limits.

use axum::extract::Request;
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::shared::text::clean_to;

/// How many octets of an error's words are told: they may quote what was sent.
const ERROR_CHARS_MAX: usize = 200;

/// Why a body cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::api) enum Unusable {
    /// It is of another media type.
    MediaType,
    /// It has more octets than may be.
    TooLarge { octets_max: usize },
    /// It ended early.
    CutOff,
    /// It is no JSON, or nested too deep: beyond 128 levels, which is serde_json's own limit.
    NoJson(String),
    /// It is JSON with something else in it.
    Other(String),
}

/// Reads the body of a request.
pub(in crate::program::api) async fn read<T: DeserializeOwned>(
    request: Request,
    octets_max: usize,
) -> Result<T, Unusable> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    // A form of another site can send no such type without the browser asking first (Fetch: CORS preflight).
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Unusable::MediaType);
    }
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if declared.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > octets_max) {
        return Err(Unusable::TooLarge { octets_max });
    }
    let body = http_body_util::Limited::new(request.into_body(), octets_max);
    let body = match http_body_util::BodyExt::collect(body).await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(Unusable::TooLarge { octets_max });
        }
        Err(_) => return Err(Unusable::CutOff),
    };
    let words = |error: serde_json::Error| clean_to(&error.to_string(), ERROR_CHARS_MAX);
    let value: Value = serde_json::from_slice(&body).map_err(|error| Unusable::NoJson(words(error)))?;
    // A list of the fields' values would do for serde.
    if !value.is_object() {
        return Err(Unusable::Other("it is no object".to_owned()));
    }
    serde_json::from_value(value).map_err(|error| Unusable::Other(words(error)))
}
