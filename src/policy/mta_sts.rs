//! MTA-STS (RFC 8461): the TXT record and the policy.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The path of a policy at `mta-sts.<domain>` (RFC 8461 §3.3).
pub const POLICY_PATH: &str = "/.well-known/mta-sts.txt";

/// `_mta-sts.<domain>` TXT (RFC 8461 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtaStsRecord {
    /// 1 to 32 letters and digits that change when the policy changes.
    pub id: String,
}

/// Why TXT strings are no MTA-STS record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum RecordError {
    /// None of the records begins with `v=STSv1`: the domain has no MTA-STS.
    #[error("there is no record that begins with v=STSv1")]
    Absent,
    /// More than one does: RFC 8461 §3.1 wants that treated as none.
    #[error("there is more than one record that begins with v=STSv1")]
    Several,
    /// The `id` is missing, too long or has other characters than letters and digits.
    #[error("the id is missing or not 1 to 32 letters and digits")]
    Id,
}

impl MtaStsRecord {
    /// Reads the TXT records at `_mta-sts.<domain>`, each already joined from its strings.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Result<Self, RecordError> {
        let mut found = records.into_iter().filter(|text| {
            let version = text.split(';').next().unwrap_or_default().trim_end();
            version == "v=STSv1" && text.contains(';')
        });
        let text = found.next().ok_or(RecordError::Absent)?;
        if found.next().is_some() {
            return Err(RecordError::Several);
        }
        let id = text
            .split(';')
            .filter_map(|field| field.split_once('='))
            .find(|(key, _)| key.trim() == "id")
            .map(|(_, value)| value.trim())
            .ok_or(RecordError::Id)?;
        if (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self { id: id.to_owned() })
        } else {
            Err(RecordError::Id)
        }
    }
}

impl fmt::Display for MtaStsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=STSv1; id={};", self.id)
    }
}

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

/// A policy (RFC 8461 §3.2).
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

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PolicyError {
    /// A line without a colon.
    #[error("line {0} is not `key: value`")]
    Line(usize),
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

impl Policy {
    /// Reads a policy as it was fetched. Unknown keys are passed over; of a key that may stand only once
    /// the first counts (RFC 8461 §3.2). Lines may end in LF or CRLF.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let (mut version, mut mode, mut max_age, mut mx) = (None, None, None, Vec::new());
        for (n, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let (key, value) = line.split_once(':').ok_or(PolicyError::Line(n + 1))?;
            let value = value.trim();
            match key.trim() {
                "version" => drop(version.get_or_insert(value)),
                "mode" => drop(mode.get_or_insert(value)),
                "max_age" => drop(max_age.get_or_insert(value)),
                "mx" => mx.push(value.trim_end_matches('.').to_ascii_lowercase()),
                _ => {}
            }
        }
        if version != Some("STSv1") {
            return Err(PolicyError::Version);
        }
        let mode = match mode {
            Some("enforce") => Mode::Enforce,
            Some("testing") => Mode::Testing,
            Some("none") => Mode::None,
            _ => return Err(PolicyError::Mode),
        };
        let max_age_s = max_age
            .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .filter(|seconds| *seconds <= MAX_AGE_S_MAX)
            .ok_or(PolicyError::MaxAge)?;
        if mx.is_empty() && mode != Mode::None {
            return Err(PolicyError::Mx);
        }
        Ok(Self { mode, mx, max_age_s })
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
        let good = "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 1\n";
        assert!(Policy::parse(good).is_ok());
        for (from, to, error) in [
            ("STSv1", "STSv2", PolicyError::Version),
            ("enforce", "strict", PolicyError::Mode),
            ("max_age: 1", "max_age: +1", PolicyError::MaxAge),
            ("max_age: 1", "max_age: 31557601", PolicyError::MaxAge),
            ("mx: a.b", "mx a.b", PolicyError::Line(3)),
            ("mx: a.b\n", "", PolicyError::Mx),
        ] {
            assert_eq!(Policy::parse(&good.replace(from, to)), Err(error), "{to}");
        }
    }

    #[test]
    fn a_star_is_one_whole_label() {
        assert!(mx_matches("*.b.example", "A.B.Example."));
        assert!(!mx_matches("*.b.example", "x.a.b.example"));
        assert!(!mx_matches("*.b.example", "b.example"));
        assert!(!mx_matches("*.b.example", ".b.example"));
    }

    #[test]
    fn a_record_is_exactly_one() {
        let read = |records: &[&str]| MtaStsRecord::from_txt(records.iter().copied());
        assert_eq!(read(&["x", "v=STSv1; id=20260101;"]), Ok(MtaStsRecord { id: "20260101".to_owned() }));
        assert_eq!(read(&["v=spf1 -all"]), Err(RecordError::Absent));
        assert_eq!(read(&["v=STSv1; id=1;", "v=STSv1; id=2;"]), Err(RecordError::Several));
        assert_eq!(read(&["v=STSv1; id=a-b;"]), Err(RecordError::Id));
        assert_eq!(read(&["v=STSv1;"]), Err(RecordError::Id));
    }
}
