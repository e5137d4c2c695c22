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
}
