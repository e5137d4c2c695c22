//! The statistics, counted anew once a day.

use std::sync::Arc;

use tokio::time::Instant;

use crate::program::app::Clock;
use crate::program::providers::{Count, Register};
use crate::sending::journal::Journal;
use crate::sending::persona::Catalogue;
use crate::sending::trial::Pace;
use crate::sending::trials::Trials;
use crate::sending::verdict::judge;
use crate::shared::time::{Timestamp, after};

use super::Assembly;

/// How often they are counted, in seconds.
const EVERY_S: u32 = 86_400;
/// Counting takes one part in so many of the time: no mail waits for it.
const TIME_PARTS: u32 = 20;

/// Counts trials, one at a time, so that no more than one is in memory.
pub(super) struct Figures {
    journal: Arc<Journal>,
    trials: Arc<Trials>,
    catalogue: Arc<Catalogue>,
    pace: Pace,
    clock: Clock,
    /// When they are due; none: that is not known yet.
    due: Option<Timestamp>,
}

impl Figures {
    pub(super) fn new(assembly: &Assembly) -> Self {
        Self {
            journal: Arc::clone(&assembly.journal),
            trials: Arc::clone(&assembly.trials),
            catalogue: Arc::clone(&assembly.catalogue),
            pace: assembly.settings.pace.clone(),
            clock: Arc::clone(&assembly.clock),
            due: None,
        }
    }

    /// Counts, if a day has passed since the last time.
    pub(super) async fn round(&mut self, register: &Register) {
        let now = (self.clock)();
        // A start counts nothing that was counted within a day before it; a clock that was set back puts nothing off.
        if self.due.is_none()
            && let Ok(Some((at, _))) = register.statistics().await
            && at <= now
        {
            self.due = Some(after(at, EVERY_S));
        }
        if self.due.is_some_and(|due| now < due) {
            return;
        }
        self.due = Some(after(now, EVERY_S));
        let reader = self.journal.reader();
        let told = match reader.told_trials().await {
            Ok(told) => told,
            Err(error) => return tracing::error!(%error, "the statistics could not be counted"),
        };
        let mut count = Count::default();
        for trial in told {
            let began = Instant::now();
            // What cannot be read takes its time, too.
            if let Ok(Some(history)) = self.trials.read(&trial, reader).await {
                let (catalogue, pace) = (Arc::clone(&self.catalogue), self.pace.clone());
                let judged = tokio::task::spawn_blocking(move || {
                    let verdict = judge(&catalogue, &pace, &history);
                    (history, verdict)
                });
                if let Ok((history, verdict)) = judged.await {
                    count.add(&history, &verdict);
                }
            }
            tokio::time::sleep(began.elapsed() * (TIME_PARTS - 1)).await;
        }
        let statistics = count.statistics(&register.settings());
        if let Err(error) = register.put_statistics(&statistics, now).await {
            tracing::error!(%error, "the statistics could not be kept");
        }
    }
}
