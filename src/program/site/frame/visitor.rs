//! Who asks for a page, and in which language.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::shared::text::Language;

/// The cookie that keeps the language which a visitor chose; nothing else is kept of visitors.
pub(in crate::program::site) const LANGUAGE_COOKIE: &str = "lang";

/// How much is read of `Accept-Language`, in octets.
const ACCEPT_LANGUAGE_OCTETS_MAX: usize = 512;

/// The address that a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::program::site) struct Client(pub(in crate::program::site) IpAddr);

impl Client {
    /// The address that requests come from.
    pub(in crate::program::site) fn address(self) -> IpAddr {
        self.0
    }
}

/// The connection that a request came on.
#[derive(Clone, Debug)]
pub(in crate::program::site) struct Connection {
    /// When it is cut.
    pub(in crate::program::site) until: Instant,
    /// Whether the service stops.
    pub(in crate::program::site) stop: CancellationToken,
}

/// What the operator makes of every page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::program::site) struct Furnished {
    /// Whether the site has an imprint, to which every page leads then.
    pub(in crate::program::site) imprint: bool,
    /// Where a style sheet is that comes after ours.
    pub(in crate::program::site) style: Option<String>,
}

/// Who asks for a page.
#[derive(Clone, Debug)]
pub(in crate::program::site) struct Visitor {
    pub(in crate::program::site) client: Client,
    pub(in crate::program::site) language: Language,
    /// Whether the language was chosen on the site, by the switch now or earlier.
    pub(in crate::program::site) chose_language: bool,
    /// Whether it was chosen with this request.
    pub(in crate::program::site) chooses_language: bool,
    pub(in crate::program::site) furnished: Furnished,
    /// Path and query as they were asked for.
    pub(in crate::program::site) place: String,
}

#[derive(Debug, Deserialize)]
struct Chosen {
    lang: Option<Language>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Without a connection there is no client; tests of single routes have none.
        let nobody = Client(Ipv4Addr::UNSPECIFIED.into());
        let client = parts.extensions.get::<Client>().copied().unwrap_or(nobody);
        let now = Query::<Chosen>::try_from_uri(&parts.uri).ok().and_then(|Query(chosen)| chosen.lang);
        let earlier = cookie(&parts.headers, LANGUAGE_COOKIE).and_then(Language::from_local_part);
        let chosen = now.or(earlier);
        let language = chosen.unwrap_or_else(|| accepted(&parts.headers));
        let place = parts.uri.path_and_query().map_or("/", |place| place.as_str()).to_owned();
        let furnished = parts.extensions.get::<Furnished>().cloned().unwrap_or_default();
        let (chose_language, chooses_language) = (chosen.is_some(), now.is_some());
        Ok(Self { client, language, chose_language, chooses_language, furnished, place })
    }
}

impl Visitor {
    /// The same place in another language.
    pub(in crate::program::site) fn place_in(&self, language: Language) -> String {
        let (path, query) = self.place.split_once('?').unwrap_or((&self.place, ""));
        // What begins with two slashes is another host (RFC 3986 §4.2).
        let path = format!("/{}", path.trim_start_matches(['/', '\\']));
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let chosen = format!("lang={}", language.tag());
        let query: Vec<&str> = kept.chain([chosen.as_str()]).collect();
        format!("{path}?{}", query.join("&"))
    }
}

/// The value of a cookie (RFC 6265 §4.2.1).
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The language that a browser prefers among ours (RFC 9110 §12.5.4).
fn accepted(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let wanted = wanted.and_then(|wanted| wanted.get(..wanted.len().min(ACCEPT_LANGUAGE_OCTETS_MAX)));
    let weighed = |range: &str| {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let language = Language::from_local_part(primary)?;
        let weight: f32 = weight.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
        (weight > 0.0).then_some((language, weight))
    };
    let mut best: Option<(Language, f32)> = None;
    for (language, weight) in wanted.unwrap_or_default().split(',').filter_map(weighed) {
        // Of equals the first.
        if best.is_none_or(|(_, known)| weight > known) {
            best = Some((language, weight));
        }
    }
    best.map_or_else(Language::default, |(language, _)| language)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn another_language_stays_on_this_site() {
        let visitor = |place: &str| Visitor {
            client: Client(Ipv4Addr::UNSPECIFIED.into()),
            language: Language::En,
            chose_language: false,
            chooses_language: false,
            furnished: Furnished::default(),
            place: place.to_owned(),
        };
        assert_eq!(visitor("/r/x?lang=en&a=b").place_in(Language::De), "/r/x?a=b&lang=de");
        assert_eq!(visitor("//evil.example/login").place_in(Language::De), "/evil.example/login?lang=de");
        assert_eq!(visitor("/\\evil.example").place_in(Language::De), "/evil.example?lang=de");
    }

    #[test]
    fn the_heaviest_language_that_we_write_wins() {
        let accepted = |text: &'static str| {
            accepted(&[(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text))].into_iter().collect())
        };
        assert_eq!(accepted("fr, de;q=0.8, en;q=0.9"), Language::En);
        assert_eq!(accepted("de-AT, en;q=0.9"), Language::De);
        assert_eq!(accepted("en;q=0, de;q=0.1"), Language::De);
        assert_eq!(accepted("nl"), Language::En);
        assert_eq!(accepted("de;q=x"), Language::En);
    }
}
