//! How names carry a trial: the one place that reads `[LABEL.][HOST.]CASE.ORIGIN` and its like.
//!
//! A ruled case has the permanent domain `CASE.ORIGIN` and, for each trial, `LABEL.CASE.ORIGIN`; its hosts are
//! `bad.CASE.ORIGIN` and `LABEL.bad.CASE.ORIGIN`. DNS names and SNI of a trial so carry its label.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How short a label of a trial may be, in characters: shorter ones are names of hosts and records.
const LABEL_CHARS_MIN: usize = 4;
/// How long, in characters: a name with it stays below 60 octets with an origin of usual length.
const LABEL_CHARS_MAX: usize = 26;
/// What a label of the pool begins with, and how many digits follow.
const POOL_LETTER: char = 'p';
const POOL_DIGITS: usize = 4;

/// The label that ties names to one trial, in lower case: letters and digits, the first of them no digit alone.
///
/// Anybody may invent one: it leads to a trial of whoever sends to it first, and to nobody else's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(Arc<str>);

impl Label {
    /// How many labels a pool has at most.
    pub const POOL_MAX: u32 = 9_999;

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label of this number, from 1, in the pool of those that public certificates are kept for: `p0001`. It is leased to
    /// one trial at a time, and is no secret.
    pub fn of_pool(number: u32) -> Self {
        Self(format!("{POOL_LETTER}{number:0POOL_DIGITS$}").into())
    }

    /// Whether it is one of the pool.
    pub fn is_of_pool(&self) -> bool {
        let digits = self.0.strip_prefix(POOL_LETTER);
        digits.is_some_and(|digits| {
            digits.len() == POOL_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no label of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a label of a trial has {LABEL_CHARS_MIN} to {LABEL_CHARS_MAX} letters and digits")]
pub struct ParseLabelError;

impl FromStr for Label {
    type Err = ParseLabelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (LABEL_CHARS_MIN..=LABEL_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && Part::of(&text.to_ascii_lowercase()).is_none();
        if fits { Ok(Self(text.to_ascii_lowercase().into())) } else { Err(ParseLabelError) }
    }
}

impl TryFrom<String> for Label {
    type Error = ParseLabelError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0.as_ref().to_owned()
    }
}

/// Which host of a ruled case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostRole {
    /// The first by preference, at fault by design.
    Bad,
    /// The sound one behind it.
    Good,
}

impl HostRole {
    /// Both, in their order.
    pub const ALL: [Self; 2] = [Self::Bad, Self::Good];

    /// The one of the two that it is not.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Bad => Self::Good,
            Self::Good => Self::Bad,
        }
    }

    /// The label of the host.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
        }
    }
}

/// What of a case a name is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The recipient domain.
    Domain,
    Host(HostRole),
    /// The TLSA owner of a host, `_25._tcp` (RFC 7672 §2.2.3).
    Tlsa(HostRole),
    /// The TLSA owner of the domain itself, where that is the host (RFC 5321 §5.1).
    DomainTlsa,
    /// Where the alias ends that the first host of some cases is, `alias`.
    Alias,
    /// The TLSA owner there.
    AliasTlsa,
    /// The MTA-STS record, `_mta-sts` (RFC 8461 §3.1).
    PolicyRecord,
    /// The policy host, `mta-sts` (RFC 8461 §3.3).
    PolicyHost,
    /// The TLSRPT record, `_smtp._tls` (RFC 8460 §3).
    ReportRecord,
}

impl Part {
    /// Every part that a name of a case can be about, the domain first.
    pub const ALL: [Self; 11] = [
        Self::Domain,
        Self::Host(HostRole::Bad),
        Self::Host(HostRole::Good),
        Self::Tlsa(HostRole::Bad),
        Self::Tlsa(HostRole::Good),
        Self::DomainTlsa,
        Self::Alias,
        Self::AliasTlsa,
        Self::PolicyRecord,
        Self::PolicyHost,
        Self::ReportRecord,
    ];

    /// What stands before the trial's label, and what between it and the case.
    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Domain => ("", ""),
            Self::Host(host) => ("", host.name()),
            Self::Tlsa(host) => ("_25._tcp", host.name()),
            Self::DomainTlsa => ("_25._tcp", ""),
            Self::Alias => ("", "alias"),
            Self::AliasTlsa => ("_25._tcp", "alias"),
            Self::PolicyRecord => ("_mta-sts", ""),
            Self::PolicyHost => ("mta-sts", ""),
            Self::ReportRecord => ("_smtp._tls", ""),
        }
    }

    /// The part whose name without a label begins so.
    fn of(labels: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| match part.around() {
            (before, "") => before == labels,
            ("", between) => between == labels,
            (before, between) => {
                labels.strip_prefix(before).and_then(|rest| rest.strip_prefix('.')) == Some(between)
            }
        })
    }
}

/// A name below the operator's origin that belongs to a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseName {
    /// The label of the case.
    pub case: String,
    /// The label of the trial; none for the permanent name.
    pub label: Option<Label>,
    pub part: Part,
}

impl CaseName {
    /// Reads `name`, a host or domain name without regard to case and final dot. Whether there is such a case is not
    /// asked.
    pub fn read(origin: &str, name: &str) -> Option<Self> {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let below = name.strip_suffix(&origin.to_ascii_lowercase())?.strip_suffix('.')?;
        let (rest, case) = below.rsplit_once('.').unwrap_or(("", below));
        let of = |label, part| Some(Self { case: case.to_owned(), label, part });
        if let Some(part) = Part::of(rest) {
            return of(None, part);
        }
        Part::ALL.into_iter().find_map(|part| {
            let (before, between) = part.around();
            let label = match before {
                "" => rest,
                before => rest.strip_prefix(before)?.strip_prefix('.')?,
            };
            let label = match between {
                "" => label,
                between => label.strip_suffix(between)?.strip_suffix('.')?,
            };
            of(Some(label.parse().ok()?), part)
        })
    }

    /// The name below `origin`, without the final dot.
    pub fn under(&self, origin: &str) -> String {
        let (before, between) = self.part.around();
        let label = self.label.as_ref().map_or("", Label::as_str);
        let labels = [before, label, between, &self.case, origin];
        labels.into_iter().filter(|label| !label.is_empty()).collect::<Vec<_>>().join(".")
    }

    /// Another part of the same domain.
    #[must_use]
    pub fn at(&self, part: Part) -> Self {
        Self { part, ..self.clone() }
    }
}

/// How far a trial of ruled cases is: what its names are answered with follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CasePhase {
    /// As the case's file says.
    #[default]
    First,
    /// What the file says of the time after the first mail.
    Second,
    /// The trial is over and its faults are withdrawn: what is queued is taken.
    Over,
}

/// Whoever knows how far trials are: listeners, DNS and the policy host ask it.
pub trait CasePhases: Send + Sync {
    /// The phase of the names of `case` with this label. Permanent names stay in the first.
    fn phase(&self, case: &str, label: &Label) -> CasePhase;
}

/// Nobody knows of any trial: all names are in the first phase.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrials;

impl CasePhases for NoTrials {
    fn phase(&self, _: &str, _: &Label) -> CasePhase {
        CasePhase::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        let label: Label = "k3f9a2m7".parse().expect("a label");
        for part in Part::ALL {
            for label in [None, Some(label.clone())] {
                let name = CaseName { case: "dane-good".to_owned(), label, part };
                let text = name.under("example.org");
                assert_eq!(CaseName::read("example.org", &text), Some(name), "{text}");
            }
        }
    }

    #[test]
    fn case_of_letters_and_the_final_dot_tell_nothing() {
        let name = CaseName::read("Example.org", "_25._TCP.K3f9a2m7.Bad.dane-good.example.ORG.");
        let name = name.expect("a name");
        assert_eq!(
            (name.part, name.label.as_ref().map(Label::as_str)),
            (Part::Tlsa(HostRole::Bad), Some("k3f9a2m7"))
        );
        assert_eq!(name.at(Part::Domain).under("example.org"), "k3f9a2m7.dane-good.example.org");
    }

    #[test]
    fn labels_of_the_pool_are_labels() {
        for number in [1, Label::POOL_MAX] {
            let label = Label::of_pool(number);
            assert!(label.is_of_pool() && label.as_str().parse() == Ok(label.clone()), "{label}");
        }
        assert_eq!(Label::of_pool(7).as_str(), "p0007");
        for free in ["p00071", "k3f9a2m7", "p000x"] {
            assert!(!free.parse::<Label>().expect("a label").is_of_pool(), "{free}");
        }
    }

    #[test]
    fn what_is_no_name_of_a_case_is_none() {
        for name in [
            "example.org",
            "x.y.z.example.org",
            "bad.example.com",
            "a.case.example.org",
            "mta-sts.bad.case.example.org",
        ] {
            assert_eq!(CaseName::read("example.org", name), None, "{name}");
        }
        assert!("good".parse::<Label>().is_err() && "a-b-c-d".parse::<Label>().is_err());
    }
}
