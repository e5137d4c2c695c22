//! Names of domains, as people and hosts write them.

use std::net::IpAddr;

/// The registrable domain of a host name ("mail.example.co.uk" → "example.co.uk"), in lower case. Nothing
/// for address literals, single labels and public suffixes themselves.
pub fn registrable_domain(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name.starts_with('[') || name.parse::<IpAddr>().is_ok() {
        return None;
    }
    psl::domain_str(&name).map(str::to_owned)
}

/// The A-labels of a domain as people write it, in lower case and without the final dot (RFC 5890 §2.3.2.1). None
/// for what is no host name of at least two labels, such as an address.
pub fn a_labels(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii(domain.trim().trim_end_matches('.')).ok()?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            // Underscores are in no host name, and in some domains that send mail.
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_')
    };
    // The last label of a name is never a number (RFC 3696 §2): this leaves addresses out.
    let last = ascii.rsplit('.').next()?;
    let named = !last.bytes().all(|octet| octet.is_ascii_digit());
    (ascii.contains('.') && ascii.len() <= 253 && named && ascii.split('.').all(label)).then_some(ascii)
}

/// How much of what somebody pasted is read, in octets: the longest address and a link around it are far shorter.
const PASTED_OCTETS_MAX: usize = 2048;

/// Why what somebody pasted is no domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotADomain {
    /// There is nothing in it.
    Empty,
    /// It is an IP address.
    Address,
    /// It is a single label, such as `localhost`.
    SingleLabel,
    /// A label or the whole name is too long for DNS, or the text is.
    TooLong,
    /// Something in it is in no name of a host.
    Unreadable,
}

/// The domain that is meant by what somebody pasted: that of an address, a link, a host with its port or a domain, as
/// A-labels (RFC 5890).
///
/// # Errors
/// Why there is none in it.
pub fn meant(text: &str) -> Result<String, NotADomain> {
    if text.len() > PASTED_OCTETS_MAX {
        return Err(NotADomain::TooLong);
    }
    let text = without_scheme(between_brackets(text.trim()));
    // Path, query and fragment (RFC 3986 §3); in `mailto:` further addresses and fields (RFC 6068 §2).
    let text = text.split(['/', '?', '#', ',']).next().unwrap_or_default();
    let host = text.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => host,
        _ => host,
    };
    let host = host.trim_matches(['"', '\'', '<', '>', ';']).trim();
    a_labels(host).ok_or_else(|| why_none(host))
}

fn why_none(host: &str) -> NotADomain {
    let bare = host.trim_matches(['[', ']', '.']);
    let address = bare.strip_prefix("IPv6:").unwrap_or(bare);
    let numbers = bare.contains('.') && bare.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.');
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
    if bare.is_empty() {
        NotADomain::Empty
    } else if address.parse::<IpAddr>().is_ok()
        || host.starts_with('[')
        || numbers
        || bare.matches(':').count() > 1
    {
        NotADomain::Address
    } else if bare.len() > 253 || bare.split('.').any(|label| label.len() > 63) {
        NotADomain::TooLong
    } else if bare.bytes().all(plain) && !bare.starts_with('-') {
        NotADomain::SingleLabel
    } else {
        NotADomain::Unreadable
    }
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

/// A domain in A-labels as people write it (U-labels, RFC 5890), where that is another and sound.
pub fn u_labels(ascii: &str) -> Option<String> {
    let (unicode, sound) = idna::domain_to_unicode(ascii);
    sound.ok().map(|()| unicode).filter(|unicode| unicode != ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_have_a_labels() {
        for (written, ascii) in [
            ("Example.NET.", "example.net"),
            ("m\u{fc}nchen.example", "xn--mnchen-3ya.example"),
            ("a_b.example", "a_b.example"),
        ] {
            assert_eq!(a_labels(written).as_deref(), Some(ascii));
        }
        let long = format!("{}.example", "a".repeat(64));
        for none in
            ["", ".", "localhost", "192.0.2.1", "[192.0.2.1]", "2001:db8::1", "a..b", "-a.b", "a b.c", &long]
        {
            assert_eq!(a_labels(none), None, "{none}");
        }
    }

    #[test]
    fn literals_and_single_labels_have_no_domain() {
        for name in ["[192.0.2.1]", "192.0.2.1", "localhost", "[IPv6:2001:db8::1]", "", "com"] {
            assert_eq!(registrable_domain(name), None, "{name}");
        }
        assert_eq!(registrable_domain("Mail.Example.CO.UK.").as_deref(), Some("example.co.uk"));
    }

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
            assert_eq!(meant(pasted).ok().as_deref(), domain, "{pasted}");
        }
    }

    #[test]
    fn what_is_none_is_told_why() {
        let long = format!("{}.example", "a".repeat(64));
        for (pasted, why) in [
            (" ", NotADomain::Empty),
            ("<>", NotADomain::Empty),
            ("https://", NotADomain::Empty),
            ("192.0.2.1", NotADomain::Address),
            ("jim@[192.0.2.1]", NotADomain::Address),
            ("https://[2001:db8::1]/", NotADomain::Address),
            ("2001:db8::1", NotADomain::Address),
            ("1.2.3", NotADomain::Address),
            ("localhost", NotADomain::SingleLabel),
            ("jim@localhost", NotADomain::SingleLabel),
            (&long, NotADomain::TooLong),
            (&"a.".repeat(2000), NotADomain::TooLong),
            ("not a domain", NotADomain::Unreadable),
            ("-foo.test", NotADomain::Unreadable),
        ] {
            assert_eq!(meant(pasted), Err(why), "{pasted}");
        }
    }
}
