//! The name of a node.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// How long a name may be, in octets.
const NAME_OCTETS_MAX: usize = 32;

/// The name of a node among those that share a journal: lower-case letters, digits and `-`, 32 at most.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct NodeName(String);

/// Why a text is no name of a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a node's name has 1 to 32 lower-case letters, digits and `-`, and begins with a letter or digit")]
pub struct NotAName;

impl NodeName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let may = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name =
            (1..=NAME_OCTETS_MAX).contains(&text.len()) && text.chars().all(may) && !text.starts_with('-');
        if is_name { Ok(Self(text.to_owned())) } else { Err(NotAName) }
    }
}

impl Default for NodeName {
    /// That of whoever is alone.
    fn default() -> Self {
        Self("alone".to_owned())
    }
}

impl TryFrom<String> for NodeName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label_in_lower_case() {
        for name in ["a", "mx04", "berlin-2", "0"] {
            assert_eq!(name.parse::<NodeName>().unwrap().as_str(), name);
        }
        for name in ["", "-a", "A", "a.b", "a b", "ä", &"a".repeat(33)] {
            assert_eq!(name.parse::<NodeName>(), Err(NotAName), "{name}");
        }
    }
}
