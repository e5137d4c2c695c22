//! Looking at trials: whether they may end. The judge works on a thread of its own and holds no lock, so that no listener
//! waits for it; whose dot hangs on it waits for a while, and is then told to come again.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::sending::history::{History, NotRecorded, SenderDomain, TrialEnd, TrialEnded};
use crate::sending::journal::Journal;
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Pace, TrialId};
use crate::sending::verdict::{self, Progress};
use crate::shared::time::{Timestamp, after};

use super::store::Trials;

/// How many trials are looked at at the same time.
const AT_ONCE_MAX: usize = 2;
/// How long a dot waits for the judge, in seconds.
const DOT_S_MAX: u64 = 10;
/// How many links make a trial a long one: then its dots do not wait for the judge, who looks at it as often as at any.
const LONG_LINKS: usize = 100;
/// How long to wait after the journal could not be written, in seconds.
const RETRY_S: u32 = 5;
/// The longest sleep, in seconds: after it the clock is read again, so that a jump of it freezes no trial.
const SLEEP_S_MAX: u64 = 60;
/// At most one part in so many of the time is spent looking at trials.
const LOOKING_SHARE: u32 = 10;
/// However long a look took: nobody's deadline waits longer, in seconds.
const GATHER_S_MAX: u64 = 10;

/// Whoever says how far a trial is.
pub type Judge = Arc<dyn Fn(&History, Timestamp) -> Progress + Send + Sync>;

/// When trials are looked at, and when their verdicts are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewSettings {
    /// How long new evidence may gather before trials are looked at, in milliseconds. Default 1000.
    pub gather_ms: u64,
    /// How long after a trial's end its verdict is due, in seconds, so that the last link is in it to its end.
    /// Default 2.
    pub verdict_delay_s: u32,
    /// How long a verdict waits for the scan of its sender's domain, in seconds. Default 0: nothing is scanned.
    #[serde(skip)]
    pub verdict_wait_s: u32,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        Self { gather_ms: 1_000, verdict_delay_s: 2, verdict_wait_s: 0 }
    }
}

/// What a look came to.
pub struct Reviewed {
    /// Whether the trial has ended.
    pub ended: bool,
    /// Whether it has just ended because the judge failed at it.
    pub unjudged: bool,
    /// Its history; none if it is not in memory.
    pub history: Option<Arc<History>>,
}

/// Whoever looks at trials, and ends those that may end.
pub struct Reviewer {
    settings: ReviewSettings,
    judge: Judge,
    trials: Arc<Trials>,
    journal: Arc<Journal>,
    places: Semaphore,
}

impl Reviewer {
    /// A reviewer of trials whose journal has been replayed.
    pub fn new(
        settings: ReviewSettings,
        catalogue: Arc<Catalogue>,
        pace: Pace,
        trials: Arc<Trials>,
        journal: Arc<Journal>,
    ) -> Self {
        let judge = move |history: &History, now| verdict::progress(&catalogue, &pace, history, now);
        Self::with(settings, Arc::new(judge), trials, journal)
    }

    /// The same with a judge of one's own.
    pub fn with(settings: ReviewSettings, judge: Judge, trials: Arc<Trials>, journal: Arc<Journal>) -> Self {
        trials.begin();
        Self { settings, judge, trials, journal, places: Semaphore::new(AT_ONCE_MAX) }
    }

    /// Ends trials as their evidence or their time comes, until `stop`. `clock` tells the time.
    pub async fn run(&self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>, stop: CancellationToken) {
        loop {
            let began = Instant::now();
            let next = self.look_around(clock()).await;
            let spent = began.elapsed();
            let until_next = next.map_or(SLEEP_S_MAX * 1_000, |next| milliseconds_until(clock(), next));
            let sleep = Duration::from_millis(until_next.min(SLEEP_S_MAX * 1_000));
            // What comes in meanwhile gathers: a flood of queries must not become a flood of judgements.
            let gather = Duration::from_millis(self.settings.gather_ms);
            let gather = gather.max((spent * LOOKING_SHARE).min(Duration::from_secs(GATHER_S_MAX)));
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(sleep) => {}
                () = self.trials.wait_for_touch() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(gather) => {}
            }
        }
    }

    /// Looks at the trials that new evidence touched or that are due at `now`, ends those that may end, and
    /// gives the time of the next deadline.
    pub async fn look_around(&self, now: Timestamp) -> Option<Timestamp> {
        for trial in self.trials.take(now) {
            if let Err(error) = self.at(&trial, now).await {
                tracing::error!(trial = trial.log_name(), %error, "a trial could not be ended; it is tried again");
                self.trials.look_again(trial, after(now, RETRY_S));
            }
        }
        self.trials.next_due()
    }

    /// Looks at a trial for a dot; none where that would take too long: then it is not over, as far as is known.
    ///
    /// # Errors
    ///
    /// If the journal cannot be written, or the judge did not come to an end.
    pub async fn for_dot(
        self: &Arc<Self>,
        trial: &TrialId,
        now: Timestamp,
    ) -> Result<Option<Reviewed>, NotRecorded> {
        let (links, _) = self.trials.extent(trial).unwrap_or_default();
        if links > LONG_LINKS && !self.trials.has_ended(trial) {
            // What a mail for a ruled case is answered is found without the judge.
            return Ok(self.history_of_cases(trial).await);
        }
        // The look goes on where nobody waits for it any more.
        let (reviewer, trial) = (Arc::clone(self), trial.clone());
        let look = tokio::spawn(async move { reviewer.at(&trial, now).await });
        match tokio::time::timeout(Duration::from_secs(DOT_S_MAX), look).await {
            Ok(Ok(looked)) => looked.map(Some),
            Ok(Err(error)) => Err(NotRecorded(format!("a look at a trial failed: {error}"))),
            Err(_) => Ok(None),
        }
    }

    /// A trial of ruled cases as it stands; none of another.
    async fn history_of_cases(&self, trial: &TrialId) -> Option<Reviewed> {
        let _place = self.places.acquire().await.ok()?;
        let (trials, id) = (Arc::clone(&self.trials), trial.clone());
        let history = tokio::task::spawn_blocking(move || {
            trials.is_of_cases(&id).then(|| trials.history(&id)).flatten()
        });
        let history = history.await.ok().flatten().map(Arc::new)?;
        Some(Reviewed { ended: false, unjudged: false, history: Some(history) })
    }

    /// Ends a trial if it may end, else sets when it is to be looked at again.
    async fn at(&self, trial: &TrialId, now: Timestamp) -> Result<Reviewed, NotRecorded> {
        let Ok(_place) = self.places.acquire().await else {
            return Err(NotRecorded("the service ends".to_owned()));
        };
        if self.trials.has_ended(trial) {
            self.trials.unschedule(trial);
            let history = self.trials.history(trial).map(Arc::new);
            return Ok(Reviewed { ended: true, unjudged: false, history });
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
                self.trials.unschedule(trial);
                return Ok(Reviewed { ended: false, unjudged: false, history: None });
            }
            Err(error) => {
                tracing::error!(
                    trial = trial.log_name(),
                    %error,
                    "a trial could not be judged; it ends, its sender and its page are told, and no other suffers; \
                     please report this together with the lines above"
                );
                return self.end_unjudged(trial, now).await;
            }
        };
        if let Some(end) = end {
            // A scan that ends sooner hastens it.
            let scanned = history.as_deref().and_then(SenderDomain::of).is_some();
            let wait_s = if scanned { self.settings.verdict_wait_s } else { 0 };
            let due = after(now, self.settings.verdict_delay_s.max(wait_s));
            let ended = self.end(trial, end, (now, due)).await?;
            return Ok(Reviewed { ended, unjudged: false, history: history.filter(|_| ended) });
        }
        if let Some(look_again) = look_again {
            self.trials.look_again(trial.clone(), look_again.max(after(now, 1)));
        }
        Ok(Reviewed { ended: false, unjudged: false, history })
    }

    /// Ends a trial at which the judge failed: what made it fail stays in its history, and it would fail again.
    async fn end_unjudged(&self, trial: &TrialId, now: Timestamp) -> Result<Reviewed, NotRecorded> {
        let due = after(now, self.settings.verdict_delay_s.max(self.settings.verdict_wait_s));
        let ended = self.end(trial, TrialEnd::Unjudged, (now, due)).await?;
        Ok(Reviewed { ended, unjudged: ended, history: None })
    }

    /// Writes that a trial has ended; whether it has. Who follows the journal knows it then, unless the journal had put an end
    /// to another of its name.
    async fn end(
        &self,
        trial: &TrialId,
        end: TrialEnd,
        (now, due): (Timestamp, Timestamp),
    ) -> Result<bool, NotRecorded> {
        self.journal.end_trial(now, TrialEnded { trial: trial.clone(), end }, due).await?;
        self.trials.unschedule(trial);
        if self.trials.has_ended(trial) {
            return Ok(true);
        }
        tracing::warn!(
            trial = trial.log_name(),
            "a trial with the label of one that was told long ago was dropped; its sender's next mail begins another, and \
             nothing is to be done"
        );
        self.trials.drop_namesake(trial);
        Ok(false)
    }
}

fn milliseconds_until(now: Timestamp, then: Timestamp) -> u64 {
    u64::try_from(then.duration_since(now).as_millis()).unwrap_or(0)
}
