//! The domain that is meant by what somebody pasted.

use crate::shared::domain_name::a_labels;

/// The domain of an address, a link, a host with its port or a domain, as A-labels (RFC 5890); none if it has none.
pub(super) fn meant(text: &str) -> Option<String> {
    let text = between_brackets(text.trim());
    let text = without_scheme(text);
    // Path, query and fragment (RFC 3986 §3); in `mailto:` further addresses and fields (RFC 6068 §2).
    let text = text.split(['/', '?', '#', ',']).next().unwrap_or_default();
    let host = text.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => host,
        _ => host,
    };
    a_labels(host.trim_matches(['"', '\'', '<', '>', ';']))
}

/// "Jim Example <jim@example.org>".
fn between_brackets(text: &str) -> &str {
    match (text.rfind('<'), text.rfind('>')) {
        (Some(begin), Some(end)) if begin < end => text[begin + 1..end].trim(),
        _ => text,
    }
}

fn without_scheme(text: &str) -> &str {
    let mailto = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    match text.split_once("//") {
        _ if mailto.is_some() => &text[7..],
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_understood() {
        for (pasted, domain) in [
            ("example.org", Some("example.org")),
            (" Example.ORG. ", Some("example.org")),
            ("jim@example.org", Some("example.org")),
            ("<jim@example.org>", Some("example.org")),
            ("Jim Example <jim@example.org>", Some("example.org")),
            ("mailto:jim@example.org?subject=a/b", Some("example.org")),
            ("MAILTO:jim@example.org,ann@example.net", Some("example.org")),
            ("https://example.org/", Some("example.org")),
            ("http://user@example.org:8080/a@b?c#d", Some("example.org")),
            ("//example.org", Some("example.org")),
            ("example.org/path", Some("example.org")),
            ("example.org:25", Some("example.org")),
            ("smtp://mx.example.org:25", Some("mx.example.org")),
            ("gr\u{fc}n@gr\u{fc}ne.example", Some("xn--grne-1ra.example")),
            ("https://gr\u{fc}ne.example", Some("xn--grne-1ra.example")),
            ("192.0.2.1", None),
            ("[192.0.2.1]", None),
            ("https://[2001:db8::1]/", None),
            ("2001:db8::1", None),
            ("not a domain", None),
            ("localhost", None),
            ("-foo.test", None),
            ("", None),
            ("@", None),
            ("<>", None),
            ("https://", None),
        ] {
            assert_eq!(meant(pasted).as_deref(), domain, "{pasted}");
        }
    }
}
