//! Why the register does not do what it is asked.

use crate::program::archive::ArchiveError;
use crate::shared::time::Timestamp;

use super::super::provider::{NoProvider, ProviderName, TEXT_CHARS_MAX};

/// Why the register does not do what it is asked. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Provider(#[from] NoProvider),
    #[error("there is no provider {0}; `mailassay provider list` shows those there are")]
    NoSuch(ProviderName),
    #[error(
        "what the archive keeps of {name} cannot be read: {source}; restore a copy, or retract and publish it anew"
    )]
    Unreadable { name: String, source: serde_json::Error },
    #[error("it cannot be written: {0}")]
    Unwritable(serde_json::Error),
    #[error("{0} is not public")]
    NotPublic(ProviderName),
    /// It was not told.
    #[error(
        "{name} was not told; send it the mail that `mailassay provider draft {name}` writes, then say `mailassay provider told {name} --on DATE`"
    )]
    NotTold { name: ProviderName },
    /// It was told too short a time ago.
    #[error("{name} was told on {}, and has until {} to answer", told.strftime("%Y-%m-%d"), from.strftime("%Y-%m-%d"))]
    ToldTooLate { name: ProviderName, told: Timestamp, from: Timestamp },
    #[error(
        "there is nothing to publish of {0}: no trial and no check; `mailassay provider check {0}` checks its domains"
    )]
    Nothing(ProviderName),
    #[error("{name} has no evidence {number}; `mailassay provider show {name}` numbers what there is")]
    NoEvidence { name: ProviderName, number: i64 },
    #[error("the evidence of {0} is larger than is kept")]
    TooLarge(ProviderName),
    #[error("a text has between 1 and {TEXT_CHARS_MAX} characters")]
    TextLength,
    #[error("that day is yet to come")]
    NotYet,
}
