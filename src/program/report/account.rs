//! What a verdict is told from.

use crate::receiving::grades::Receiving;
use crate::receiving::report::Half;
use crate::sending::history::{History, Received, SenderDomain};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Pace, TrialId};
use crate::sending::verdict::{CasesVerdict, Verdict};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

/// Everything that a verdict is told from.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The personas and cases that the trial met.
    pub catalogue: &'a Catalogue,
    pub history: &'a History,
    pub verdict: &'a Verdict,
    /// What its ruled cases show; nothing where it is of none.
    pub cases: &'a CasesVerdict,
    /// The waits of the trial.
    pub pace: &'a Pace,
    /// How well the sender's own domain receives.
    pub receiving: Half<'a>,
    /// When it is told.
    pub now: Timestamp,
}

impl Account<'_> {
    /// The language that the trial's first mail chose by its address.
    pub fn language(&self) -> Language {
        language_of(self.history)
    }

    /// Whether the trial is of ruled cases alone: then the classic suite has nothing to say.
    pub fn is_of_cases_alone(&self) -> bool {
        self.cases.alone
    }
}

/// The language that the first mail of a trial chose by its address.
pub fn language_of(history: &History) -> Language {
    let chosen =
        |(_, _, received): (_, _, &Received)| received.recipients.first().map(|recipient| recipient.language);
    history.transactions().find_map(chosen).unwrap_or_default()
}

/// How well the sender's own domain receives, of a trial of which `receiving` is known.
pub fn half_of<'a>(history: &History, settings: &Settings, receiving: Option<&'a Receiving<'a>>) -> Half<'a> {
    match receiving {
        Some(receiving) => Half::Scanned(receiving),
        // It begins when the trial ends.
        None if settings.scans && history.ended.is_some() && SenderDomain::of(history).is_some() => {
            Half::Running
        }
        None => Half::NotScanned,
    }
}

/// What the operator says of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the site is, without a final slash. Default: `https://localhost`.
    pub site_url: String,
    /// How long a trial is kept, in days. Default: 30.
    pub retention_days: u32,
    /// Whether the domains of senders are scanned. Default: they are not.
    pub scans: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { site_url: "https://localhost".to_owned(), retention_days: 30, scans: false }
    }
}

impl Settings {
    /// The address of a trial's result page. Whoever knows it may read the result.
    pub fn result_url(&self, trial: &TrialId) -> String {
        format!("{}/r/{trial}", self.site_url.trim_end_matches('/'))
    }
}
