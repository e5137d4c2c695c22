//! What a sender is offered, and how its dot is answered.
//!
//! The trials themselves are in [`crate::sending::trials`], which ends them. Here is what happens in time: a message is
//! authenticated, noted and answered ([`TrialDesk`]); the operator's own mail is passed on ([`OperatorMail`]).

mod message;
mod objection;
mod operator;
mod reading;
mod reports;
mod spool;
mod texts;
mod trial_desk;

pub use message::{LOOP_FIELD, no_reply, read};
pub use objection::{OBJECTION_LOCAL_PART, Objections};
pub use operator::{NotDelivered, OperatorMail, OperatorMaildir, OperatorMessage};
pub use reports::enclosed as report_in_mail;
pub use spool::{NotForwarded, Onward, OperatorSpool};
pub use trial_desk::{Parts, TrialDesk};

use crate::sending::journal::MailLimits;

/// What the desk says, and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The name of this host, as SPF's `%{r}` has it. Default `localhost`.
    pub host: String,
    /// The address of the site, without a slash at its end: `<site>/r/<trial>` is a result's page. Default
    /// `https://localhost`.
    pub site: String,
    /// Whether verdicts are mailed to their senders at all, and not put into a folder of this host. Default true.
    pub mails_verdicts: bool,
    /// How many verdicts may be mailed in a day.
    pub limits: MailLimits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            site: "https://localhost".to_owned(),
            mails_verdicts: true,
            limits: MailLimits::default(),
        }
    }
}
