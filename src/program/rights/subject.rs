//! Whom an objection or an order to forget is about.

use std::fmt;
use std::str::FromStr;

use crate::shared::domain_name::{a_labels, registrable_domain};

/// RFC 5321 §4.5.3.1.1.
const LOCAL_PART_OCTETS_MAX: usize = 64;

/// An address, or a domain with all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Address {
        /// The local part as it was written.
        local: String,
        /// The domain in A-labels.
        domain: String,
    },
    /// In A-labels.
    Domain(String),
}

/// A text that is neither an address nor a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither an address nor a domain that somebody can own; write jane@example.net or example.net"
)]
pub struct NoSubject(String);

impl FromStr for Subject {
    type Err = NoSubject;

    fn from_str(text: &str) -> Result<Self, NoSubject> {
        let refused = || NoSubject(text.chars().filter(|c| !c.is_control()).take(100).collect());
        let text = text.trim();
        let Some((local, domain)) = text.rsplit_once('@') else {
            // What is everybody's, such as `com`, is nobody's to object for.
            let domain = a_labels(text).filter(|domain| registrable_domain(domain).is_some());
            return domain.map(Self::Domain).ok_or_else(refused);
        };
        let fits = !local.is_empty()
            && local.len() <= LOCAL_PART_OCTETS_MAX
            && !local.contains(|c: char| c.is_control() || c.is_whitespace() || c == '@');
        match a_labels(domain) {
            Some(domain) if fits => Ok(Self::Address { local: local.to_owned(), domain }),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { local, domain } => write!(f, "{local}@{domain}"),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_domains_are_told_apart() {
        for (written, read) in [
            ("Jane@Example.NET.", "Jane@example.net"),
            (" jane@m\u{fc}nchen.example ", "jane@xn--mnchen-3ya.example"),
            ("Example.NET", "example.net"),
            ("mail.example.co.uk", "mail.example.co.uk"),
        ] {
            assert_eq!(written.parse::<Subject>().map(|subject| subject.to_string()), Ok(read.to_owned()));
        }
        for none in
            ["", "com", "co.uk", "localhost", "@example.net", "a b@example.net", "jane@[192.0.2.1]", "a@b@"]
        {
            assert!(none.parse::<Subject>().is_err(), "{none}");
        }
    }
}
