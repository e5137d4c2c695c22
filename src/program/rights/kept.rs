//! For how long each kind of data is there. The privacy page and `docs/privacy.md` say what stands here, and nothing else.

use std::sync::Arc;

use crate::program::archive::{Archive, ArchiveError};
use crate::sending::journal;
use crate::shared::time::{Timestamp, before};

/// The settings and constants that it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long the journal keeps a trial, in days.
    pub trials_days: u32,
    /// How long it keeps questions to DNS, in days.
    pub questions_days: u32,
    /// How long checks of domains are kept, in days; none where none are made.
    pub checks_days: Option<u32>,
    /// Whether the operator's mail only waits here until it goes on.
    pub forwards: bool,
    /// Whether verdicts are written into a folder of this host.
    pub writes_verdicts: bool,
}

/// How long the operator's mail that nobody took stays, in days: `sending::desk` forgets it then.
const UNFORWARDED_DAYS: u32 = 90;
/// How long is kept who got a verdict, in days: the journal counts by the day, and forgets after two.
const MAILED_DAYS: u32 = 2;
/// How long it is kept what TLS reports were worth, in days: `providers` forgets it then.
const REPORTERS_DAYS: u32 = 730;
/// How long an address waits for TLS reports, in days: `app` forgets it then.
const POSTSCRIPTS_DAYS: u32 = 7;
/// How long is known that something was forgotten, in days.
const ORDERS_DAYS: u32 = 1;
/// How long a browser keeps the language, in days.
const LANGUAGE_DAYS: u32 = 365;
const DAY_S: u32 = 86_400;

/// A kind of data, and for how long it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub what: What,
    pub time: KeptFor,
}

/// A kind of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The text of a test mail.
    Text,
    /// The full address that a verdict goes to.
    Address,
    /// A trial with its result.
    Result,
    /// Questions to DNS in its time.
    Questions,
    /// To whom verdicts were mailed, as digest.
    Mailed,
    /// Verdicts that are written into a folder.
    Verdicts,
    /// TLS reports.
    Reports,
    /// What TLS reports were worth.
    Reporters,
    /// The address of who wants to be told of TLS reports.
    Postscripts,
    /// Checks of domains.
    Checks,
    /// What the operator published.
    Published,
    /// Keyed digests of those who want no mail.
    Objections,
    /// Orders to forget.
    Orders,
    /// Mail to the operator.
    OperatorMail,
    /// Who visits the site.
    Visits,
    /// The language that a visitor chose.
    Language,
}

impl What {
    /// The part of the names of its texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Address => "address",
            Self::Result => "result",
            Self::Questions => "questions",
            Self::Mailed => "mailed",
            Self::Verdicts => "verdicts",
            Self::Reports => "reports",
            Self::Reporters => "reporters",
            Self::Postscripts => "postscripts",
            Self::Checks => "checks",
            Self::Published => "published",
            Self::Objections => "objections",
            Self::Orders => "orders",
            Self::OperatorMail => "operator-mail",
            Self::Visits => "visits",
            Self::Language => "language",
        }
    }
}

/// For how long something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptFor {
    /// It is not kept.
    Never,
    /// Until the verdict is mailed, or will not be, and no longer than so many days.
    UntilMailed {
        days_max: u32,
    },
    Days(u32),
    /// Until it is done; that it was, for so many days more.
    UntilDone {
        days_then: u32,
    },
    /// Until whoever it is about takes it back.
    UntilWithdrawn,
    /// Until the operator takes it back.
    UntilRetracted,
    /// As long as the operator keeps it.
    ByOperator,
    /// So many days, in the visitor's browser.
    InBrowser {
        days: u32,
    },
}

impl Retention {
    /// The same with checks of domains, which are kept for so many days.
    pub fn with_checks(self, days: Option<u32>) -> Self {
        Self { checks_days: days, ..self }
    }

    /// The same, where verdicts are written into a folder or are not.
    pub fn with_verdicts(self, writes_verdicts: bool) -> Self {
        Self { writes_verdicts, ..self }
    }

    /// Of a journal with these settings, without checks.
    pub fn of_journal(settings: &journal::Settings, forwards: bool) -> Self {
        Self {
            trials_days: settings.retention_days,
            questions_days: settings.queries_days.min(settings.retention_days),
            checks_days: None,
            forwards,
            writes_verdicts: false,
        }
    }

    /// Each kind of data.
    pub fn kept(&self) -> Vec<Kept> {
        let operators = if self.forwards { KeptFor::Days(UNFORWARDED_DAYS) } else { KeptFor::ByOperator };
        let rows = [
            (What::Text, Some(KeptFor::Never)),
            (What::Address, Some(KeptFor::UntilMailed { days_max: self.trials_days })),
            (What::Result, Some(KeptFor::Days(self.trials_days))),
            (What::Questions, Some(KeptFor::Days(self.questions_days))),
            (What::Mailed, Some(KeptFor::Days(MAILED_DAYS))),
            (What::Verdicts, self.writes_verdicts.then_some(KeptFor::ByOperator)),
            (What::Reports, Some(KeptFor::Days(self.trials_days))),
            (What::Reporters, Some(KeptFor::Days(REPORTERS_DAYS))),
            (What::Postscripts, Some(KeptFor::Days(POSTSCRIPTS_DAYS))),
            (What::Checks, self.checks_days.map(KeptFor::Days)),
            (What::Published, Some(KeptFor::UntilRetracted)),
            (What::Objections, Some(KeptFor::UntilWithdrawn)),
            (What::Orders, Some(KeptFor::UntilDone { days_then: ORDERS_DAYS })),
            (What::OperatorMail, Some(operators)),
            (What::Visits, Some(KeptFor::Never)),
            (What::Language, Some(KeptFor::InBrowser { days: LANGUAGE_DAYS })),
        ];
        rows.into_iter().filter_map(|(what, time)| Some(Kept { what, time: time? })).collect()
    }
}

/// Deletes what the archive has kept for long enough.
pub struct Upkeep {
    archive: Arc<Archive>,
}

impl Upkeep {
    /// Of this archive.
    pub fn new(archive: Arc<Archive>) -> Self {
        Self { archive }
    }

    /// Deletes what is too old at `now`; objections never are. The journal sees to its own.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn expire(&self, now: Timestamp) -> Result<(), ArchiveError> {
        self.archive.expire_orders_to_forget(before(now, ORDERS_DAYS * DAY_S)).await?;
        Ok(())
    }
}
