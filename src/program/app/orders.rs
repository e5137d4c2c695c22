//! The only place where a trial orders a check: when it has ended, the domain of its sender is scanned, and what was
//! seen is noted.

use std::collections::BTreeSet;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::receiving::request::{Request, Silent};
use crate::receiving::scan::Scanner;
use crate::sending::history::{Fact, Observation, Scanned, SenderDomain};
use crate::sending::journal::{Journal, Lease, Subscriber, Task};
use crate::sending::trial::TrialId;
use crate::sending::trials::Trials;
use crate::shared::evidence::scan::{Connections, Depth, Evidence};
use crate::shared::time::{Timestamp, after, before};

use super::clock::Clock;

/// How long after its end a trial is still scanned when the service starts, though its verdict has gone out, in
/// seconds. One whose verdict waits is scanned however old it is.
const RESUMED_S: u32 = 3_600;
/// How many trials are taken up at the same time: most of them wait for one of the scans that may run.
const TAKEN_UP_MAX: usize = 1_000;
/// How many trials without a scan are looked at at a time.
const UNSCANNED_MAX: usize = 2 * TAKEN_UP_MAX;
/// How long to wait after the journal could not be written, in seconds.
const RETRY_S: u64 = 30;
/// How often it is asked whether scans are still this node's, or have become so, in seconds.
const ASKED_S: u64 = 10;
const OTHERS_S: u64 = 5;

/// Whoever gathers the evidence of a domain for a trial.
pub trait Scans: Send + Sync {
    /// Gathers the evidence.
    fn scan(&self, request: Request) -> Pin<Box<dyn Future<Output = Evidence> + Send + '_>>;
}

impl Scans for Scanner {
    fn scan(&self, request: Request) -> Pin<Box<dyn Future<Output = Evidence> + Send + '_>> {
        Box::pin(async move { self.scan(&request, &Silent).await })
    }
}

/// Hears of trials that end.
#[derive(Default)]
pub struct Ends(Notify);

impl Subscriber for Ends {
    fn committed(&self, observation: &Observation) {
        if matches!(observation.fact, Fact::TrialEnded(_)) {
            self.0.notify_one();
        }
    }
}

/// What checks are ordered with.
pub struct Parts {
    pub scan: Arc<dyn Scans>,
    pub trials: Arc<Trials>,
    /// Who hears of their ends.
    pub ends: Arc<Ends>,
    /// Where evidence goes.
    pub journal: Arc<Journal>,
    /// The name to say in EHLO.
    pub helo: String,
    /// How many scans run at the same time.
    pub at_once_max: usize,
    /// How long after a trial's end its verdict is due at the earliest, in seconds.
    pub verdict_delay_s: u32,
    pub clock: Clock,
    /// Whether it is this node that orders scans.
    pub lease: Arc<dyn Lease>,
}

/// Orders a check of the sender's domain for every trial that has ended.
pub struct Orders {
    parts: Parts,
    places: Semaphore,
    /// Trials that were taken up and may still look unscanned.
    taken_up: Mutex<BTreeSet<TrialId>>,
    /// Trials that look unscanned and name nobody to scan: they take no place of others.
    nobodys: Mutex<BTreeSet<TrialId>>,
}

impl Orders {
    /// Ready to run, once the journal has been replayed.
    pub fn new(parts: Parts) -> Self {
        let places = Semaphore::new(parts.at_once_max);
        Self { parts, places, taken_up: Mutex::default(), nobodys: Mutex::default() }
    }

    /// Scans for every trial that ends, and for those that ended without, until `stop`. A scan that is under way then
    /// is given up; the next start begins it anew.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let begun = TaskTracker::new();
        while !stop.is_cancelled() {
            if !self.parts.lease.holds(Task::Scans).await {
                // What another node has not done when it dies is done here.
                stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(OTHERS_S))).await;
                continue;
            }
            for trial in self.take_up() {
                let (orders, stopping) = (Arc::clone(&self), stop.clone());
                begun.spawn(async move {
                    let scan = AssertUnwindSafe(stopping.run_until_cancelled(orders.scan_for(&trial)));
                    if scan.catch_unwind().await.is_err() {
                        tracing::error!(
                            trial = trial.log_name(),
                            "what becomes of a scan panicked; please report this together with the lines above"
                        );
                    }
                    // A place may be free for one that was not taken up.
                    orders.parts.ends.0.notify_one();
                });
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.parts.ends.0.notified() => {}
                () = tokio::time::sleep(Duration::from_secs(ASKED_S)) => {}
            }
        }
        begun.close();
        begun.wait().await;
    }

    /// The trials that nobody has taken up yet and that have something to scan, as many as there is room for.
    fn take_up(&self) -> Vec<TrialId> {
        let since = before((self.parts.clock)(), RESUMED_S);
        let (mut taken_up, mut nobodys) = (self.taken_up.lock(), self.nobodys.lock());
        let mut new = Vec::new();
        loop {
            let at_most = UNSCANNED_MAX.saturating_add(nobodys.len());
            let unscanned: BTreeSet<TrialId> =
                self.parts.trials.unscanned(since, at_most).into_iter().collect();
            let is_all = unscanned.len() < at_most;
            // Of those behind the last one nothing is said.
            let may_be = |trial: &TrialId| {
                unscanned.contains(trial) || (!is_all && unscanned.last().is_some_and(|last| trial > last))
            };
            taken_up.retain(may_be);
            nobodys.retain(may_be);
            let unknown = unscanned.into_iter().filter(|id| !taken_up.contains(id) && !nobodys.contains(id));
            for trial in unknown.collect::<Vec<_>>() {
                if taken_up.len() >= TAKEN_UP_MAX {
                    return new;
                }
                let history = self.parts.trials.history(&trial);
                if history.is_some_and(|history| SenderDomain::of(&history).is_some()) {
                    taken_up.insert(trial.clone());
                    new.push(trial);
                } else {
                    nobodys.insert(trial);
                }
            }
            // What was left out may name somebody.
            if is_all {
                return new;
            }
        }
    }

    /// Scans for one trial, and notes what was seen.
    async fn scan_for(&self, trial: &TrialId) {
        let Ok(_place) = self.places.acquire().await else { return };
        let history = self.parts.trials.history(trial);
        let Some(history) = history.filter(|history| history.scan.is_none()) else { return };
        let (Some(sender), Some(ended)) = (SenderDomain::of(&history), &history.ended) else { return };
        let (ended, request) = (ended.at, self.request(sender));
        drop(history);
        tracing::info!(trial = trial.log_name(), connections = ?request.connections, "scan begins");
        let scan = async { self.parts.scan.scan(request).await };
        // One that panics is not tried again before the next start: it would panic again.
        let Ok(evidence) = AssertUnwindSafe(scan).catch_unwind().await else {
            tracing::error!(
                trial = trial.log_name(),
                "a scan panicked, and its verdict goes out without it; please report this together with the lines above"
            );
            return;
        };
        let (domain, from, to) = (evidence.domain.clone(), evidence.from, evidence.to);
        let scanned = Scanned { trial: trial.clone(), domain, from, to, evidence };
        tracing::info!(trial = trial.log_name(), "scan ended");
        self.note(scanned, ended).await;
    }

    fn request(&self, sender: SenderDomain) -> Request {
        let SenderDomain { domain, envelope, vouched, signatures } = sender;
        Request {
            domain,
            envelope,
            signatures: Some(signatures),
            // A mail that anybody could have written must not make us knock at somebody's door.
            connections: if vouched { Connections::Allowed } else { Connections::NotVouchedFor },
            depth: Depth::Verdict,
            intrusive: false,
            only: None,
            helo: self.parts.helo.clone(),
        }
    }

    /// The verdict that waited is due now, but for the time in which the trial's last link ends.
    async fn note(&self, scanned: Scanned, ended: Timestamp) {
        loop {
            let now = (self.parts.clock)();
            let due = now.max(after(ended, self.parts.verdict_delay_s));
            let Err(error) = self.parts.journal.scanned(now, scanned.clone(), due).await else { return };
            tracing::error!(trial = scanned.trial.log_name(), %error, "a scan could not be noted; it is tried again");
            tokio::time::sleep(Duration::from_secs(RETRY_S)).await;
        }
    }
}
