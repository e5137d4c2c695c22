//! A transaction as the joining of mail to trials sees it.

use crate::sending::history::{Ending, MessageFacts, Received, Recipient};

/// A transaction that came, with what the joining asks of it.
pub(in crate::sending::trials::attribution) struct Mail<'a> {
    pub(in crate::sending::trials::attribution) received: &'a Received,
    pub(in crate::sending::trials::attribution) message: Option<&'a MessageFacts>,
    pub(in crate::sending::trials::attribution) vouched: bool,
}

impl<'a> Mail<'a> {
    pub(in crate::sending::trials::attribution) fn of(received: &'a Received) -> Self {
        let message = match &received.ending {
            Ending::Complete(message) => Some(&**message),
            _ => None,
        };
        let vouched = message.is_some_and(|message| message.authentication.vouched);
        Self { received, message, vouched }
    }

    pub(in crate::sending::trials::attribution) fn message_id(&self) -> Option<&'a String> {
        self.message.and_then(|message| message.message_id.as_ref())
    }

    /// Whom it was for, by its envelope and by its header section.
    pub(in crate::sending::trials::attribution) fn recipients(&self) -> impl Iterator<Item = &Recipient> {
        self.received.named()
    }
}
