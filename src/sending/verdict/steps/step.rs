//! A step without wording: what followed from a link.

use super::super::event::Action;
use super::super::finding::Mechanism;
use super::super::model::Act;
use super::super::term::Term;

/// How the verdict on a history came about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// A step for each link, in the order of their last observations.
    pub links: Vec<Step>,
    /// What was struck out by what did not happen; none where nothing was.
    pub silence: Option<Silence>,
}

/// What followed from a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its place among the links of the history.
    pub link: usize,
    pub bearing: Bearing,
    /// Terms that it struck out, by what senders of that kind would have done instead; nothing where that is not one
    /// act.
    pub excluded: Vec<(Vec<Would>, Vec<Term>)>,
    /// Terms that it made possible again, since it showed earlier links in another light.
    pub returned: Vec<Term>,
    /// Earlier links, by their place, that were held back and count from here on.
    pub counts_now: Vec<usize>,
    /// Whether the same server had been refused before.
    pub laxer: bool,
    /// What it proved.
    pub proved: Vec<Mechanism>,
    /// The terms that fit all up to here; none where nothing does.
    pub remaining: Vec<Term>,
    /// How many ways to treat all destinations alike fit all up to here.
    pub ways_left: usize,
    /// How many of them it struck out.
    pub ways_struck: usize,
}

/// What a link is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// It counts.
    Counts,
    /// It may mean anything until the sound server gets mail.
    NoControl,
    /// It may be another sender's.
    Foreign,
    /// Clear text where STARTTLS was offered, after TLS had failed.
    Fallback,
    /// A delivery where the same server had been refused.
    LaxDelivery,
    /// A look at the port by who sends mail otherwise.
    Visit,
    /// The sound server was refused.
    SoundRefused,
    /// TLS failed in a way that tells nothing of the sender.
    Failed {
        /// Whether we lack what was offered.
        our_limit: bool,
    },
    /// It shows nothing of how mail is protected.
    ShowsNothing,
    /// It shows the same as an earlier link, by its place.
    Alike(usize),
    /// It came after the verdict was told.
    AfterVerdict,
    /// There are too many links to judge each by itself.
    Beyond,
}

/// What a sender that is excluded would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Would {
    /// Sent the mail in clear.
    Clear,
    /// Left without mail, as no STARTTLS was offered.
    Leave,
    /// Not delivered there at all.
    Avoid,
    /// Begun TLS.
    Encrypt,
    /// Refused the certificate.
    Refuse,
    /// Taken the certificate.
    Take,
    /// Named the server in TLS.
    Name,
    /// Not named it.
    NotName,
}

impl Would {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "send-in-clear",
            Self::Leave => "leave",
            Self::Avoid => "avoid",
            Self::Encrypt => "encrypt",
            Self::Refuse => "refuse",
            Self::Take => "take",
            Self::Name => "name",
            Self::NotName => "not-name",
        }
    }

    /// What tells an act from what was seen.
    pub(super) fn of(seen: Action, act: Act) -> Self {
        let named = |sni: bool| if sni { Self::Name } else { Self::NotName };
        match (seen, act) {
            (_, Act::Clear) => Self::Clear,
            (_, Act::Leaves) => Self::Leave,
            (_, Act::Avoids | Act::Shuns { .. }) => Self::Avoid,
            (Action::Delivered { .. }, Act::Refuses { .. }) => Self::Refuse,
            (Action::Refused { .. }, Act::Delivers { .. }) => Self::Take,
            (Action::Delivered { .. }, Act::Delivers { sni })
            | (Action::Refused { .. }, Act::Refuses { sni }) => named(sni),
            (_, Act::Delivers { .. } | Act::Refuses { .. }) => Self::Encrypt,
        }
    }
}

/// What was struck out by what did not happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Nobody asked for the policy.
    pub policy_not_asked: bool,
    /// Nobody asked for TLSA records.
    pub tlsa_not_asked: bool,
    /// Mail never came to a case that was addressed, or a link to it was left.
    pub passed_by: bool,
    pub excluded: Vec<Term>,
    /// The terms that fit all, as the verdict has them.
    pub remaining: Vec<Term>,
    pub ways_left: usize,
}
