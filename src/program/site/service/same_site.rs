//! Forms are sent from pages of this site alone: one place for all of them.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Turns away what changes something and comes from another site. Programs say nothing of where they come from, and
/// browsers always do: `Sec-Fetch-Site`, or `Origin` where they are old.
pub(super) async fn checked(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_from_here(request.headers()) {
        return (StatusCode::FORBIDDEN, "This form was not sent from a page of this site.\n").into_response();
    }
    next.run(request).await
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return true };
    let host = text(header::HOST.as_str()).unwrap_or_default();
    // RFC 6454 §6.1: scheme and host.
    origin.split_once("://").is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_site_sends_is_turned_away() {
        let is_from_here = |fields: &[(&str, &str)]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "test.example.org".parse().expect("a host"));
            for (name, value) in fields {
                let name: axum::http::HeaderName = name.parse().expect("a name");
                headers.insert(name, value.parse().expect("a value"));
            }
            is_from_here(&headers)
        };
        assert!(is_from_here(&[]), "a program");
        assert!(
            is_from_here(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            "no-referrer makes it null"
        );
        assert!(is_from_here(&[("origin", "https://test.example.org")]));
        for other in ["cross-site", "same-site", "x"] {
            assert!(
                !is_from_here(&[("sec-fetch-site", other), ("origin", "https://test.example.org")]),
                "{other}"
            );
        }
        for other in
            ["null", "https://example.org", "https://test.example.org.example.net", "test.example.org"]
        {
            assert!(!is_from_here(&[("origin", other)]), "{other}");
        }
    }
}
