//! The worker that empties the outbox.

mod claimed;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::{RwLock, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::program::report;
use crate::sending::history::{History, NotRecorded, TrialEnd, VerdictDelivery, VerdictHandled};
use crate::sending::journal::{Journal, Mailed, OutboxEntry};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{LinkId, Mailbox, Pace, TrialId};
use crate::sending::verdict::cases_of;
use crate::shared::mailauth::DkimKey;
use crate::shared::time::{Timestamp, after};

use super::carrier::{Carrier, in_time};
use super::decide::{Decision, Withheld, decide, limit};
use super::port::{Direct, HandOverError, Objections, SecondParts, Trials};
use super::settings::{CarrierError, Settings};
use super::writing::{Unwritten, Writing};
use claimed::{Begun, Claimed, Closing, say_late};

/// How long to wait after the journal could not be written, in seconds.
const RETRY_S: u64 = 5;
/// How much longer than a hand-over a claim lasts, in seconds.
const CLAIM_SPARE_S: u32 = 300;

/// Takes what is due from the outbox, one verdict at a time.
pub struct Worker {
    catalogue: Arc<Catalogue>,
    pace: Pace,
    report: report::Settings,
    settings: Settings,
    journal: Arc<Journal>,
    trials: Arc<dyn Trials>,
    objections: Arc<dyn Objections>,
    second_parts: Arc<dyn SecondParts>,
    key: Arc<DkimKey>,
    carrier: Carrier,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// To whom verdicts are being handed over: they count for the limits as well as those that were mailed.
    under_way: Mutex<Vec<Mailbox>>,
    /// The trials that are worked on.
    begun: Mutex<BTreeMap<TrialId, Begun>>,
    /// Held by whoever claims, and shared by those who say the number of a claim: it is the last while they do.
    numbers: RwLock<()>,
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
    /// Whoever knows who wants no mail of ours.
    pub objections: Arc<dyn Objections>,
    /// Whoever gives out the names of second parts.
    pub second_parts: Arc<dyn SecondParts>,
    /// The key that signs.
    pub key: Arc<DkimKey>,
    /// Whoever delivers to MX hosts, where the delivery is `mx`.
    pub direct: Option<Arc<dyn Direct>>,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// What became of an attempt.
enum Handled {
    Sent(Mailbox),
    Withheld(Withheld),
    Failed(HandOverError),
    /// The claim was over before the mail went out, and somebody else may have it.
    Late,
}

/// A verdict that is being handed over, until it is dropped.
struct UnderWay<'a> {
    worker: &'a Worker,
    to: Mailbox,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut under_way = self.worker.under_way.lock();
        if let Some(place) = under_way.iter().position(|other| *other == self.to) {
            under_way.swap_remove(place);
        }
    }
}

impl Worker {
    /// A worker that delivers as `settings` say.
    pub fn new(settings: Settings, tools: Tools) -> Result<Self, CarrierError> {
        let Tools { catalogue, pace, report, journal, trials, objections, second_parts, key, direct, clock } =
            tools;
        let carrier = Carrier::open(&settings, catalogue.origin(), direct)?;
        let (under_way, begun, numbers) = (Mutex::default(), Mutex::default(), RwLock::default());
        Ok(Self {
            catalogue,
            pace,
            report,
            settings,
            journal,
            trials,
            objections,
            second_parts,
            key,
            carrier,
            clock,
            under_way,
            begun,
            numbers,
        })
    }

    /// Works until `stop`. Hand-overs that have begun are finished.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let pause = Duration::from_millis(u64::from(self.settings.poll_ms));
        let (places, begun) = (Arc::new(Semaphore::new(self.settings.hand_overs_max)), TaskTracker::new());
        let complain = |error: NotRecorded| tracing::error!(%error, "the outbox could not be worked on");
        while !stop.is_cancelled() {
            let place = tokio::select! {
                () = stop.cancelled() => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let wait = match self.claim().await {
                Ok(Some(claimed)) => {
                    let worker = Arc::clone(&self);
                    begun.spawn(async move {
                        match AssertUnwindSafe(worker.work_on(&claimed)).catch_unwind().await {
                            Ok(worked) => worked.unwrap_or_else(complain),
                            Err(_) => tracing::error!(
                                trial = claimed.entry.trial.log_name(),
                                "a verdict could not be given up; please report this together with the lines above"
                            ),
                        }
                        drop(place);
                    });
                    continue;
                }
                Ok(None) => pause,
                Err(error) => {
                    complain(error);
                    pause.max(Duration::from_secs(RETRY_S))
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        begun.close();
        begun.wait().await;
    }

    /// Handles the verdict that is due longest; false if none is.
    pub async fn step(&self) -> Result<bool, NotRecorded> {
        let Some(claimed) = self.claim().await? else { return Ok(false) };
        self.work_on(&claimed).await?;
        Ok(true)
    }

    /// Claims the verdict that is due longest, for longer than a hand-over may take. Of one that is worked on the claim
    /// is only renewed: its worker is slow, and not dead.
    async fn claim(&self) -> Result<Option<Claimed>, NotRecorded> {
        let now = (self.clock)();
        self.note_closings(now).await?;
        // Reading disturbs nobody; claiming writes.
        while self.journal.reader().is_due(now).await? {
            let for_s = self.settings.hand_over_timeout_s.saturating_add(CLAIM_SPARE_S);
            let _numbers = self.numbers.write().await;
            // The claim ends no earlier, by whatever clock it goes: that one is asked after this.
            let until = Instant::now() + Duration::from_secs(u64::from(for_s));
            let Some(entry) = self.journal.claim_due_for(now, for_s).await? else { return Ok(None) };
            match self.begun.lock().entry(entry.trial.clone()) {
                Entry::Vacant(begun) => {
                    begun.insert(Begun { claim: entry.attempts, closing: None });
                    return Ok(Some(Claimed { entry, now, until }));
                }
                Entry::Occupied(mut begun) => begun.get_mut().claim = entry.attempts,
            }
        }
        Ok(None)
    }

    /// Records what became of verdicts where that could not be noted before.
    async fn note_closings(&self, now: Timestamp) -> Result<(), NotRecorded> {
        let closings: Vec<_> = self.begun.lock().values().filter_map(|begun| begun.closing.clone()).collect();
        for closing in closings {
            self.note(now, closing).await?;
        }
        Ok(())
    }

    /// Records what became of a verdict. If that cannot be, as a rule because the disk is full, it is kept until it can.
    async fn note(&self, now: Timestamp, closing: Closing) -> Result<(), NotRecorded> {
        let Closing { handled, to, forget } = closing.clone();
        let trial = handled.trial.clone();
        let _numbers = self.numbers.read().await;
        let Some(claim) = self.begun.lock().get(&trial).map(|begun| begun.claim) else { return Ok(()) };
        match self.journal.handled(now, claim, handled, to.as_ref(), forget).await {
            Ok(noted) => {
                if noted.is_none() {
                    say_late(&trial);
                }
                self.begun.lock().remove(&trial);
                Ok(())
            }
            Err(error) => {
                if let Some(begun) = self.begun.lock().get_mut(&trial) {
                    begun.closing = Some(closing);
                }
                Err(error)
            }
        }
    }

    /// Handles one verdict. A panic in it gives up that verdict, which would panic again, and no other.
    async fn work_on(&self, claimed: &Claimed) -> Result<(), NotRecorded> {
        let Claimed { entry, now, .. } = claimed;
        let handled = AssertUnwindSafe(self.handle(claimed)).catch_unwind().await;
        let handled = match handled {
            Ok(handled) => handled,
            Err(_) => self.give_up(*now, entry).await,
        };
        // One that waits to be noted stays; what was put off may be begun again.
        let mut begun = self.begun.lock();
        if begun.get(&entry.trial).is_some_and(|begun| begun.closing.is_none()) {
            begun.remove(&entry.trial);
        }
        handled
    }

    async fn give_up(&self, now: Timestamp, entry: &OutboxEntry) -> Result<(), NotRecorded> {
        tracing::error!(
            trial = entry.trial.log_name(),
            "a verdict is given up, since making or sending it panicked; others go out; please report this together \
             with the lines above"
        );
        // What panicked once may do so again; then nothing is known but that.
        let read = || self.trials.history(&entry.trial);
        let history = catch_unwind(AssertUnwindSafe(read)).ok().flatten();
        let reason = "a fault of this server: it could not be made".to_owned();
        let handled = VerdictHandled {
            trial: entry.trial.clone(),
            delivery: VerdictDelivery::Failed { reason },
            judged_to: history.as_ref().map(|history| history.last),
        };
        let forget = history.as_ref().map(transactions).unwrap_or_default();
        self.note(now, Closing { handled, to: None, forget }).await
    }

    async fn handle(&self, claimed: &Claimed) -> Result<(), NotRecorded> {
        let Claimed { entry, now, .. } = claimed;
        let (trial, now) = (&entry.trial, *now);
        let Some(history) = self.trials.history(trial) else {
            let reason = "the trial is not in the journal any more".to_owned();
            let failed = VerdictDelivery::Failed { reason };
            let handled = VerdictHandled { trial: trial.clone(), delivery: failed, judged_to: None };
            return self.note(now, Closing { handled, to: None, forget: Vec::new() }).await;
        };
        let forget = transactions(&history);
        let handled_as = |delivery| handled(&history, delivery);
        let (handled, _under_way) = self.attempt(claimed, &history).await?;
        match handled {
            Handled::Sent(to) => {
                let by = self.carrier.name().to_owned();
                let sent = VerdictDelivery::Sent { to: to.redacted.clone(), by };
                tracing::info!(trial = trial.log_name(), by = self.carrier.name(), "verdict sent");
                self.note(now, Closing { handled: handled_as(sent), to: Some(to), forget }).await?;
            }
            Handled::Withheld(reason) => {
                tracing::info!(trial = trial.log_name(), reason = reason.name(), "verdict withheld");
                let withheld = VerdictDelivery::Withheld { reason: reason.name().to_owned() };
                self.note(now, Closing { handled: handled_as(withheld), to: None, forget }).await?;
            }
            Handled::Failed(error) => self.put_off(now, entry, &history, error, forget).await?,
            Handled::Late => say_late(trial),
        }
        Ok(())
    }

    /// Decides, and hands over within the limits. What is under way counts until its outcome is noted, so the
    /// second value is to be held until then.
    async fn attempt(
        &self,
        claimed: &Claimed,
        history: &History,
    ) -> Result<(Handled, Option<UnderWay<'_>>), NotRecorded> {
        let (to, in_reply_to) = match decide(history) {
            Decision::Withhold(reason) => return Ok((Handled::Withheld(reason), None)),
            Decision::Mail { to, in_reply_to } => (to, in_reply_to),
        };
        let mailed = self.journal.reader().mailed(&to, claimed.now).await?;
        let under_way = match self.enter(mailed, &to) {
            Ok(under_way) => under_way,
            Err(reason) => return Ok((Handled::Withheld(reason), None)),
        };
        Ok((self.hand_over(claimed, history, to, in_reply_to.as_deref()).await?, Some(under_way)))
    }

    /// Counts a verdict to `to` as under way, if the limits leave room for it.
    fn enter(&self, mailed: Mailed, to: &Mailbox) -> Result<UnderWay<'_>, Withheld> {
        let mut under_way = self.under_way.lock();
        let count = |same: &dyn Fn(&Mailbox) -> bool| {
            u32::try_from(under_way.iter().filter(|other| same(other)).count()).unwrap_or(u32::MAX)
        };
        let counted = Mailed {
            address: mailed.address.saturating_add(count(&|other| other.id == to.id)),
            domain: mailed.domain.saturating_add(count(&|other| other.domain == to.domain)),
            all: mailed.all.saturating_add(count(&|_| true)),
        };
        if let Some(reason) = limit(&self.settings.limits(), counted) {
            return Err(reason);
        }
        under_way.push(to.clone());
        Ok(UnderWay { worker: self, to: to.clone() })
    }

    /// Composes, signs and hands over.
    async fn hand_over(
        &self,
        claimed: &Claimed,
        history: &History,
        to: Mailbox,
        in_reply_to: Option<&str>,
    ) -> Result<Handled, NotRecorded> {
        let now = claimed.now;
        let Some(address) = self.journal.address(&to.id).await? else {
            return Ok(Handled::Withheld(Withheld::AddressForgotten));
        };
        match self.objections.stand_against(&address).await {
            Ok(false) => {}
            Ok(true) => return Ok(Handled::Withheld(Withheld::Objection)),
            Err(error) => return Ok(Handled::Failed(error)),
        }
        let evidence = match &history.scan {
            Some(scan) => self.journal.reader().evidence(scan.seq).await?,
            None => None,
        };
        let second = match is_first_part(&self.catalogue, history) {
            true => self.second_parts.second_part(now, &history.id, report::language_of(history)).await?,
            false => None,
        };
        let writing = Writing {
            catalogue: Arc::clone(&self.catalogue),
            pace: self.pace.clone(),
            report: self.report.clone(),
            key: Arc::clone(&self.key),
            from: self.settings.from.clone(),
            history: history.clone(),
            evidence,
            address: address.clone(),
            in_reply_to: in_reply_to.map(str::to_owned),
            second,
            objection: self.objections.page(&address),
        };
        // To judge, to rate and to sign takes milliseconds, in which a listener would serve nobody.
        let written = tokio::task::spawn_blocking(move || writing.signed(now)).await;
        let signed = match written {
            Ok(Ok(signed)) => signed,
            Ok(Err(Unwritten::Letter(error))) => {
                tracing::warn!(trial = history.id.log_name(), "no verdict can be written: {error}");
                return Ok(Handled::Withheld(Withheld::Unwritable));
            }
            Ok(Err(Unwritten::Signature(reason))) => {
                return Ok(Handled::Failed(HandOverError { lasting: false, reason }));
            }
            // Whoever watches over the work learns of a panic as if it were here.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => return Err(NotRecorded(format!("a verdict was not written: {error}"))),
            },
        };
        self.carry(claimed, &to, &address, &signed).await
    }

    /// Hands over what is written, as long as the claim is ours.
    async fn carry(
        &self,
        claimed: &Claimed,
        to: &Mailbox,
        address: &str,
        signed: &[u8],
    ) -> Result<Handled, NotRecorded> {
        let trial = &claimed.entry.trial;
        let Some(claim) = self.begun.lock().get(trial).map(|begun| begun.claim) else {
            return Ok(Handled::Late);
        };
        let holds = self.journal.reader().holds(trial, claim, (self.clock)()).await?;
        if !holds || Instant::now() >= claimed.until {
            return Ok(Handled::Late);
        }
        let limit = Duration::from_secs(u64::from(self.settings.hand_over_timeout_s));
        let until = claimed.until.min(Instant::now() + limit);
        let name = format!("{trial}.verdict");
        let carrying = self.carrier.carry(claimed.now, &name, address, signed);
        Ok(match in_time(until, carrying).await {
            Some(Ok(())) => Handled::Sent(to.clone()),
            Some(Err(error)) => Handled::Failed(error),
            None => {
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
    ) -> Result<(), NotRecorded> {
        let trial = &entry.trial;
        let ended = history.ended.as_ref().map_or(now, |ended| ended.at);
        let next = after(now, wait_s(&self.settings, entry.attempts));
        let reason = crate::shared::text::clean(&error.reason);
        if error.lasting || next > after(ended, self.settings.give_up_s) {
            tracing::warn!(trial = trial.log_name(), reason, "verdict given up");
            let failed = VerdictDelivery::Failed { reason };
            return self.note(now, Closing { handled: handled(history, failed), to: None, forget }).await;
        }
        tracing::warn!(trial = trial.log_name(), reason, attempts = entry.attempts, %next, "verdict put off");
        let _numbers = self.numbers.read().await;
        let claim = self.begun.lock().get(trial).map_or(entry.attempts, |begun| begun.claim);
        if !self.journal.retry_at(now, trial, claim, next, &reason).await? {
            say_late(trial);
        }
        Ok(())
    }
}

/// Whether a trial is of the classic suite alone and was judged, so that a second part can follow.
fn is_first_part(catalogue: &Catalogue, history: &History) -> bool {
    let unjudged = history.ended.as_ref().is_some_and(|ended| ended.what == TrialEnd::Unjudged);
    !unjudged && cases_of(catalogue, history).is_empty()
}

/// The end of a verdict that was judged by `history`.
fn handled(history: &History, delivery: VerdictDelivery) -> VerdictHandled {
    VerdictHandled { trial: history.id.clone(), delivery, judged_to: Some(history.last) }
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
