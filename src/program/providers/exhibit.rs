//! The evidence of a provider, as it is kept and published: without people, and apart from what it was taken from.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::program::report::redact::RedactedHistory;
use crate::shared::domain_name::registrable_domain;
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

/// How large the document of one piece of evidence may be, in octets.
pub const DOCUMENT_OCTETS_MAX: usize = 4 * 1024 * 1024;

/// What was seen, as anybody may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "document")]
pub enum Document {
    /// A trial of its sending.
    Trial(Box<RedactedHistory>),
    /// A check of one of its domains.
    Check(Box<Evidence>),
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Exhibit {
    /// Its number, by which rows and corrections name it.
    pub number: i64,
    pub document: Document,
    /// Digests of the addresses that the mail came from, under a key that is not published: they tell how many there were.
    pub sources: Vec<String>,
    /// Whether a correction has set it aside.
    pub set_aside: bool,
}

impl Document {
    /// A trial, of which nothing but the redacted history is kept.
    pub fn trial(history: RedactedHistory) -> Self {
        Self::Trial(Box::new(history))
    }

    /// The trial of a customer at `domain`, which stays unnamed: the row is about the provider.
    ///
    /// # Errors
    ///
    /// If the history cannot be read without it, which would be a fault of this program.
    pub fn trial_of_customer(history: RedactedHistory, domain: &str) -> Result<Self, serde_json::Error> {
        let names = [Some(domain.to_owned()), registrable_domain(domain)];
        let mut value = serde_json::to_value(&history)?;
        withhold_names(&mut value, &names.into_iter().flatten().collect::<Vec<_>>());
        Ok(Self::trial(serde_json::from_value(value)?))
    }

    /// A check, without what its trial's mail said, and without local parts of the addresses that records name.
    ///
    /// # Errors
    ///
    /// If evidence cannot be read without them, which would be a fault of this program.
    pub fn check(mut evidence: Evidence) -> Result<Self, serde_json::Error> {
        evidence.envelope = None;
        evidence.signatures = None;
        let mut value = serde_json::to_value(&evidence)?;
        withhold_local_parts(&mut value);
        Ok(Self::Check(Box::new(serde_json::from_value(value)?)))
    }

    /// What tells it from other evidence of the same provider.
    pub fn key(&self) -> String {
        match self {
            Self::Trial(history) => format!("trial {}", history.trial),
            Self::Check(evidence) => format!("check {} {}", evidence.domain, evidence.to),
        }
    }

    /// When it was seen: when a trial began, when a check ended.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Trial(history) => history.opened,
            Self::Check(evidence) => evidence.to,
        }
    }
}

/// What stands for a customer's domain (RFC 2606 §2: nobody has it).
const CUSTOMER: &str = "customer.invalid";

/// Replaces every text that is one of these domains, or a name below one.
fn withhold_names(value: &mut Value, names: &[String]) {
    match value {
        Value::String(text) => {
            let is_below = |name: &String| {
                text.strip_suffix(name.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'))
            };
            if names.iter().any(is_below) {
                CUSTOMER.clone_into(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| withhold_names(item, names)),
        Value::Object(fields) => fields.values_mut().for_each(|field| withhold_names(field, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What stands for a local part.
const WITHHELD: &str = "withheld";

/// Replaces local parts of addresses in every text of a document.
fn withhold_local_parts(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.contains('@') {
                *text = without_local_parts(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(withhold_local_parts),
        Value::Object(fields) => fields.values_mut().for_each(withhold_local_parts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `text` with another local part before each `@` (RFC 5322 §3.2.3: atoms and dots; `%` as URIs have it).
fn without_local_parts(text: &str) -> String {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let mut parts: Vec<String> = Vec::new();
    let mut pieces = text.split('@').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            parts.push(piece.to_owned());
            continue;
        }
        let kept = piece.trim_end_matches(is_local);
        // Of `tag=local` and of what comes after a scheme, the tag stays.
        let local = &piece[kept.len()..];
        let tag = local.rfind('=').map_or(0, |at| at + 1);
        let is_empty = local[tag..].is_empty();
        parts.push(format!("{kept}{}{}", &local[..tag], if is_empty { "" } else { WITHHELD }));
    }
    parts.join("@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_local_part_is_left() {
        for (text, shown) in [
            (
                "v=DMARC1; rua=mailto:jane.doe@example.org,mailto:x@y.example!10m",
                "v=DMARC1; rua=mailto:withheld@example.org,mailto:withheld@y.example!10m",
            ),
            ("v=TLSRPTv1; rua=mailto:a%2Bb@example.org", "v=TLSRPTv1; rua=mailto:withheld@example.org"),
            ("rua=jane@example.org", "rua=withheld@example.org"),
            ("nobody", "nobody"),
            ("@", "@"),
        ] {
            assert_eq!(without_local_parts(text), shown);
        }
    }

    #[test]
    fn a_customer_is_not_named() {
        let mut value = serde_json::json!({ "from": "news.customer.example", "mx": ["mx.provider.example"] });
        withhold_names(&mut value, &["customer.example".to_owned()]);
        assert_eq!(value, serde_json::json!({ "from": CUSTOMER, "mx": ["mx.provider.example"] }));
    }

    #[test]
    fn a_check_keeps_what_it_saw_but_no_mail() {
        let at = "2026-11-20T12:00:00Z".parse().expect("an instant");
        let mut evidence = Evidence::not_gathered("sound.example", "mx.example.org", at);
        evidence.signatures = Some(Vec::new());
        let Ok(Document::Check(kept)) = Document::check(evidence.clone()) else { panic!("no check") };
        evidence.signatures = None;
        assert_eq!(*kept, evidence);
    }
}
