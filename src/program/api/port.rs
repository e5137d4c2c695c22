//! What the API asks for.

use std::future::Future;
use std::pin::Pin;

use crate::sending::trial::TrialId;

/// The document of a trial: what `trial show --json` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerdictDocument {
    /// JSON in which nothing can steer a terminal.
    Whole(Vec<u8>),
    /// The trial still runs, and has no verdict.
    NotYet,
    /// There is no such trial.
    Unknown,
}

/// Where the documents of trials come from.
pub trait Verdicts: Send + Sync {
    /// The document of a trial.
    fn verdict<'a>(
        &'a self,
        trial: &'a TrialId,
    ) -> Pin<Box<dyn Future<Output = VerdictDocument> + Send + 'a>>;
}
