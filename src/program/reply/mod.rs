//! The verdict mail: whether there is one, its composition and its delivery.
//!
//! [`Worker`] takes what is due from the journal's outbox. `decide` says whether a mail may be sent (RFC 3834,
//! somebody vouches for the sender, limits by day), `compose` writes it, and a carrier hands it over: into a
//! maildir, to a smarthost, or to the sender's own MX through the port [`Direct`].

mod carrier;
mod compose;
mod decide;
mod relay;
mod worker;
mod writing;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use crate::sending::history::History;
use crate::sending::journal::MailLimits;
use crate::sending::trial::TrialId;
use crate::shared::time::Timestamp;

pub use carrier::OpenError;
pub use compose::{ComposeError, Letter, compose};
pub use decide::{Decision, Withheld, decide};
pub use relay::Relay;
pub use worker::{Tools, Worker};

/// How verdicts are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The address in From. Default: `verdict@` and the origin.
    pub from: Option<String>,
    /// Where verdicts go. Default: a maildir.
    pub delivery: Delivery,
    /// How many verdicts may be mailed in a day.
    pub limits: MailLimits,
    /// How long to wait after the first failed delivery, in seconds; after each further one twice as long.
    /// Default: 60.
    pub retry_first_s: u32,
    /// The longest wait between two attempts, in seconds. Default: 14400, four hours.
    pub retry_most_s: u32,
    /// How long after a trial's end its verdict is given up, in seconds. Default: 432000, five days
    /// (RFC 5321 §4.5.4.1).
    pub give_up_s: u32,
    /// How long a hand-over may take, in seconds. Default: 600.
    pub hand_over_timeout_s: u32,
    /// How many hand-overs go on at the same time. Default: 10.
    pub hand_overs_max: usize,
    /// How often to look for what is due, in milliseconds. Default: 500.
    pub poll_ms: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            from: None,
            delivery: Delivery::Maildir { path: "verdicts".into() },
            limits: MailLimits::default(),
            retry_first_s: 60,
            retry_most_s: 14_400,
            give_up_s: 432_000,
            hand_over_timeout_s: 600,
            hand_overs_max: 10,
            poll_ms: 500,
        }
    }
}

/// Where verdicts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Into a maildir, each exactly once: for tests, the demo, and operators who hand on themselves.
    Maildir {
        /// The folder that holds `tmp`, `new` and `cur`.
        path: PathBuf,
    },
    /// To a smarthost.
    Smarthost(Smarthost),
    /// To the sender's own MX, by DANE and MTA-STS as they apply.
    Mx,
}

/// A mail server that relays for us. Only TLS from the first octet (RFC 8314 §3): after STARTTLS the client that
/// we use would still heed what was injected before it.
#[derive(Clone, PartialEq, Eq)]
pub struct Smarthost {
    /// Its host name, which its certificate must have.
    pub host: String,
    /// Its port. Usually 465.
    pub port: u16,
    /// The user name and password, where it asks for them.
    pub credentials: Option<(String, String)>,
    /// A file of roots (PEM) to trust in place of Mozilla's.
    pub roots: Option<PathBuf>,
}

impl std::fmt::Debug for Smarthost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, roots, credentials } = self;
        let user = credentials.as_ref().map(|(user, _)| user);
        f.debug_struct("Smarthost")
            .field("host", host)
            .field("port", port)
            .field("user", &user)
            .field("roots", roots)
            .finish_non_exhaustive()
    }
}

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
