//! Looking at a trial: whether it may end. The judge works on a thread of its own and holds no lock, so that no listener
//! waits for it; whose dot hangs on it waits for a while, and is then told to come again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::history::{History, NotNoted, ToScan, TrialEnd, TrialEnded};
use crate::journal::Journal;
use crate::persona::Catalogue;
use crate::trial::{Pace, Timestamp, TrialId, after};
use crate::trials::Trials;
use crate::verdict::sending;

use super::Settings;

/// How many trials are looked at at the same time.
const AT_ONCE_MAX: usize = 2;
/// How long a dot waits for the judge, in seconds.
const DOT_S_MAX: u64 = 10;
/// How many links make a trial a long one: then its dots do not wait for the judge, who looks at it as often as at any.
const LONG_LINKS: usize = 100;
/// After how long a trial is looked at again whose judge failed, in seconds.
const FAILED_S: u32 = 600;

/// What a look came to.
pub(super) struct Looked {
    /// Whether the trial has ended.
    pub(super) ended: bool,
    /// Its history; none if it is not in memory.
    pub(super) history: Option<Arc<History>>,
}

/// Whoever looks at trials.
pub(super) struct Looking {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
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
        Self { catalogue, pace, trials, journal, places: Semaphore::new(AT_ONCE_MAX) }
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
        let look = tokio::spawn(async move { looking.at(&settings, &trial, now).await });
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
            return Ok(Looked { ended: true, history: self.trials.history(trial).map(Arc::new) });
        }
        let (trials, catalogue, pace, id) =
            (Arc::clone(&self.trials), Arc::clone(&self.catalogue), self.pace.clone(), trial.clone());
        let judged = tokio::task::spawn_blocking(move || {
            let history = trials.history(&id)?;
            let progress = sending::progress(&catalogue, &pace, &history, now);
            Some((Arc::new(history), progress))
        });
        let (history, end, look_again) = match judged.await {
            Ok(Some((history, progress))) => (Some(history), progress.end, progress.look_again),
            Ok(None) => {
                self.trials.strike(trial);
                return Ok(Looked { ended: false, history: None });
            }
            Err(error) => {
                tracing::error!(
                    trial = trial.log_name(),
                    %error,
                    "a trial could not be judged; it ends when its patience does, and its page says so; please report \
                     this with the lines above"
                );
                let opened = self.trials.extent(trial).map_or(now, |(_, opened)| opened);
                let over = now >= after(opened, self.pace.patience_s);
                (None, over.then_some(TrialEnd::Expired), Some(after(now, FAILED_S)))
            }
        };
        if let Some(end) = end {
            // A scan that ends sooner hastens it.
            let scanned = history.as_deref().and_then(ToScan::of).is_some();
            let wait_s = if scanned { settings.verdict_wait_s } else { 0 };
            let due = after(now, settings.verdict_delay_s.max(wait_s));
            self.journal.end_trial(now, TrialEnded { trial: trial.clone(), end }, due).await?;
            self.trials.strike(trial);
            return Ok(Looked { ended: true, history });
        }
        if let Some(look_again) = look_again {
            self.trials.look_again(trial.clone(), look_again.max(after(now, 1)));
        }
        Ok(Looked { ended: false, history })
    }
}
