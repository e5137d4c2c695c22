//! The way through a survey: some domains at a time, each kept as soon as it was measured.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::row::{Row, Why};
use super::store::{Claimed, Store, StoreError, Task};
use crate::receiving::places::Operators;
use crate::receiving::request::{Progress, Request, Step};
use crate::receiving::scan::Scanner;
use crate::shared::evidence::scan::{Connections, Evidence};
use crate::shared::time::Timestamp;

/// How many domains are taken from the store at a time.
const CLAIMED_AT_ONCE: usize = 16;
/// How many domains may wait for others at their servers, for each that is measured.
const IDLE_A_PLACE: usize = 10;
/// How soon is looked again whether other workers left something, in seconds.
const ELSEWHERE_S: u64 = 1;

/// How many domains in a row may not be measured for a reason that lies here, until the run is ended: what this host cannot do
/// it cannot do for the next one either.
const FAILED_HERE_DOMAINS_MAX: usize = 30;

/// Why a run ended before all was measured.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The survey cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This host cannot measure.
    #[error(
        "the run was ended: {domains} domains in a row could not be measured from here, of the last one since {}. {}",
        why.words(),
        why.advice()
    )]
    Here { why: Why, domains: usize },
}

/// Who gathers the evidence of a domain; so that a test can play the world.
pub trait Measures: Send + Sync {
    /// Gathers it.
    fn measure<'a>(&'a self, request: &'a Request, progress: &'a dyn Progress) -> BoxFuture<'a, Evidence>;

    /// Whether this host can look up anything.
    fn has_dns(&self) -> BoxFuture<'_, bool>;
}

impl Measures for Scanner {
    fn measure<'a>(&'a self, request: &'a Request, progress: &'a dyn Progress) -> BoxFuture<'a, Evidence> {
        Box::pin(self.scan(request, progress))
    }

    fn has_dns(&self) -> BoxFuture<'_, bool> {
        Box::pin(Scanner::has_dns(self))
    }
}

/// A survey that is measured.
pub struct Run {
    pub store: Arc<dyn Store>,
    pub measures: Arc<dyn Measures>,
    pub board: Arc<Board>,
    pub operators: Operators,
    /// How many domains are measured at a time. Those that only wait for others at their servers do not count.
    pub at_once_max: usize,
    /// The name to say in EHLO.
    pub helo: String,
    /// Whether only DNS is asked.
    pub dns_only: bool,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Watches a domain, whose place is another's while it only waits: a server that takes minutes to answer would else stop
/// the survey, once each place were taken by one of its tenants.
struct Watch<'a> {
    board: &'a Board,
    places: &'a Arc<Semaphore>,
    place: Mutex<Option<OwnedSemaphorePermit>>,
    /// The connections that it began, which the board knows nothing of yet.
    connections: AtomicU32,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.board.left(self.connections.load(Ordering::Relaxed));
    }
}

/// What became of a domain.
enum Ended {
    /// It is kept, as what.
    Kept {
        /// Whether a mail server was reached.
        port_25: bool,
    },
    /// It is given back, since what stopped it lies here.
    PutOff(Task, Why),
    /// Its name servers gave no usable answer: they, or none at all any more.
    Doubtful(Task, Box<Evidence>),
}

/// The domains that are measured, and what became of the others.
#[derive(Default)]
struct UnderWay {
    measuring: JoinSet<Result<Ended, StoreError>>,
    /// How many in a row could not be measured for a reason that lies here.
    failed_here: usize,
    is_anything_put_off: bool,
    /// Those of which no server was reached before any other was: it may be theirs, and not this host's, fault.
    unreached: Vec<Task>,
    port_25: bool,
    /// Those whose name servers gave no usable answer since it was last seen that others do.
    doubtful: Vec<(Task, Box<Evidence>)>,
}

impl Progress for Watch<'_> {
    fn step(&self, step: Step) {
        match step {
            Step::Idle => drop(self.place.lock().take()),
            // Where all places are taken it goes on without one: that its turn came is not up to us.
            Step::Server { .. } => {
                self.connections.fetch_add(1, Ordering::Relaxed);
                let mut place = self.place.lock();
                if place.is_none() {
                    *place = Arc::clone(self.places).try_acquire_owned().ok();
                }
            }
            _ => {}
        }
        self.board.step(step);
    }
}

impl Run {
    /// How many scans there are at a time at most, where so many domains are measured at a time.
    pub fn scans_max(at_once_max: usize) -> usize {
        at_once_max.max(1) * (1 + IDLE_A_PLACE)
    }

    /// Measures until all domains are, or `stop` is said: then those under way are left as if they were not begun. So are
    /// those that could not be measured for a reason that lies here.
    ///
    /// # Errors
    /// If the store fails, or this host can measure nothing.
    pub async fn run(self: &Arc<Self>, stop: &CancellationToken) -> Result<(), RunError> {
        let mut under_way = UnderWay::default();
        let ended = tokio::select! {
            measured = self.measure_all(&mut under_way) => measured,
            held = self.store.hold() => held.map(|never| match never {}).map_err(RunError::from),
            () = stop.cancelled() => Ok(()),
        };
        under_way.measuring.shutdown().await;
        if let Err(RunError::Store(_)) = ended {
            return ended;
        }
        // What servers showed meanwhile is not asked again by whoever goes on.
        self.store.flush().await?;
        self.store.give_back().await?;
        ended
    }

    async fn measure_all(self: &Arc<Self>, under_way: &mut UnderWay) -> Result<(), RunError> {
        let places = Arc::new(Semaphore::new(self.at_once_max.max(1)));
        loop {
            match self.store.claim(CLAIMED_AT_ONCE).await? {
                Claimed::Tasks(tasks) => {
                    for task in tasks {
                        self.begin(task, &places, under_way).await?;
                    }
                }
                Claimed::Elsewhere if !under_way.doubtful.is_empty() && under_way.measuring.is_empty() => {
                    self.settle(under_way).await?;
                }
                Claimed::Elsewhere if under_way.is_anything_put_off && under_way.measuring.is_empty() => {
                    // Others may wait for what is given back here.
                    return self.measure_unreached(&places, under_way).await;
                }
                Claimed::Elsewhere => tokio::select! {
                    Some(ended) = under_way.measuring.join_next() => under_way.hear(ended)?,
                    () = sleep(Duration::from_secs(ELSEWHERE_S)) => {}
                },
                Claimed::Nothing => match under_way.measuring.join_next().await {
                    Some(ended) => under_way.hear(ended)?,
                    None => return self.measure_unreached(&places, under_way).await,
                },
            }
        }
    }

    /// Those whose servers alone were not reached, as is known now.
    async fn measure_unreached(
        self: &Arc<Self>,
        places: &Arc<Semaphore>,
        under_way: &mut UnderWay,
    ) -> Result<(), RunError> {
        if under_way.port_25 {
            for task in std::mem::take(&mut under_way.unreached) {
                self.board.taken_up(Why::Port25ClosedHere);
                self.begin(task, places, under_way).await?;
            }
        }
        while let Some(ended) = under_way.measuring.join_next().await {
            under_way.hear(ended)?;
        }
        self.settle(under_way).await
    }

    /// Keeps those whose name servers gave no usable answer, if others do.
    async fn settle(&self, under_way: &mut UnderWay) -> Result<(), RunError> {
        let doubtful = std::mem::take(&mut under_way.doubtful);
        if !doubtful.is_empty() && !self.measures.has_dns().await {
            under_way.is_anything_put_off = true;
            doubtful.iter().for_each(|_| self.board.put_off(Why::NoDnsHere));
            return Err(RunError::Here { why: Why::NoDnsHere, domains: doubtful.len() });
        }
        for (task, evidence) in doubtful {
            self.store.finish(&task, &evidence).await?;
            self.board.ended(&Row::of(&evidence, Vec::new(), &self.operators));
        }
        Ok(())
    }

    /// Begins with a domain as soon as there is a place for it.
    async fn begin(
        self: &Arc<Self>,
        task: Task,
        places: &Arc<Semaphore>,
        under_way: &mut UnderWay,
    ) -> Result<(), RunError> {
        let place = loop {
            if under_way.doubtful.len() >= FAILED_HERE_DOMAINS_MAX {
                self.settle(under_way).await?;
            }
            let is_room = under_way.measuring.len() < Self::scans_max(self.at_once_max);
            tokio::select! {
                Some(ended) = under_way.measuring.join_next() => under_way.hear(ended)?,
                place = Arc::clone(places).acquire_owned(), if is_room => break place.ok(),
            }
        };
        let (run, places) = (Arc::clone(self), Arc::clone(places));
        under_way.measuring.spawn(async move { run.measure(task, &places, place).await });
        Ok(())
    }

    async fn measure(
        &self,
        task: Task,
        places: &Arc<Semaphore>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Ended, StoreError> {
        let mut request = Request::of(task.domain.clone(), self.helo.clone());
        if self.dns_only {
            request.connections = Connections::NotVouchedFor;
        }
        let watch = Watch::begin(&self.board, places, place);
        let measuring = async {
            let evidence = self.measures.measure(&request, &watch).await;
            let row = Row::of(&evidence, Vec::new(), &self.operators);
            (evidence, row)
        };
        let measured = AssertUnwindSafe(measuring).catch_unwind().await;
        let (evidence, row) = measured.unwrap_or_else(|_| {
            tracing::error!(domain = %task.domain, "measuring it failed by a fault of this program");
            let evidence = Evidence::not_gathered(&task.domain, &self.helo, (self.clock)());
            let row = Row::of(&evidence, Vec::new(), &self.operators);
            (evidence, row)
        });
        if let Some(why) = row.why.filter(|why| why.is_ours()) {
            self.board.put_off(why);
            return Ok(Ended::PutOff(task, why));
        }
        if row.why == Some(Why::DnsFailed) {
            return Ok(Ended::Doubtful(task, Box::new(evidence)));
        }
        self.store.finish(&task, &evidence).await?;
        self.board.ended(&row);
        // The evidence says what it cost.
        watch.connections.store(0, Ordering::Relaxed);
        Ok(Ended::Kept { port_25: evidence.control.port_25 == Some(true) })
    }
}

impl<'a> Watch<'a> {
    fn begin(board: &'a Board, places: &'a Arc<Semaphore>, place: Option<OwnedSemaphorePermit>) -> Self {
        board.begins();
        Watch { board, places, place: Mutex::new(place), connections: AtomicU32::new(0) }
    }
}

impl UnderWay {
    /// What became of a domain; a fault of ours that was not caught goes on.
    fn hear(&mut self, ended: Result<Result<Ended, StoreError>, JoinError>) -> Result<(), RunError> {
        let ended = match ended.map_err(JoinError::try_into_panic) {
            Ok(ended) => ended?,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // It was ended by whoever ends this.
            Err(Err(_)) => return Ok(()),
        };
        match ended {
            Ended::Kept { port_25 } => {
                self.failed_here = 0;
                self.port_25 |= port_25;
            }
            Ended::Doubtful(task, evidence) => self.doubtful.push((task, evidence)),
            Ended::PutOff(task, why) => {
                self.is_anything_put_off = true;
                match why {
                    // The next one has other servers.
                    Why::TriedOften => self.failed_here = 0,
                    _ => self.failed_here += 1,
                }
                if why == Why::Port25ClosedHere {
                    self.unreached.push(task);
                }
                if self.failed_here >= FAILED_HERE_DOMAINS_MAX {
                    return Err(RunError::Here { why, domains: self.failed_here });
                }
            }
        }
        Ok(())
    }
}
