//! Who asks: an address, or a user whose key the operator has given out.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use data_encoding::BASE64;

use crate::program::api::message::{KEY_POLICY, Problem, Quota};
use crate::program::api::parts::Api;
use crate::program::archive::{ApiKeyRow, ArchiveError};

use super::key::ApiKey;

/// Whoever serves tells the API by this extension of a request from which address it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

const DAY_S: i64 = 86_400;

/// A user, and what its key is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::api) struct User(ApiKeyRow);

/// Why nobody is let in.
#[derive(Debug)]
pub(in crate::program::api) enum Stopped {
    /// There is no such key, or none was shown.
    Unknown,
    Archive(ArchiveError),
}

/// The challenges of an answer 401: HTTP Basic (RFC 7617 §2), as clients of internet.nl's API do it, and a bearer's
/// token (RFC 6750 §3).
pub(in crate::program::api) fn challenges() -> [(HeaderName, HeaderValue); 2] {
    ["Basic realm=\"mailassay\", charset=\"UTF-8\"", "Bearer realm=\"mailassay\""]
        .map(|challenge| (header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)))
}

impl User {
    pub(in crate::program::api) fn name(&self) -> &str {
        &self.0.name
    }

    /// The user whose key a request shows; none where it shows none.
    pub(in crate::program::api) async fn of(api: &Api, headers: &HeaderMap) -> Result<Option<Self>, Stopped> {
        let Some(shown) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
        let (name, key) = shown.to_str().ok().and_then(credentials).ok_or(Stopped::Unknown)?;
        let row = api.parts.archive.api_key(&key.digest()).await.map_err(Stopped::Archive)?;
        match row {
            Some(row) if name.is_none_or(|name| name == row.name) => Ok(Some(Self(row))),
            Some(_) | None => Err(Stopped::Unknown),
        }
    }

    /// Takes so many domains from its budget of the day: what is left of it, or in how many seconds there is a new one.
    pub(in crate::program::api) async fn charge(
        &self,
        api: &Api,
        count: u32,
    ) -> Result<Result<Quota, Quota>, ArchiveError> {
        let second = api.now().as_second();
        let day = second.div_euclid(DAY_S);
        let until_s = u32::try_from((day + 1) * DAY_S - second).unwrap_or(0);
        let quota =
            |left| Quota { policy: KEY_POLICY, max: self.0.day_max, window_s: DAY_S as u32, left, until_s };
        Ok(match api.parts.archive.use_api_key(self.name(), day, count).await? {
            Some(left) => Ok(quota(left)),
            None => {
                let used = if self.0.day == day { self.0.used } else { 0 };
                Err(quota(self.0.day_max.saturating_sub(used)))
            }
        })
    }
}

/// The user that is named, if one is, and the key that is shown.
fn credentials(shown: &str) -> Option<(Option<String>, ApiKey)> {
    let (scheme, value) = shown.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some((None, ApiKey::sent(value)));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64.decode(value.as_bytes()).ok()?).ok()?;
    let (name, key) = pair.split_once(':')?;
    Some((Some(name.to_owned()), ApiKey::sent(key)))
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::api) enum Caller {
    Client(IpAddr),
    User(User),
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        match User::of(api, &parts.headers).await {
            Ok(Some(user)) => Ok(Self::User(user)),
            // Without a connection there is no address; tests of single routes have none.
            Ok(None) => Ok(Self::Client(
                parts.extensions.get().map_or(Ipv4Addr::UNSPECIFIED.into(), |Client(address)| *address),
            )),
            Err(Stopped::Archive(error)) => Err(error.into()),
            Err(Stopped::Unknown) => {
                let detail = "There is no such key. Leave it out to ask as anybody may, or have the operator make one.";
                Err(Problem::new(StatusCode::UNAUTHORIZED, "unknown-key", detail).with(challenges()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_two_ways() {
        let key = || ApiKey::sent("ma_x");
        assert_eq!(credentials("Bearer ma_x"), Some((None, key())));
        let basic = format!("basic {}", BASE64.encode(b"isp:ma_x"));
        assert_eq!(credentials(&basic), Some((Some("isp".to_owned()), key())));
        for none in ["", "Bearer", "Digest x", "Basic !", "Basic aXNw"] {
            assert_eq!(credentials(none), None, "{none}");
        }
    }
}
