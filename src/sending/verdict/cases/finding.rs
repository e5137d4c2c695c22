//! What is found out by ruled cases. The wording is `report`'s.

use std::net::IpAddr;

use crate::sending::history::Seq;
use crate::sending::persona::{CaseId, Standing, Trait};
use crate::sending::verdict::Term;

use super::offered::TlsOffered;

/// How a case came out: the worst of its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseOutcome {
    /// Mail, or its envelope, came at the faulty host in clear.
    Clear,
    /// Mail came at the faulty host in TLS.
    Delivered,
    /// The faulty host was met and refused, and mail came at the sound one.
    Refused,
    /// The faulty host was looked up and not met, and mail came at the sound one.
    PassedOver,
    /// The domain was looked up, or its hosts were met, and no mail came.
    Held,
    /// Not enough was seen.
    Unseen,
}

impl CaseOutcome {
    /// All outcomes, the worst first.
    pub const ALL: [Self; 6] =
        [Self::Clear, Self::Delivered, Self::Refused, Self::PassedOver, Self::Held, Self::Unseen];

    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::PassedOver => "passed-over",
            Self::Held => "held",
            Self::Unseen => "unseen",
        }
    }
}

/// Why a case's finding is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseWhy {
    /// What was seen shows it.
    Shown,
    /// It is a fault, since what the case is about is practised at these cases.
    PractisedElsewhere(Vec<CaseId>),
    /// Nobody asked for the domain and nobody came: the mail to it never left, or never began.
    NeverReached,
    /// The sound host took mail, and whether the faulty one was passed over is not known: nobody asked for it in sight.
    NotLookedUp,
    /// Mail came at the faulty host only before the policy was known (RFC 8461 §5.1), and no further attempt was seen.
    BeforePolicy,
    /// No mail came at the control: a refusal may be of anything.
    NoControl(CaseId),
    /// The same, and the control was not among the cases of the trial.
    ControlNotTried(CaseId),
    /// The case wants a second mail, and none was seen.
    NoSecondMail,
    /// What was met without SNI may have been another case's host.
    Ambiguous,
    /// No session was resumed at the faulty host, so that what the case is about does not show.
    NotResumed,
    /// Whether what was injected was believed is not known: the sender sends commands behind EHLO also elsewhere.
    GoesAheadAnyway,
    /// Its own self-check was red: the fault is ours.
    OurFault(String),
    /// We had not looked at it ourselves yet, and have not since: whether it was as it should be is not known.
    NotLookedAt,
    /// TLS failed because of what we lack.
    OurLimit,
    /// Questions, links or visits of its time are missing.
    Incomplete,
    /// It still goes on.
    Running,
}

/// What was seen on the links of a case, or in its mail, beside where that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseSign {
    /// What came in clear behind the answer to STARTTLS was taken for an answer (RFC 3207 §4.2): within TLS the sender went
    /// on before its EHLO was answered.
    InjectionBelieved,
    /// It was not: within TLS the sender waited for the answer to its EHLO, and sent mail.
    InjectionDiscarded,
    /// A mail said `TLS-Required: No` (RFC 8689 §5): policies need not count for it.
    TlsNotRequired,
    /// A MAIL said REQUIRETLS (RFC 8689 §4.1).
    RequireTls,
    /// At the faulty host a session was resumed (RFC 8446 §2.2), so that no certificate was shown.
    Resumed,
    /// At the faulty host, which would resume one, none was.
    NotResumed,
}

impl CaseSign {
    /// All signs, in the order in which they are told.
    pub const ALL: [Self; 6] = [
        Self::InjectionBelieved,
        Self::InjectionDiscarded,
        Self::TlsNotRequired,
        Self::RequireTls,
        Self::Resumed,
        Self::NotResumed,
    ];

    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::InjectionBelieved => "injection-believed",
            Self::InjectionDiscarded => "injection-discarded",
            Self::TlsNotRequired => "tls-not-required",
            Self::RequireTls => "requiretls",
            Self::Resumed => "resumed",
            Self::NotResumed => "not-resumed",
        }
    }
}

/// The finding on one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFinding {
    pub case: CaseId,
    pub outcome: CaseOutcome,
    /// What the outcome is worth; none where not enough was seen.
    pub standing: Option<Standing>,
    pub why: CaseWhy,
    /// Whether an earlier attempt was stricter than a later one.
    pub laxer_on_retry: bool,
    /// Whether the MTA-STS policy was asked for or fetched: never a proof that it is obeyed.
    pub policy_asked_for: bool,
    /// Whether TLSA records were asked for: never a proof that they are obeyed.
    pub tlsa_asked_for: bool,
    /// What was seen beside.
    pub signs: Vec<CaseSign>,
    pub evidence: Vec<Seq>,
}

/// The finding on a trait that cases tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraitFinding {
    pub tells: Trait,
    /// The values that fit what was seen, by their words; one alone is the finding.
    pub values: Vec<&'static str>,
    /// What the value is worth, where there is one.
    pub standing: Option<Standing>,
    /// The cases that tell it.
    pub by: Vec<CaseId>,
}

/// What the ruled cases of a trial show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CasesVerdict {
    /// Whether the trial is of ruled cases alone: then the classic suite has nothing to say.
    pub alone: bool,
    /// One for each case that the trial is of, in the order of the catalogue.
    pub findings: Vec<CaseFinding>,
    pub traits: Vec<TraitFinding>,
    /// The terms of the sender models that fit all that was seen; empty where no model does.
    pub terms: Vec<Term>,
    /// Senders that came out differently, each with its own findings.
    pub apart: Vec<(IpAddr, Vec<CaseFinding>)>,
    /// What the sender offers in TLS, as far as its hellos show it.
    pub offered: Option<TlsOffered>,
}

impl CasesVerdict {
    /// The finding on a case.
    pub fn finding(&self, case: &CaseId) -> Option<&CaseFinding> {
        self.findings.iter().find(|finding| finding.case == *case)
    }
}
