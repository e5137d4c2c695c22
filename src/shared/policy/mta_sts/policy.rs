//! The policy (RFC 8461 §3.2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The path of a policy at `mta-sts.<domain>` (RFC 8461 §3.3).
pub const POLICY_PATH: &str = "/.well-known/mta-sts.txt";

/// What a sender is to do when no listed and verified MX is found (RFC 8461 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// A policy of MTA-STS (RFC 8461 §3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What failing means.
    pub mode: Mode,
    /// Host names and `*.` patterns, in lower case.
    pub mx: Vec<String>,
    /// How long senders may keep it, in seconds.
    pub max_age_s: u32,
}

impl Policy {
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
