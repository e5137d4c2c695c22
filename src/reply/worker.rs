//! The worker that empties the outbox.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::history::{History, NotNoted, VerdictDelivery};
use crate::journal::{Journal, OutboxEntry};
use crate::mailauth::DkimKey;
use crate::persona::Catalogue;
use crate::report::{self, Account, Page};
use crate::trial::{LinkId, Mailbox, Pace, Timestamp, after};
use crate::verdict::sending::judge;

use super::carrier::{Carrier, OpenError};
use super::compose::{Letter, compose};
use super::decide::{Decision, Withheld, decide, limit};
use super::{Direct, HandOverError, Settings, Trials};

/// Takes what is due from the outbox, one verdict at a time.
pub struct Worker {
    catalogue: Arc<Catalogue>,
    pace: Pace,
    report: report::Settings,
    settings: Settings,
    journal: Arc<Journal>,
    trials: Arc<dyn Trials>,
    key: Arc<DkimKey>,
    carrier: Carrier,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// What a worker works with.
pub struct Tools {
    /// The personas and cases.
    pub catalogue: Arc<Catalogue>,
    /// The paces that verdicts are judged with.
    pub pace: Pace,
    /// What verdicts say of the service.
    pub report: report::Settings,
    /// The journal with the outbox.
    pub journal: Arc<Journal>,
    /// Whoever knows the trials.
    pub trials: Arc<dyn Trials>,
    /// The key that signs.
    pub key: Arc<DkimKey>,
    /// Whoever delivers to MX hosts, where the delivery is `mx`.
    pub direct: Option<Arc<dyn Direct>>,
    /// The time.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// What became of an attempt.
enum Handled {
    Sent(Mailbox),
    Withheld(Withheld),
    Failed(HandOverError),
}

impl Worker {
    /// A worker that delivers as `settings` say.
    pub fn new(settings: Settings, tools: Tools) -> Result<Self, OpenError> {
        let Tools { catalogue, pace, report, journal, trials, key, direct, clock } = tools;
        let timeout_s = settings.hand_over_timeout_s;
        let carrier = Carrier::open(&settings.delivery, catalogue.origin(), timeout_s, direct)?;
        Ok(Self { catalogue, pace, report, settings, journal, trials, key, carrier, clock })
    }

    /// Works until `stop`. A hand-over that has begun is finished.
    pub async fn run(&self, stop: CancellationToken) {
        let pause = Duration::from_millis(u64::from(self.settings.poll_ms));
        while !stop.is_cancelled() {
            match self.step().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the outbox could not be worked on; it is tried again"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Handles the verdict that is due longest; false if none is.
    pub async fn step(&self) -> Result<bool, NotNoted> {
        let now = (self.clock)();
        // Reading disturbs nobody; claiming writes.
        if self.journal.reader().next_due().await?.is_none_or(|due| due > now) {
            return Ok(false);
        }
        let Some(entry) = self.journal.claim_due(now).await? else { return Ok(false) };
        self.handle(now, &entry).await?;
        Ok(true)
    }

    async fn handle(&self, now: Timestamp, entry: &OutboxEntry) -> Result<(), NotNoted> {
        let trial = &entry.trial;
        let Some(history) = self.trials.history(trial) else {
            let reason = "the trial is not in the journal any more".to_owned();
            let failed = VerdictDelivery::Failed { reason };
            return self.journal.handled(now, trial, failed, None, Vec::new()).await.map(drop);
        };
        let forget = transactions(&history);
        match self.attempt(now, &history).await? {
            Handled::Sent(to) => {
                let by = self.carrier.name().to_owned();
                let sent = VerdictDelivery::Sent { to: to.redacted.clone(), by };
                tracing::info!(%trial, to = to.redacted, by = self.carrier.name(), "verdict sent");
                self.journal.handled(now, trial, sent, Some(&to), forget).await?;
            }
            Handled::Withheld(reason) => {
                tracing::info!(%trial, reason = reason.name(), "verdict withheld");
                let withheld = VerdictDelivery::Withheld { reason: reason.name().to_owned() };
                self.journal.handled(now, trial, withheld, None, forget).await?;
            }
            Handled::Failed(error) => self.put_off(now, entry, &history, error, forget).await?,
        }
        Ok(())
    }

    /// Decides, composes, signs and hands over.
    async fn attempt(&self, now: Timestamp, history: &History) -> Result<Handled, NotNoted> {
        let (to, in_reply_to) = match decide(history) {
            Decision::Withhold(reason) => return Ok(Handled::Withheld(reason)),
            Decision::Mail { to, in_reply_to } => (to, in_reply_to),
        };
        if let Some(reason) = limit(&self.settings, self.journal.reader().mailed(&to, now).await?) {
            return Ok(Handled::Withheld(reason));
        }
        let Some(address) = self.journal.address(&to.id).await? else {
            return Ok(Handled::Withheld(Withheld::AddressForgotten));
        };
        let verdict = judge(&self.catalogue, &self.pace, history);
        let account = Account { catalogue: &self.catalogue, history, verdict: &verdict, now };
        let page = Page::new(account, account.language(), &self.report);
        let origin = self.catalogue.origin();
        let default_from = format!("verdict@{origin}");
        let letter = Letter {
            from: self.settings.from.as_deref().unwrap_or(&default_from),
            to: &address,
            origin,
            trial: &history.id,
            in_reply_to: in_reply_to.as_deref(),
            now,
        };
        let message = match compose(&page, &letter) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(trial = %history.id, to = to.redacted, "no verdict can be written: {error}");
                return Ok(Handled::Withheld(Withheld::Unwritable));
            }
        };
        let mut signed = match self.key.sign(&message) {
            Ok(signature) => signature.into_bytes(),
            Err(error) => {
                let reason = format!("DKIM: {error}");
                return Ok(Handled::Failed(HandOverError { lasting: false, reason }));
            }
        };
        signed.extend(message);
        let limit = Duration::from_secs(u64::from(self.settings.hand_over_timeout_s));
        let carried = tokio::time::timeout(limit, self.carrier.carry(&history.id, &address, &signed)).await;
        Ok(match carried {
            Ok(Ok(())) => Handled::Sent(to),
            Ok(Err(error)) => Handled::Failed(error),
            Err(_) => {
                let reason = format!("the hand-over took more than {} s", limit.as_secs());
                Handled::Failed(HandOverError { lasting: false, reason })
            }
        })
    }

    /// Tries again later, or gives up.
    async fn put_off(
        &self,
        now: Timestamp,
        entry: &OutboxEntry,
        history: &History,
        error: HandOverError,
        forget: Vec<(LinkId, u16)>,
    ) -> Result<(), NotNoted> {
        let trial = &entry.trial;
        let ended = history.ended.as_ref().map_or(now, |ended| ended.at);
        let next = after(now, wait_s(&self.settings, entry.attempts));
        let reason = report::clean(&error.reason);
        if error.lasting || next > after(ended, self.settings.give_up_s) {
            tracing::warn!(%trial, reason, "verdict given up");
            let failed = VerdictDelivery::Failed { reason };
            return self.journal.handled(now, trial, failed, None, forget).await.map(drop);
        }
        tracing::warn!(%trial, reason, attempts = entry.attempts, %next, "verdict put off");
        self.journal.retry_at(now, trial, next, &reason).await
    }
}

/// How long to wait after so many attempts, in seconds.
fn wait_s(settings: &Settings, attempts: u32) -> u32 {
    let doublings = attempts.saturating_sub(1).min(31);
    settings.retry_first_s.saturating_mul(1 << doublings).min(settings.retry_most_s)
}

/// The transactions of a trial, whose full addresses nobody needs once its verdict is handled.
fn transactions(history: &History) -> Vec<(LinkId, u16)> {
    history.transactions().map(|(link, _, received)| (link.id, received.number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most() {
        let settings = Settings::default();
        let waits: Vec<u32> = (1..=10).map(|attempts| wait_s(&settings, attempts)).collect();
        assert_eq!(waits[..4], [60, 120, 240, 480]);
        assert_eq!(waits[9], 14_400);
        assert_eq!(wait_s(&settings, u32::MAX), 14_400);
    }
}
