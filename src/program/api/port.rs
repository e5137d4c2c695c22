//! What the API asks for.

use std::future::Future;
use std::pin::Pin;

use crate::sending::trial::TrialId;

/// The document of a trial: what `trial show --json` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictDocument {
    /// JSON in which nothing can steer a terminal.
    pub text: String,
    /// Whether the trial has ended; the document of one that runs grows.
    pub ended: bool,
}

/// Where the documents of trials come from.
pub trait Verdicts: Send + Sync {
    /// The document of a trial, if there is such a trial.
    fn verdict<'a>(
        &'a self,
        trial: &'a TrialId,
    ) -> Pin<Box<dyn Future<Output = Option<VerdictDocument>> + Send + 'a>>;
}
