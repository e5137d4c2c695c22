//! Whose mail servers are whose, by patterns of their names: a file that anybody can extend.

use serde::Deserialize;

use super::port::Sign;
use crate::shared::domain_name::registrable_domain;

/// The rules of the program.
const EMBEDDED: &str = include_str!("operators.toml");
/// How many patterns a file may have.
const PATTERNS_MAX: usize = 10_000;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    operator: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    mx: Vec<String>,
}

/// Why a file of patterns cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OperatorsError {
    /// It is no such file.
    #[error("{0}")]
    Grammar(#[from] toml::de::Error),
    /// A pattern matches nothing, or all.
    #[error("operator `{operator}`: `{pattern}` is no pattern; write a host name, or `*.` and a domain")]
    Pattern { operator: String, pattern: String },
    /// It is too long.
    #[error("there are more than {PATTERNS_MAX} patterns")]
    TooMany,
}

/// The operators that are known by name.
#[derive(Clone, Debug, Default)]
pub struct Operators {
    /// Pattern and operator, in the order of the file.
    patterns: Vec<(String, String)>,
}

impl Operators {
    /// Those that the program knows.
    ///
    /// # Panics
    /// Never: a test reads its own file.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED).expect("the file is part of the program")
    }

    /// Those of a file; its first pattern that fits counts.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(text: &str) -> Result<Self, OperatorsError> {
        let file: File = toml::from_str(text)?;
        let mut patterns = Vec::new();
        for Rule { name, mx } in file.operator {
            for pattern in mx {
                let pattern = pattern.to_ascii_lowercase();
                let rest = pattern.strip_prefix("*.").unwrap_or(&pattern);
                if rest.contains('*') || !rest.contains('.') || rest.starts_with('.') {
                    return Err(OperatorsError::Pattern { operator: name, pattern });
                }
                patterns.push((pattern, name.clone()));
            }
        }
        if patterns.len() > PATTERNS_MAX {
            return Err(OperatorsError::TooMany);
        }
        Ok(Self { patterns })
    }

    /// Whose an MX host is: by the patterns, else its registrable domain.
    pub fn of(&self, host: &str) -> String {
        self.sign(host).to_string()
    }

    /// The same, and by which of both it is known.
    pub(super) fn sign(&self, host: &str) -> Sign {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let fits = |pattern: &str| match pattern.strip_prefix('*') {
            Some(ending) => host.ends_with(ending),
            None => host == pattern,
        };
        match self.patterns.iter().find(|(pattern, _)| fits(pattern)) {
            Some((_, name)) => Sign::Known(name.clone()),
            None => Sign::Operator(registrable_domain(&host).unwrap_or(host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_operators() {
        let operators = Operators::embedded();
        for (host, operator) in [
            ("firma-de.mail.protection.outlook.com.", "Microsoft 365"),
            ("ASPMX.L.Google.com", "Google"),
            ("mx1.kanzlei.example.co.uk", "example.co.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(operators.of(host), operator, "{host}");
        }
        for wrong in ["*", "*.*.example.org", "localhost", "*."] {
            let file = format!("[[operator]]\nname = \"x\"\nmx = [\"{wrong}\"]\n");
            assert!(Operators::read(&file).is_err(), "{wrong}");
        }
    }
}
