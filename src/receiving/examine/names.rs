//! Names of subjects and issuers as RFC 4514 writes them, and the name of a host in a certificate.

use std::fmt::Write;

use data_encoding::HEXLOWER;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::cut;

/// How long a name may be when written, in octets.
const NAME_OCTETS_MAX: usize = 512;

/// A distinguished name as RFC 4514 §2 writes it: the last part first.
pub(super) fn rfc4514(name: &X509Name<'_>) -> String {
    let parts: Vec<_> = name.iter_rdn().collect();
    let mut text = String::new();
    for (at, part) in parts.iter().rev().enumerate() {
        for (inner, attribute) in part.iter().enumerate() {
            match (at, inner) {
                (0, 0) => {}
                (_, 0) => text.push(','),
                _ => text.push('+'),
            }
            write_attribute(&mut text, attribute);
        }
        if text.len() > NAME_OCTETS_MAX {
            break;
        }
    }
    cut(&text, NAME_OCTETS_MAX)
}

fn write_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) {
    let oid = attribute.attr_type().to_id_string();
    // RFC 4514 §3.
    let short = match oid.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.6" => "C",
        "2.5.4.9" => "STREET",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        _ => "",
    };
    text.push_str(if short.is_empty() { &oid } else { short });
    text.push('=');
    match value(attribute) {
        Some(value) => write_escaped(text, &value),
        // §2.4: what is no string is written as its octets.
        None => {
            let octets = attribute.attr_value().data;
            text.push('#');
            text.push_str(&HEXLOWER.encode(&octets[..octets.len().min(NAME_OCTETS_MAX / 2)]));
        }
    }
}

/// The value of an attribute, if it is a string of any kind.
fn value(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    if let Ok(text) = attribute.as_str() {
        return Some(cut(text, NAME_OCTETS_MAX));
    }
    // BMPString and TeletexString, of old authorities.
    let value = attribute.attr_value();
    match value.header.tag().0 {
        30 => {
            let units = value.data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(char::decode_utf16(units).take(NAME_OCTETS_MAX).map(|c| c.unwrap_or('\u{fffd}')).collect())
        }
        20 => Some(value.data.iter().take(NAME_OCTETS_MAX).map(|octet| char::from(*octet)).collect()),
        _ => None,
    }
}

/// Escapes a value as RFC 4514 §2.4 has it.
fn write_escaped(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        let at_the_end = (at == 0 && matches!(c, ' ' | '#')) || (at == last && c == ' ');
        if at_the_end || matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            text.push('\\');
            text.push(c);
        } else if c.is_control() {
            let mut octets = [0; 4];
            for octet in c.encode_utf8(&mut octets).bytes() {
                let _ = write!(text, "\\{octet:02X}");
            }
        } else {
            text.push(c);
        }
    }
}

/// The short name of a root: the common name, else the unit or the organisation, as its users know it.
pub(super) fn of_root(subject_der: &[u8]) -> String {
    let Ok((_, name)) = X509Name::from_der(subject_der) else {
        return "a root without a readable name".to_owned();
    };
    let of = ["2.5.4.3", "2.5.4.11", "2.5.4.10"].into_iter().find_map(|wanted| {
        let attribute = name.iter_attributes().find(|found| found.attr_type().to_id_string() == wanted)?;
        value(attribute)
    });
    of.unwrap_or_else(|| rfc4514(&name))
}

/// Whether a certificate is for `host` by a DNS name of its subjectAltName (RFC 6125 §6.4): the same without
/// regard to case, or with `*` as its whole first label. The common name does not count.
pub(super) fn names_host(certificate: &X509Certificate<'_>, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let Ok(Some(alternative)) = certificate.subject_alternative_name() else { return false };
    alternative.value.general_names.iter().any(|name| match name {
        GeneralName::DNSName(presented) => fits(presented.trim_end_matches('.'), host),
        _ => false,
    })
}

fn fits(presented: &str, host: &str) -> bool {
    if presented.eq_ignore_ascii_case(host) {
        return !host.is_empty();
    }
    let (Some(parent), Some((first, rest))) = (presented.strip_prefix("*."), host.split_once('.')) else {
        return false;
    };
    // As webpki has it: no wildcard right below the root.
    !first.is_empty() && parent.contains('.') && parent.eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_one_label() {
        for (presented, host, expected) in [
            ("mx.example.org", "MX.example.org", true),
            ("*.example.org", "mx.example.org", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", "a.b.example.org", false),
            ("*.org", "example.org", false),
            ("m*.example.org", "mx.example.org", false),
            ("mx_1.example.org", "mx_1.example.org", true),
            ("", "", false),
            ("*.", ".", false),
        ] {
            assert_eq!(fits(presented, host), expected, "{presented} {host}");
        }
    }

    #[test]
    fn what_is_special_is_escaped() {
        let mut text = String::new();
        write_escaped(&mut text, "#a, b\\\n\u{85} ");
        assert_eq!(text, "\\#a\\, b\\\\\\0A\\C2\\85\\ ");
    }
}
