//! Domain names with macros (RFC 7208 §7).

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A domain-spec: a name that may have macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainSpec(String);

/// What macros stand for that is the same for every mail of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownNames<'a> {
    /// `%{d}`: the domain whose policy it is, which an `include` or a `redirect` changes.
    pub domain: &'a str,
    /// `%{o}`: the domain of the sender's address, which stays the same.
    pub sender: &'a str,
}

/// How long a name is at most when it is asked for, in octets (RFC 7208 §7.3).
const NAME_OCTETS_MAX: usize = 253;

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

    /// The name without the final dot, if it has no macros, so that it is the same in every policy.
    pub fn plain(&self) -> Option<&str> {
        (!self.0.contains('%')).then(|| self.0.strip_suffix('.').unwrap_or(&self.0))
    }

    /// The name that is asked for, in lower case and without the final dot; none: it depends on the mail. What is too
    /// long loses labels on its left (RFC 7208 §7.3).
    pub fn expand(&self, known: KnownNames<'_>) -> Option<String> {
        let (mut name, mut rest) = (String::new(), self.0.as_str());
        while let Some(at) = rest.find('%') {
            name.push_str(&rest[..at]);
            let (read, length) = macro_at(&rest[at..])?;
            match read {
                Macro::Literal(text) => name.push_str(text),
                Macro::Letter(letter) => name.push_str(&letter.value(known)?),
            }
            rest = &rest[at + length..];
        }
        name.push_str(rest);
        let name = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
        let mut fitting = name.as_str();
        while fitting.len() > NAME_OCTETS_MAX {
            fitting = fitting.split_once('.')?.1;
        }
        Some(fitting.to_owned())
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
            at += macro_at(&text[at..])?.1;
            end = at;
        } else if ('!'..='~').contains(&next) {
            at += 1;
        } else {
            return None;
        }
    }
    Some(end)
}

/// What begins with a percent sign.
enum Macro<'a> {
    /// `%%`, `%_` and `%-`.
    Literal(&'static str),
    /// `%{…}`: a letter that stands for a part of the mail.
    Letter(Letter<'a>),
}

/// `%{letter digits r delimiters}`.
struct Letter<'a> {
    letter: u8,
    /// How many parts on the right are kept; none: all.
    parts: Option<usize>,
    reversed: bool,
    delimiters: &'a str,
}

impl Letter<'_> {
    /// What it stands for; none: it depends on the mail.
    fn value(&self, known: KnownNames<'_>) -> Option<String> {
        let value = match self.letter.to_ascii_lowercase() {
            b'd' => known.domain,
            b'o' => known.sender,
            _ => return None,
        };
        let delimiters = if self.delimiters.is_empty() { "." } else { self.delimiters };
        let mut parts: Vec<&str> = value.split(|c: char| delimiters.contains(c)).collect();
        if self.reversed {
            parts.reverse();
        }
        let kept = self.parts.map_or(parts.len(), |kept| kept.min(parts.len()));
        let value = parts[parts.len() - kept..].join(".");
        Some(if self.letter.is_ascii_uppercase() {
            utf8_percent_encode(&value, ESCAPED).to_string()
        } else {
            value
        })
    }
}

/// What is escaped as in a URL: everything but letters, digits and `-._~` (RFC 7208 §7.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The macro that begins here, and its length.
fn macro_at(text: &str) -> Option<(Macro<'_>, usize)> {
    match text.as_bytes() {
        [b'%', b'%', ..] => Some((Macro::Literal("%"), 2)),
        [b'%', b'_', ..] => Some((Macro::Literal(" "), 2)),
        [b'%', b'-', ..] => Some((Macro::Literal("%20"), 2)),
        // `c`, `r` and `t` may stand in the text of an explanation only (RFC 7208 §7.2), which is not read here.
        [b'%', b'{', letter, rest @ ..] if b"slodiphv".contains(&letter.to_ascii_lowercase()) => {
            let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
            let reversed = rest.get(digits).is_some_and(|octet| octet.eq_ignore_ascii_case(&b'r'));
            let before = digits + usize::from(reversed);
            let delimiters = rest[before..].iter().take_while(|octet| b".-+,/_=".contains(octet)).count();
            let end = before + delimiters;
            // To keep no part at all is an error (RFC 7208 §7.3).
            let zero = digits > 0 && rest[..digits].iter().all(|octet| *octet == b'0');
            if rest.get(end) != Some(&b'}') || zero {
                return None;
            }
            let parts = (digits > 0).then(|| text[3..3 + digits].parse().unwrap_or(usize::MAX));
            let delimiters = &text[3 + before..3 + end];
            Some((Macro::Letter(Letter { letter: *letter, parts, reversed, delimiters }), end + 4))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Option<String> {
        let known = KnownNames { domain: "_spf.Mail-out.example.net", sender: "example.com" };
        DomainSpec::read(text).unwrap_or_else(|| panic!("{text} does not read")).expand(known)
    }

    #[test]
    fn what_is_the_same_for_every_mail_is_expanded() {
        for (text, name) in [
            ("A.Example.", "a.example"),
            ("%{d}", "_spf.mail-out.example.net"),
            ("%{o}.spf.example.", "example.com.spf.example"),
            ("%{D}.x.example", "_spf.mail-out.example.net.x.example"),
            ("%{d2}.x.example", "example.net.x.example"),
            ("%{d1r}", "_spf"),
            ("%{dr}.x.example", "net.example.mail-out._spf.x.example"),
            ("%{d9}", "_spf.mail-out.example.net"),
            ("%{d127}", "_spf.mail-out.example.net"),
            ("%{d2-}", "_spf.mail.out.example.net"),
            ("%{d3.-}", "out.example.net"),
            ("a%%b%_c%-d.example", "a%b c%20d.example"),
            ("%{o}%{o}", "example.comexample.com"),
        ] {
            assert_eq!(expanded(text).as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn what_depends_on_the_mail_is_not() {
        for text in ["%{i}.example.net", "%{ir}.%{v}.%{d2}", "%{s}", "%{l}.%{o}", "%{p}.example", "a.%{H}"] {
            assert_eq!(expanded(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_loses_labels_on_its_left() {
        let label = "a".repeat(60);
        let text = format!("first.{label}.{label}.{label}.{label}.%{{o}}");
        let name = expanded(&text).unwrap();
        assert_eq!(name, format!("{label}.{label}.{label}.{label}.example.com").split_once('.').unwrap().1);
        assert!(name.len() <= NAME_OCTETS_MAX);
    }
}
