//! A provider as the operator describes it, and the file that keeps descriptions in git.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::shared::domain_name::a_labels;

/// How long a name is at most, in characters: it stands in addresses of pages.
const NAME_CHARS_MAX: usize = 40;
/// How many domains and patterns a provider has at most.
const DOMAINS_MAX: usize = 50;
/// How long a title, a contact or a remark is at most, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 2_000;

/// The name of a provider in commands and addresses: small letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderName(String);

/// A text that names no provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a provider's name has small letters, digits and hyphens between them, at most {NAME_CHARS_MAX}, such as example-mail"
)]
pub struct NoProviderName;

impl FromStr for ProviderName {
    type Err = NoProviderName;

    fn from_str(text: &str) -> Result<Self, NoProviderName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=NAME_CHARS_MAX).contains(&text.len()) && text.chars().all(plain);
        let ends = text.starts_with('-') || text.ends_with('-');
        (fits && !ends).then(|| Self(text.to_owned())).ok_or(NoProviderName)
    }
}

impl TryFrom<String> for ProviderName {
    type Error = NoProviderName;

    fn try_from(text: String) -> Result<Self, NoProviderName> {
        text.parse()
    }
}

impl From<ProviderName> for String {
    fn from(name: ProviderName) -> Self {
        name.0
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl ProviderName {
    /// The name as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A provider: whose sending and receiving a row is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub name: ProviderName,
    /// The name as people know it.
    pub title: String,
    /// Its own domains. A trial counts for it whose sender is one of them, and these are checked.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Names of MX hosts that are its own, `*.` before a domain for all below it. A trial of a domain whose MX hosts all
    /// are among them counts for its sending, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mx: Vec<String>,
    /// Where it is told what is to be published: an address, or a page with a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The operator's remark, which stands beside the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Those of its domains that may stand in the hall of fame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hall_of_fame: Vec<String>,
}

/// Why a description cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProvider {
    #[error("{0}: this is no domain, such as example.org")]
    NoDomain(String),
    #[error("{0}: this is no pattern of MX hosts, such as mx.example.org or *.example.org")]
    NoPattern(String),
    #[error(
        "{0}: a provider has at least one domain or pattern of MX hosts, and at most {DOMAINS_MAX} of each"
    )]
    HowMany(ProviderName),
    #[error("{0} is to stand in the hall of fame, and is none of the provider's domains")]
    NotItsDomain(String),
    #[error("{0}: a text is longer than {TEXT_CHARS_MAX} characters, or its title is empty")]
    TextLength(ProviderName),
}

impl Provider {
    /// The same with names in A-labels, sorted, if all of it can be used.
    ///
    /// # Errors
    ///
    /// If a name is none, there are none or too many, or a text is too long.
    pub fn checked(mut self) -> Result<Self, NoProvider> {
        let domain = |text: &String| a_labels(text).ok_or_else(|| NoProvider::NoDomain(text.clone()));
        let pattern = |text: &String| {
            let (star, rest) = text.strip_prefix("*.").map_or(("", text.as_str()), |rest| ("*.", rest));
            let name = a_labels(rest).ok_or_else(|| NoProvider::NoPattern(text.clone()))?;
            Ok(format!("{star}{name}"))
        };
        self.domains = self.domains.iter().map(domain).collect::<Result<_, _>>()?;
        self.hall_of_fame = self.hall_of_fame.iter().map(domain).collect::<Result<_, _>>()?;
        self.mx = self.mx.iter().map(pattern).collect::<Result<_, _>>()?;
        for list in [&mut self.domains, &mut self.hall_of_fame, &mut self.mx] {
            list.sort();
            list.dedup();
        }
        let none = self.domains.is_empty() && self.mx.is_empty();
        if none || self.domains.len() > DOMAINS_MAX || self.mx.len() > DOMAINS_MAX {
            return Err(NoProvider::HowMany(self.name));
        }
        if let Some(strange) = self.hall_of_fame.iter().find(|domain| !self.domains.contains(domain)) {
            return Err(NoProvider::NotItsDomain(strange.clone()));
        }
        let texts = [Some(&self.title), self.contact.as_ref(), self.remark.as_ref()];
        let long = texts.into_iter().flatten().any(|text| text.chars().count() > TEXT_CHARS_MAX);
        if long || self.title.trim().is_empty() {
            return Err(NoProvider::TextLength(self.name));
        }
        Ok(self)
    }

    /// Whether a trial of a sender at `domain` counts for it, whose MX hosts are `mx`, as far as they are known.
    pub fn sends_for(&self, domain: &str, mx: &[&str]) -> bool {
        let named = |host: &&str| self.mx.iter().any(|pattern| fits(pattern, host));
        self.domains.iter().any(|own| own == domain) || !mx.is_empty() && mx.iter().all(named)
    }
}

/// Whether a host is one that a pattern names.
fn fits(pattern: &str, host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(below) => host.strip_suffix(below).is_some_and(|left| left.ends_with('.')),
        None => host == pattern,
    }
}

/// Providers as a file.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    provider: Vec<Provider>,
}

/// Why a file of providers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    #[error(transparent)]
    Provider(#[from] NoProvider),
    #[error("{0} stands there twice")]
    Twice(ProviderName),
}

/// Reads a file of providers: a table `[[provider]]` for each.
///
/// # Errors
///
/// If it is no such file, a description cannot be used or a name stands there twice.
pub fn read_file(text: &str) -> Result<Vec<Provider>, FileError> {
    let file: File = toml::from_str(text)?;
    let mut providers: Vec<Provider> =
        file.provider.into_iter().map(Provider::checked).collect::<Result<_, _>>()?;
    providers.sort_by(|one, other| one.name.cmp(&other.name));
    match providers.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some(pair) => Err(FileError::Twice(pair[0].name.clone())),
        None => Ok(providers),
    }
}

/// Writes providers as a file.
pub fn write_file(providers: Vec<Provider>) -> String {
    toml::to_string_pretty(&File { provider: providers }).expect("names and texts can be written as TOML")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[[provider]]
name = "sound-mail"
title = "Sound Mail"
domains = ["Sound.Example", "mühle.example"]
mx = ["*.mx.sound.example"]
contact = "postmaster@sound.example"
hall_of_fame = ["sound.example"]
"#;

    #[test]
    fn what_is_written_is_read_again() {
        let providers = read_file(FILE).expect("a file of providers");
        assert_eq!(providers[0].domains, ["sound.example", "xn--mhle-0ra.example"]);
        let written = write_file(providers.clone());
        assert_eq!(read_file(&written).expect("our own file"), providers);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        for (from, to) in [
            ("sound-mail", "Sound Mail"),
            ("\"Sound.Example\"", "\"localhost\""),
            ("*.mx", "*.*"),
            ("hall_of_fame = [\"sound.example\"]", "hall_of_fame = [\"other.example\"]"),
            ("title", "titel"),
        ] {
            assert!(read_file(&FILE.replace(from, to)).is_err(), "{to}");
        }
        assert!(read_file(&[FILE, FILE].concat()).is_err());
    }

    #[test]
    fn a_trial_counts_for_whose_hosts_sent_it() {
        let provider = read_file(FILE).expect("a file of providers").remove(0);
        assert!(provider.sends_for("sound.example", &[]));
        assert!(provider.sends_for("customer.example", &["a.mx.sound.example.", "b.mx.sound.example"]));
        assert!(!provider.sends_for("customer.example", &["a.mx.sound.example", "mx.other.example"]));
        assert!(!provider.sends_for("customer.example", &["mx.sound.example"]));
        assert!(!provider.sends_for("customer.example", &[]));
    }
}
