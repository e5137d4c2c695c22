//! The languages that texts are written in.

use serde::{Deserialize, Serialize};

/// A local part of a test address: it chooses the language of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    De,
}

impl Language {
    /// All languages that pages are written in.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The local part and language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language that the local part `local` chooses, without case.
    pub fn from_local_part(local: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(local))
    }
}
