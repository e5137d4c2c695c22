//! Domain names with macros (RFC 7208 §7).

use std::fmt;

/// A domain-spec: a name that may have macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainSpec(String);

impl DomainSpec {
    /// Reads a domain-spec (RFC 7208 §7.1).
    pub(super) fn read(text: &str) -> Option<Self> {
        let end = after_last_macro(text)?;
        // It ends in a macro, or in a dot and a top label.
        let whole = if end == text.len() && end > 0 {
            true
        } else {
            let tail = text[end..].strip_suffix('.').unwrap_or(&text[end..]);
            // What lies before the dot may be a macro, but not nothing.
            tail.rsplit_once('.')
                .is_some_and(|(before, label)| (end > 0 || !before.is_empty()) && is_top_label(label))
        };
        whole.then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The name without the final dot, if it has no macros, so that it is the same for every mail.
    pub fn plain(&self) -> Option<&str> {
        (!self.0.contains('%')).then(|| self.0.strip_suffix('.').unwrap_or(&self.0))
    }
}

impl fmt::Display for DomainSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the literals behind the last macro begin; none if the text is no macro-string.
pub(super) fn after_last_macro(text: &str) -> Option<usize> {
    let (mut at, mut end) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        if next == '%' {
            at += macro_length(&text[at..])?;
            end = at;
        } else if ('!'..='~').contains(&next) {
            at += 1;
        } else {
            return None;
        }
    }
    Some(end)
}

/// The length of the macro that begins here: `%{letter digits r delimiters}`, `%%`, `%_` or `%-`.
fn macro_length(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'%', b'%' | b'_' | b'-', ..] => Some(2),
        [b'%', b'{', letter, rest @ ..] if b"slodiphcrtv".contains(&letter.to_ascii_lowercase()) => {
            let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
            let reversed =
                usize::from(rest.get(digits).is_some_and(|octet| octet.eq_ignore_ascii_case(&b'r')));
            let delimiters =
                rest[digits + reversed..].iter().take_while(|octet| b".-+,/_=".contains(octet)).count();
            let end = digits + reversed + delimiters;
            (rest.get(end) == Some(&b'}')).then_some(end + 4)
        }
        _ => None,
    }
}

/// Letters, digits and inner hyphens, not digits alone.
fn is_top_label(label: &str) -> bool {
    let octets = label.as_bytes();
    let alphanumeric = |octet: &u8| octet.is_ascii_alphanumeric();
    octets.first().is_some_and(alphanumeric)
        && octets.last().is_some_and(alphanumeric)
        && octets.iter().all(|octet| alphanumeric(octet) || *octet == b'-')
        && !octets.iter().all(u8::is_ascii_digit)
}
