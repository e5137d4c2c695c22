//! Whom the reply mailer asks.

use std::future::Future;
use std::pin::Pin;

use crate::sending::history::{History, NotRecorded};
use crate::sending::trial::TrialId;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

/// Why a verdict could not be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct HandOverError {
    /// Whether another attempt is in vain.
    pub lasting: bool,
    /// In the words of the peer or the system.
    pub reason: String,
}

/// Whoever delivers to the sender's own MX.
pub trait Direct: Send + Sync {
    /// Tries once, at `now`, to deliver `message` with the null reverse-path to `to`.
    fn deliver<'a>(
        &'a self,
        now: Timestamp,
        to: &'a str,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), HandOverError>> + Send + 'a>>;
}

/// Whoever knows the trials.
pub trait Trials: Send + Sync {
    /// The history of a trial, if there is such a trial.
    fn history(&self, trial: &TrialId) -> Option<History>;
}

/// Whoever knows who wants no mail of ours.
pub trait Objections: Send + Sync {
    /// Whether nothing is to be mailed to `address`. As long as that cannot be found out, nothing is.
    fn stand_against<'a>(
        &'a self,
        address: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<bool, HandOverError>> + Send + 'a>>;

    /// The page on which whoever reads a mail to `address` may object to further ones.
    fn page(&self, address: &str) -> String;
}

/// The second part of a trial: the domains that are faulty on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondPart {
    /// The addresses that an answer to the verdict begins it with.
    pub addresses: Vec<String>,
    /// Whether some of them are names that everybody shares.
    pub shared: bool,
}

/// Whoever gives out the names of second parts.
pub trait SecondParts: Send + Sync {
    /// That of `trial`, in `language`; none where none is offered. Who asks again gets the same.
    fn second_part<'a>(
        &'a self,
        now: Timestamp,
        trial: &'a TrialId,
        language: Language,
    ) -> Pin<Box<dyn Future<Output = Result<Option<SecondPart>, NotRecorded>> + Send + 'a>>;
}
