//! Reads policies as they are fetched (RFC 8461 §3.2), their faults apart from what they say.

use serde::{Deserialize, Serialize};

use super::policy::{Mode, Policy};
use crate::shared::policy::fields::{self, WSP};

/// RFC 8461 §3.2: a year and some days.
pub(super) const MAX_AGE_S_MAX: u32 = 31_557_600;

/// Why a text is no policy by the grammar. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PolicyError {
    /// A line without a colon.
    #[error("line {0} is not `key: value`")]
    Line(usize),
    /// What stands before the colon is no key: it is indented, or has a blank or another character that none has.
    #[error("line {0} does not begin with a key and a colon")]
    Key(usize),
    /// A key that is not known has no value, or one with control characters.
    #[error("line {0} has no value that may stand there")]
    Value(usize),
    /// An `mx` is neither a host name nor `*.` and one: it is an address, is empty, ends in a dot, is not in A-labels,
    /// or there are two.
    #[error("line {0} names no host: not a host name in A-labels, nor `*.` and one")]
    Host(usize),
    /// `version` is missing or not `STSv1`.
    #[error("the version is missing or not STSv1")]
    Version,
    /// `mode` is missing or unknown.
    #[error("the mode is missing or none of enforce, testing and none")]
    Mode,
    /// `max_age` is missing or out of its range.
    #[error("max_age is missing or not a number of seconds up to 31557600")]
    MaxAge,
    /// No `mx` although the mode asks for one.
    #[error("no mx is named")]
    Mx,
}

/// A policy as it was fetched: what those make of it that pass over its faults, and the faults for which others throw
/// it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyReading {
    /// What it says, faults passed over; none: not even so is it a policy.
    pub policy: Option<Policy>,
    /// Where it does not keep to the grammar, in the order of its lines, then what is missing.
    pub faults: Vec<PolicyError>,
    /// Whether there are blank lines, which the grammar does not know and most senders bear.
    pub blank_lines: bool,
}

impl PolicyReading {
    /// Reads a policy as it was fetched. Unknown keys are passed over; of a key that may stand only once the first
    /// counts (RFC 8461 §3.2). Lines may end in LF or CRLF.
    pub fn of(text: &str) -> Self {
        let mut reading = Self::default();
        let (mut version, mut mode, mut max_age, mut mx) = (None, None, None, Vec::new());
        let text = text.strip_suffix('\n').unwrap_or(text);
        for (n, line) in text.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.trim().is_empty() {
                reading.blank_lines = true;
                continue;
            }
            let Some((key, value)) = line.split_once(':') else {
                reading.faults.push(PolicyError::Line(n + 1));
                continue;
            };
            if !fields::is_name(key) {
                reading.faults.push(PolicyError::Key(n + 1));
            }
            let value = value.trim_matches(WSP);
            match key.trim() {
                "version" => drop(version.get_or_insert(value)),
                "mode" => drop(mode.get_or_insert(value)),
                "max_age" => drop(max_age.get_or_insert(value)),
                "mx" => {
                    if !is_mx_pattern(value) {
                        reading.faults.push(PolicyError::Host(n + 1));
                    }
                    mx.push(value.trim_end_matches('.').to_ascii_lowercase());
                }
                _ if value.is_empty() || value.chars().any(char::is_control) => {
                    reading.faults.push(PolicyError::Value(n + 1));
                }
                _ => {}
            }
        }
        reading.conclude(version, mode, max_age, mx);
        reading
    }

    fn conclude(
        &mut self,
        version: Option<&str>,
        mode: Option<&str>,
        max_age: Option<&str>,
        mx: Vec<String>,
    ) {
        let before = self.faults.len();
        if version != Some("STSv1") {
            self.faults.push(PolicyError::Version);
        }
        let mode = match mode {
            Some("enforce") => Some(Mode::Enforce),
            Some("testing") => Some(Mode::Testing),
            Some("none") => Some(Mode::None),
            _ => None,
        };
        if mode.is_none() {
            self.faults.push(PolicyError::Mode);
        }
        let digits =
            |text: &&str| (1..=10).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit());
        let max_age_s: Option<u64> = max_age.filter(digits).and_then(|text| text.parse().ok());
        if max_age_s.is_none() {
            self.faults.push(PolicyError::MaxAge);
        }
        if mx.is_empty() && mode != Some(Mode::None) {
            self.faults.push(PolicyError::Mx);
        }
        if let (Some(mode), Some(max_age_s)) = (mode, max_age_s)
            && self.faults.len() == before
        {
            // Too long a time some senders cut to the longest, for others the policy is none.
            let max_age_s = u32::try_from(max_age_s).unwrap_or(u32::MAX);
            if max_age_s > MAX_AGE_S_MAX {
                self.faults.push(PolicyError::MaxAge);
            }
            self.policy = Some(Policy { mode, mx, max_age_s: max_age_s.min(MAX_AGE_S_MAX) });
        }
    }
}

impl Policy {
    /// Reads a policy as it was fetched, by the grammar: one with any fault is none. Blank lines are passed over.
    ///
    /// # Errors
    ///
    /// If it is not of this grammar: the first fault, with its line where it has one.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let PolicyReading { policy, faults, .. } = PolicyReading::of(text);
        match (faults.into_iter().next(), policy) {
            (None, Some(policy)) => Ok(policy),
            (Some(fault), _) => Err(fault),
            (None, None) => Err(PolicyError::Version),
        }
    }
}

/// Whether an `mx` of a policy may say this: `["*."] Domain` (RFC 8461 §3.2).
pub fn is_mx_pattern(text: &str) -> bool {
    fields::is_domain(text.strip_prefix("*.").unwrap_or(text))
}
