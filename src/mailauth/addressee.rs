//! Whether a verdict may be mailed, and to whom.

use crate::history::{Ending, History, MessageFacts, NoReply};
use crate::trial::Mailbox;

/// How many verdicts may be mailed in 24 hours. Beyond it the result's page is the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To one address. Default 3.
    pub per_address: u32,
    /// To one domain. Default 20.
    pub per_domain: u32,
    /// In all. Default 2000.
    pub all: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_address: 3, per_domain: 20, all: 2_000 }
    }
}

impl Limits {
    /// Whether one more verdict may go out, after so many to the address, to its domain and in all.
    pub fn allow(&self, address: u32, domain: u32, all: u32) -> bool {
        address < self.per_address && domain < self.per_domain && all < self.all
    }
}

/// Why a verdict cannot be mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unanswerable {
    /// RFC 3834 says so.
    NoReply(NoReply),
    /// No mail came to its dot.
    NoMail,
    /// Neither SPF nor DKIM vouches for the reverse-path.
    NotVouched,
}

/// Where a verdict goes, limits aside: the reverse-path of the first message of the trial that is vouched for,
/// and that message. To nobody if a message that is vouched for asks for no answer: they all are one mail. What
/// nobody vouches for may be forged, and takes the answer from nobody.
pub fn addressee(history: &History) -> Result<(&Mailbox, &MessageFacts), Unanswerable> {
    let messages = || {
        history.transactions().filter_map(|(_, _, received)| match &received.ending {
            Ending::Complete(message) => Some((received.reverse_path.as_ref(), &**message)),
            _ => None,
        })
    };
    messages().next().ok_or(Unanswerable::NoMail)?;
    let vouched = || messages().filter(|(_, message)| message.authentication.vouched);
    let no_reply = vouched().find_map(|(_, message)| message.no_reply).or_else(|| {
        let forgeable = vouched().next().is_none().then(messages);
        forgeable?.find_map(|(_, message)| message.no_reply)
    });
    if let Some(reason) = no_reply {
        return Err(Unanswerable::NoReply(reason));
    }
    vouched().find_map(|(path, message)| Some((path?, message))).ok_or(Unanswerable::NotVouched)
}
