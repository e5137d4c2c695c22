//! Whether a verdict is mailed, and to whom. Pure.

use crate::sending::history::{History, NoReply, Unanswerable, addressee};
use crate::sending::journal::{MailLimits, Mailed};
use crate::sending::trial::Mailbox;

/// What to do with a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Mail it to this reverse-path.
    Mail {
        to: Mailbox,
        /// The Message-ID of the mail that it answers, without angle brackets.
        in_reply_to: Option<String>,
    },
    /// Mail nothing; the result page is all there is.
    Withhold(Withheld),
}

/// Why a verdict is not mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Withheld {
    /// The mail asked for no answer (RFC 3834 §2).
    NoReply(NoReply),
    /// No mail came to its dot.
    NoMail,
    /// Neither SPF nor an aligned DKIM signature vouches for the reverse-path.
    NotVouched,
    /// The address got as many as it may today.
    AddressLimit,
    /// The domain got as many as it may today.
    DomainLimit,
    /// We sent as many as we may today.
    DayLimit,
    /// Whoever owns the address, or its domain, wants no mail of ours.
    Objection,
    /// The full address is not known any more.
    AddressForgotten,
    /// The address cannot be written in a header without SMTPUTF8, or not at all.
    Unwritable,
}

impl Withheld {
    /// Its name in the journal and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoReply(NoReply::NullReversePath) => "null-reverse-path",
            Self::NoReply(NoReply::AutoSubmitted) => "auto-submitted",
            Self::NoReply(NoReply::List) => "list",
            Self::NoReply(NoReply::Bulk) => "bulk",
            Self::NoReply(NoReply::Report) => "report",
            Self::NoReply(NoReply::Ourselves) => "ourselves",
            Self::NoReply(NoReply::Loop) => "loop",
            Self::NoMail => "no-mail",
            Self::NotVouched => "not-vouched",
            Self::AddressLimit => "address-limit",
            Self::DomainLimit => "domain-limit",
            Self::DayLimit => "day-limit",
            Self::Objection => "objection",
            Self::AddressForgotten => "address-forgotten",
            Self::Unwritable => "unwritable",
        }
    }
}

/// To whom the verdict on `history` may go, leaving limits aside.
pub fn decide(history: &History) -> Decision {
    match addressee(history) {
        Ok((to, message)) => Decision::Mail { to: to.clone(), in_reply_to: message.message_id.clone() },
        Err(Unanswerable::NoReply(reason)) => Decision::Withhold(Withheld::NoReply(reason)),
        Err(Unanswerable::NoMail) => Decision::Withhold(Withheld::NoMail),
        Err(Unanswerable::NotVouched) => Decision::Withhold(Withheld::NotVouched),
    }
}

/// The limit that another verdict would break.
pub(super) fn limit(limits: &MailLimits, mailed: Mailed) -> Option<Withheld> {
    if mailed.address >= limits.per_address {
        Some(Withheld::AddressLimit)
    } else if mailed.domain >= limits.per_domain {
        Some(Withheld::DomainLimit)
    } else {
        (mailed.all >= limits.all).then_some(Withheld::DayLimit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_limit_is_named() {
        let limits = MailLimits::default();
        let limit = |address, domain, all| limit(&limits, Mailed { address, domain, all });
        assert_eq!(limit(2, 19, 1999), None);
        assert_eq!(limit(3, 20, 2000), Some(Withheld::AddressLimit));
        assert_eq!(limit(0, 20, 2000), Some(Withheld::DomainLimit));
        assert_eq!(limit(0, 0, 2000), Some(Withheld::DayLimit));
    }
}
