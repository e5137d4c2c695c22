//! The policy (RFC 8461 §3.2).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shared::policy::fields;
use crate::shared::policy::fields::WSP;

/// The path of a policy at `mta-sts.<domain>` (RFC 8461 §3.3).
pub const POLICY_PATH: &str = "/.well-known/mta-sts.txt";

/// What a sender is to do when no listed and verified MX is found (RFC 8461 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Must not deliver.
    Enforce,
    /// May deliver, and reports.
    Testing,
    /// As if there were no policy.
    None,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        })
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What failing means.
    pub mode: Mode,
    /// Host names and `*.` patterns, in lower case.
    pub mx: Vec<String>,
    /// How long senders may keep it, in seconds.
    pub max_age_s: u32,
}

/// RFC 8461 §3.2: a year and some days.
const MAX_AGE_S_MAX: u32 = 31_557_600;

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

/// Whether an `mx` of a policy may say this: `["*."] Domain` (RFC 8461 §3.2).
pub fn is_mx_pattern(text: &str) -> bool {
    fields::is_domain(text.strip_prefix("*.").unwrap_or(text))
}

impl Policy {
    /// Reads a policy as it was fetched, by the grammar: one with any fault is none. Blank lines are passed over.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let PolicyReading { policy, faults, .. } = PolicyReading::of(text);
        match (faults.into_iter().next(), policy) {
            (None, Some(policy)) => Ok(policy),
            (Some(fault), _) => Err(fault),
            (None, None) => Err(PolicyError::Version),
        }
    }

    /// Whether the policy lists the MX host `name` (RFC 8461 §4.1).
    pub fn lists(&self, name: &str) -> bool {
        self.mx.iter().any(|pattern| mx_matches(pattern, name))
    }
}

impl fmt::Display for Policy {
    /// The policy as it is served: CRLF line ends (RFC 8461 §3.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version: STSv1\r\nmode: {}\r\n", self.mode)?;
        for mx in &self.mx {
            write!(f, "mx: {mx}\r\n")?;
        }
        write!(f, "max_age: {}\r\n", self.max_age_s)
    }
}

/// Whether `pattern` of a policy matches the host `name`: equal without case, or `*.` standing for exactly
/// one left-most label (RFC 8461 §4.1).
pub fn mx_matches(pattern: &str, name: &str) -> bool {
    let name = name.trim_end_matches('.');
    match pattern.trim_end_matches('.').strip_prefix("*.") {
        Some(parent) => name
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
        None => pattern.trim_end_matches('.').eq_ignore_ascii_case(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 1\n";

    #[test]
    fn a_policy_reads_back_as_it_was_written() {
        let policy = Policy {
            mode: Mode::Enforce,
            mx: vec!["mx04.et.example".to_owned(), "*.b.example".to_owned()],
            max_age_s: 86_400,
        };
        assert_eq!(Policy::parse(&policy.to_string()), Ok(policy.clone()));
        assert_eq!(Policy::parse(&policy.to_string().replace('\r', "")), Ok(policy));
    }

    #[test]
    fn says_what_is_wrong_with_a_policy() {
        use PolicyError::{Line, MaxAge, Mx, Version};
        assert!(Policy::parse(GOOD).is_ok());
        for (from, to, error) in [
            ("STSv1", "STSv2", Version),
            ("STSv1", "STSv10", Version),
            ("version: STSv1\n", "", Version),
            ("enforce", "strict", PolicyError::Mode),
            ("mode: enforce\n", "", PolicyError::Mode),
            ("max_age: 1", "max_age: +1", MaxAge),
            ("max_age: 1", "max_age: 01234567890", MaxAge),
            ("max_age: 1", "max_age: 31557601", MaxAge),
            ("max_age: 1", "max_age: 9999999999", MaxAge),
            ("max_age: 1", "max_age:", MaxAge),
            ("mx: a.b", "mx a.b", Line(3)),
            ("mx: a.b\n", "", Mx),
        ] {
            assert_eq!(Policy::parse(&GOOD.replace(from, to)), Err(error), "{to}");
        }
    }

    /// What strict senders throw away and others obey.
    #[test]
    fn lines_are_read_by_the_grammar_and_their_faults_passed_over_by_some() {
        use PolicyError::{Host, Key, Line, Value};
        for (line, fault) in [
            ("mx: 192.0.2.56", Host(3)),
            ("mx: [192.0.2.56]", Host(3)),
            ("mx: .a.example", Host(3)),
            ("mx: a.example.", Host(3)),
            ("mx: a..example", Host(3)),
            ("mx: *.*.example", Host(3)),
            ("mx: **.example", Host(3)),
            ("mx: a*.example", Host(3)),
            ("mx:", Host(3)),
            ("mx: a.example-", Host(3)),
            ("mx: -a.example", Host(3)),
            ("mx: a_b.example", Host(3)),
            ("mx: m\u{f8}x.example", Host(3)),
            ("mx: a.example b.example", Host(3)),
            ("mx: a.example, b.example", Host(3)),
            ("mx: a.example\u{a0}", Host(3)),
            ("  mx: a.example", Key(3)),
            ("mx : a.example", Key(3)),
            ("_bad: x", Key(3)),
            (": x", Key(3)),
            ("a12345678901234567890123456789012: x", Key(3)),
            ("ext:", Value(3)),
            ("ext: a\tb", Value(3)),
            ("nonsense", Line(3)),
        ] {
            let text = GOOD.replace("mx: a.b", &format!("{line}\nmx: a.b"));
            assert_eq!(Policy::parse(&text), Err(fault.clone()), "{line:?}");
            let reading = PolicyReading::of(&text);
            assert_eq!(reading.faults, [fault], "{line:?}");
            assert!(reading.policy.is_some_and(|policy| policy.lists("a.b")), "{line:?}");
        }
        for line in
            ["mx: *.A.example \t", "mx:\t\t a", "ext: some  \u{fc}ber text", "e.x_t-1:x", "mode: testing"]
        {
            let text = GOOD.replace("mx: a.b", &format!("mx: a.b\n{line}"));
            assert_eq!(Policy::parse(&text).map(|policy| policy.mode), Ok(Mode::Enforce), "{line:?}");
        }
    }

    #[test]
    fn too_long_a_time_is_the_longest_for_those_that_pass_over_it() {
        let reading = PolicyReading::of(&GOOD.replace("max_age: 1", "max_age: 63072000"));
        assert_eq!(reading.policy.map(|policy| policy.max_age_s), Some(MAX_AGE_S_MAX));
        assert_eq!(reading.faults, [PolicyError::MaxAge]);
    }

    #[test]
    fn blank_lines_are_seen_and_borne() {
        for (text, blank) in [
            (GOOD.to_owned(), false),
            (GOOD.trim_end().to_owned(), false),
            (GOOD.replace('\n', "\r\n"), false),
            (format!("{GOOD}\n"), true),
            (format!("{GOOD}\r\n"), true),
            (GOOD.replace("mx:", "\nmx:"), true),
        ] {
            let reading = PolicyReading::of(&text);
            assert_eq!((reading.blank_lines, reading.faults.len()), (blank, 0), "{text:?}");
            assert!(reading.policy.is_some(), "{text:?}");
        }
        assert_eq!(PolicyReading::of("").policy, None);
    }

    #[test]
    fn a_star_is_one_whole_label() {
        assert!(mx_matches("*.b.example", "A.B.Example."));
        assert!(!mx_matches("*.b.example", "x.a.b.example"));
        assert!(!mx_matches("*.b.example", "b.example"));
        assert!(!mx_matches("*.b.example", ".b.example"));
    }
}
