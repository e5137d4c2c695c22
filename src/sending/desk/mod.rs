//! The open trials: what a sender is offered, how its dot is answered, when a trial ends.
//!
//! The trials themselves are a fold of the journal ([`crate::sending::trials::Trials`] holds it), and what to do is computed
//! by [`crate::sending::verdict::progress`]. Here is what happens in time: a message is authenticated, noted and
//! answered ([`TrialDesk`]); trials that new evidence touches, or whose time has come, are looked at; the operator's own
//! mail is passed on ([`OperatorMail`]).

mod addressee;
mod looking;
mod message;
mod operator;
mod reading;
mod spool;
mod texts;
mod trial_desk;

use serde::Deserialize;

pub use addressee::{Limits, Unanswerable, addressee, is_writable};
pub use looking::Judge;
pub use message::{LOOP_FIELD, no_reply, read};
pub use operator::{NotDelivered, OperatorMail, OperatorMaildir, OperatorMessage};
pub use spool::{NotForwarded, Onward, OperatorSpool};
pub use trial_desk::{Parts, TrialDesk};

/// What the desk says, and its limits. Most of it follows from other settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name of this host, as SPF's `%{r}` has it. Default `localhost`.
    #[serde(skip)]
    pub host: String,
    /// The address of the site, without a slash at its end: `<site>/r/<trial>` is a result's page. Default
    /// `https://localhost`.
    #[serde(skip)]
    pub site: String,
    /// Whether verdicts are mailed to their senders at all, and not put into a folder of this host. Default true.
    #[serde(skip)]
    pub mails_verdicts: bool,
    /// How many verdicts may be mailed in a day.
    #[serde(skip)]
    pub limits: Limits,
    /// How long new evidence may gather before trials are looked at, in milliseconds. Default 1000.
    pub gather_ms: u64,
    /// How long after a trial's end its verdict is due, in seconds, so that the last link is in it to its end.
    /// Default 2.
    pub verdict_delay_s: u32,
    /// How long a verdict waits for the scan of its sender's domain, in seconds. Default 0: nothing is scanned.
    #[serde(skip)]
    pub verdict_wait_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            site: "https://localhost".to_owned(),
            mails_verdicts: true,
            limits: Limits::default(),
            gather_ms: 1_000,
            verdict_delay_s: 2,
            verdict_wait_s: 0,
        }
    }
}
