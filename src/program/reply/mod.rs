//! The verdict mail: whether there is one, its composition and its delivery.
//!
//! [`Worker`] takes what is due from the journal's outbox. `decide` says whether a mail may be sent (RFC 3834,
//! somebody vouches for the sender, limits by day), `compose` writes it, and a carrier hands it over: into a
//! maildir, to a smarthost, or to the sender's own MX through the port [`Direct`].

mod carrier;
mod compose;
mod decide;
mod relay;
mod settings;
mod worker;
mod writing;

use std::future::Future;
use std::pin::Pin;

use crate::sending::history::History;
use crate::sending::trial::TrialId;
use crate::shared::time::Timestamp;

pub use carrier::OpenError;
pub use compose::{ComposeError, Letter, compose};
pub use decide::{Decision, Withheld, decide};
pub use relay::Relay;
pub use settings::{Delivery, Settings, Smarthost};
pub use worker::{Tools, Worker};

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
