//! TXT records: the one of its kind at a name, and the fields of those of MTA-STS and TLSRPT, whose grammars are alike
//! (RFC 8461 §3.1, RFC 8460 §3).

use percent_encoding::percent_decode_str;

/// White space (RFC 5234, appendix B.1).
pub(super) const WSP: [char; 2] = [' ', '\t'];

/// The only one of `records` that `is` meant, or the error for none or for several of them.
pub(super) fn only<'a, E>(
    records: impl IntoIterator<Item = &'a str>,
    is: impl Fn(&str) -> bool,
    absent: E,
    several: E,
) -> Result<&'a str, E> {
    let mut found = records.into_iter().filter(|text| is(text));
    match (found.next(), found.next()) {
        (None, _) => Err(absent),
        (Some(text), None) => Ok(text),
        (Some(_), Some(_)) => Err(several),
    }
}

/// Whether a record begins with a version and a delimiter: others at the same name are none of ours.
pub(super) fn is_of_version(text: &str, version: &str) -> bool {
    let rest = text.strip_prefix(version).map(|rest| rest.trim_start_matches(WSP));
    rest.is_some_and(|rest| rest.starts_with(';'))
}

/// What stands between the delimiters behind the version, with the white space that belongs to them taken off. A
/// delimiter may end the record; two in a row make an empty field, which no grammar has.
pub(super) fn fields(text: &str) -> impl Iterator<Item = &str> {
    let mut fields: Vec<&str> = text.split(';').skip(1).map(|field| field.trim_start_matches(WSP)).collect();
    let last = fields.len().saturating_sub(1);
    for field in &mut fields[..last] {
        *field = field.trim_end_matches(WSP);
    }
    if fields.last().is_some_and(|field| field.is_empty()) {
        fields.pop();
    }
    fields.into_iter()
}

/// Whether a field is an extension: a name, and a value that is not empty (`sts-extension`, `tlsrpt-extension`).
pub(super) fn is_extension(field: &str) -> bool {
    let visible = |octet: u8| octet.is_ascii_graphic() && octet != b'=';
    field
        .split_once('=')
        .is_some_and(|(name, value)| is_name(name) && !value.is_empty() && value.bytes().all(visible))
}

/// The name of an extension: a letter or digit, then at most 31 of these and `_`, `-`, `.`.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"_-.".contains(&octet))
}

/// Whether a text is a `Domain` (RFC 5321 §4.1.2) that a host can have: labels of letters, digits and inner hyphens,
/// the last one not of digits alone, which would make it an address.
pub(super) fn is_domain(text: &str) -> bool {
    let digits = |label: &str| label.bytes().all(|octet| octet.is_ascii_digit());
    text.len() <= 253 && text.split('.').all(is_label) && !text.rsplit('.').next().is_some_and(digits)
}

/// Letters and digits, with hyphens between them, at most 63.
pub(super) fn is_label(text: &str) -> bool {
    let alphanumeric = |octet: &u8| octet.is_ascii_alphanumeric();
    text.len() <= 63
        && text.as_bytes().first().is_some_and(alphanumeric)
        && text.as_bytes().last().is_some_and(alphanumeric)
        && text.bytes().all(|octet| alphanumeric(&octet) || octet == b'-')
}

/// Whether a text is an address of mail, as far as its form tells.
pub(super) fn is_mailbox(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && local.chars().all(|c| !c.is_whitespace() && !c.is_control()) && is_domain(domain)
    })
}

/// Whether a text begins as a URI does, with its scheme (RFC 3986 §3.1).
pub(super) fn is_absolute(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
            && !rest.is_empty()
    })
}

/// Whether a text is a URI that a report can go to: `mailto:` with an address, or `https:` with a host. `schemes`
/// are those of the Web that are meant. Schemes have no case (RFC 3986 §3.1).
pub(super) fn is_report_uri(uri: &str, schemes: &[&str]) -> bool {
    if !is_uri_text(uri) {
        return false;
    }
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    if scheme.eq_ignore_ascii_case("mailto") {
        let address = rest.split('?').next().unwrap_or_default();
        return address.split(',').all(|one| is_mailbox(&percent_decode_str(one).decode_utf8_lossy()));
    }
    let known = schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let authority =
        rest.strip_prefix("//").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    known && authority.is_some_and(is_authority)
}

/// A host, perhaps with a port and a user (RFC 3986 §3.2).
fn is_authority(text: &str) -> bool {
    let host = text.rsplit('@').next().unwrap_or_default();
    if let Some((address, port)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = port.strip_prefix(':').unwrap_or(port);
        return address.parse::<std::net::Ipv6Addr>().is_ok() && port.bytes().all(|b| b.is_ascii_digit());
    }
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let named = is_domain(host) || host.parse::<std::net::Ipv4Addr>().is_ok();
    named && port.bytes().all(|octet| octet.is_ascii_digit())
}

/// Whether a text has the characters of a URI alone, every `%` with its two hexadecimal digits (RFC 3986 §2).
fn is_uri_text(text: &str) -> bool {
    let known = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&octet);
    let mut escapes = text.split('%').skip(1);
    text.bytes().all(known)
        && escapes.all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|octet| octet.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_may_end_a_record_and_not_stand_twice() {
        let read = |text| fields(text).collect::<Vec<_>>();
        assert_eq!(read("v; a=b"), ["a=b"]);
        assert_eq!(read("v;a=b \t; c=d ;\t"), ["a=b", "c=d"]);
        assert_eq!(read("v; a=b;;"), ["a=b", ""]);
        assert_eq!(read("v;; a=b "), ["", "a=b "]);
        assert_eq!(read("v;"), [""; 0]);
    }

    #[test]
    fn where_reports_can_go() {
        let https = |uri| is_report_uri(uri, &["https"]);
        for uri in [
            "mailto:a@b.example",
            "MAILTO:a.b+c@b.example?subject=x",
            "mailto:a%21b@b.example",
            "https://b.example",
            "HTTPS://b.example:8443/x?y=%7a",
            "https://[2001:db8::1]/x",
        ] {
            assert!(https(uri), "{uri}");
        }
        for uri in [
            "mailto:",
            "mailto:a",
            "mailto:@b.example",
            "mailto:a@",
            "mailto:a@b..example",
            "https://",
            "https:///x",
            "https:b.example",
            "http://b.example",
            "https://b.example/%",
            "https://b.example/%zz",
            "https://b.example/a b",
            "a@b.example",
            "noscheme",
            "",
        ] {
            assert!(!https(uri), "{uri}");
        }
        assert!(is_report_uri("http://b.example", &["https", "http"]));
    }
}
