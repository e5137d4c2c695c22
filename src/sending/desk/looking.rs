//! Looking at a trial: whether it may end. The judge works on a thread of its own and holds no lock, so that no listener
//! waits for it; whose dot hangs on it waits for a while, and is then told to come again.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Semaphore;

use crate::sending::history::SenderDomain;
use crate::sending::history::{History, NotNoted, TrialEnd, TrialEnded};
use crate::sending::journal::Journal;
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Pace, TrialId};
use crate::sending::trials::Trials;
use crate::sending::verdict;
use crate::sending::verdict::Progress;
use crate::shared::time::{Timestamp, after};

use super::Settings;

/// How many trials are looked at at the same time.
const AT_ONCE_MAX: usize = 2;
/// How long a dot waits for the judge, in seconds.
const DOT_S_MAX: u64 = 10;
/// How many links make a trial a long one: then its dots do not wait for the judge, who looks at it as often as at any.
const LONG_LINKS: usize = 100;
/// Whoever says how far a trial is.
pub type Judge = Arc<dyn Fn(&History, Timestamp) -> Progress + Send + Sync>;

/// What a look came to.
pub(super) struct Looked {
    /// Whether the trial has ended.
    pub(super) ended: bool,
    /// Whether it has just ended because the judge failed at it.
    pub(super) unjudged: bool,
    /// Its history; none if it is not in memory.
    pub(super) history: Option<Arc<History>>,
}

/// Whoever looks at trials.
pub(super) struct Looking {
    pub(super) judge: Judge,
    pub(super) trials: Arc<Trials>,
    pub(super) journal: Arc<Journal>,
    places: Semaphore,
}

impl Looking {
    pub(super) fn new(
        catalogue: Arc<Catalogue>,
        pace: Pace,
        trials: Arc<Trials>,
        journal: Arc<Journal>,
    ) -> Self {
        let judge = move |history: &History, now| verdict::progress(&catalogue, &pace, history, now);
        Self { judge: Arc::new(judge), trials, journal, places: Semaphore::new(AT_ONCE_MAX) }
    }

    /// The same with another judge.
    pub(super) fn judged_by(&self, judge: Judge) -> Self {
        let (trials, journal) = (Arc::clone(&self.trials), Arc::clone(&self.journal));
        Self { judge, trials, journal, places: Semaphore::new(AT_ONCE_MAX) }
    }

    /// Looks at a trial for a dot; none where that would take too long: then it is not over, as far as is known.
    pub(super) async fn for_dot(
        self: &Arc<Self>,
        settings: &Settings,
        trial: &TrialId,
        now: Timestamp,
    ) -> Result<Option<Looked>, NotNoted> {
        let (links, _) = self.trials.extent(trial).unwrap_or_default();
        if links > LONG_LINKS && !self.trials.has_ended(trial) {
            return Ok(None);
        }
        // The look goes on where nobody waits for it any more.
        let (looking, settings, trial) = (Arc::clone(self), settings.clone(), trial.clone());
        let look = tokio::spawn(async move {
            let look = AssertUnwindSafe(looking.at(&settings, &trial, now)).catch_unwind().await;
            look.unwrap_or_else(|_| {
                tracing::error!(
                    trial = trial.log_name(),
                    "a look at a trial panicked; please report this together with the lines above"
                );
                Err(NotNoted("a look at a trial panicked".to_owned()))
            })
        });
        match tokio::time::timeout(Duration::from_secs(DOT_S_MAX), look).await {
            Ok(Ok(looked)) => looked.map(Some),
            Ok(Err(error)) => Err(NotNoted(format!("a look at a trial failed: {error}"))),
            Err(_) => Ok(None),
        }
    }

    /// Ends a trial if it may end, else sets when it is to be looked at again.
    pub(super) async fn at(
        &self,
        settings: &Settings,
        trial: &TrialId,
        now: Timestamp,
    ) -> Result<Looked, NotNoted> {
        let Ok(_place) = self.places.acquire().await else {
            return Err(NotNoted("the service ends".to_owned()));
        };
        if self.trials.has_ended(trial) {
            self.trials.strike(trial);
            let history = self.trials.history(trial).map(Arc::new);
            return Ok(Looked { ended: true, unjudged: false, history });
        }
        let (trials, judge, id) = (Arc::clone(&self.trials), Arc::clone(&self.judge), trial.clone());
        let judged = tokio::task::spawn_blocking(move || {
            let history = trials.history(&id)?;
            let progress = judge(&history, now);
            Some((Arc::new(history), progress))
        });
        let (history, end, look_again) = match judged.await {
            Ok(Some((history, progress))) => (Some(history), progress.end, progress.look_again),
            Ok(None) => {
                self.trials.strike(trial);
                return Ok(Looked { ended: false, unjudged: false, history: None });
            }
            Err(error) => {
                tracing::error!(
                    trial = trial.log_name(),
                    %error,
                    "a trial could not be judged; it ends, its sender and its page are told, and no other suffers; \
                     please report this together with the lines above"
                );
                return self.end_unjudged(settings, trial, now).await;
            }
        };
        if let Some(end) = end {
            // A scan that ends sooner hastens it.
            let scanned = history.as_deref().and_then(SenderDomain::of).is_some();
            let wait_s = if scanned { settings.verdict_wait_s } else { 0 };
            let due = after(now, settings.verdict_delay_s.max(wait_s));
            self.journal.end_trial(now, TrialEnded { trial: trial.clone(), end }, due).await?;
            self.trials.strike(trial);
            return Ok(Looked { ended: true, unjudged: false, history });
        }
        if let Some(look_again) = look_again {
            self.trials.look_again(trial.clone(), look_again.max(after(now, 1)));
        }
        Ok(Looked { ended: false, unjudged: false, history })
    }

    /// Ends a trial at which the judge failed: what made it fail stays in its history, and it would fail again.
    async fn end_unjudged(
        &self,
        settings: &Settings,
        trial: &TrialId,
        now: Timestamp,
    ) -> Result<Looked, NotNoted> {
        let due = after(now, settings.verdict_delay_s.max(settings.verdict_wait_s));
        let ended = TrialEnded { trial: trial.clone(), end: TrialEnd::Unjudged };
        self.journal.end_trial(now, ended, due).await?;
        self.trials.strike(trial);
        Ok(Looked { ended: true, unjudged: true, history: None })
    }
}
