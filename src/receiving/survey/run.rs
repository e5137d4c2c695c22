//! The way through a survey: some domains at a time, each kept as soon as it was measured.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::row::Row;
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

/// Who gathers the evidence of a domain; so that a test can play the world.
pub trait Measures: Send + Sync {
    /// Gathers it.
    fn measure<'a>(&'a self, request: &'a Request, progress: &'a dyn Progress) -> BoxFuture<'a, Evidence>;
}

impl Measures for Scanner {
    fn measure<'a>(&'a self, request: &'a Request, progress: &'a dyn Progress) -> BoxFuture<'a, Evidence> {
        Box::pin(self.scan(request, progress))
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
}

impl Progress for Watch<'_> {
    fn step(&self, step: Step) {
        match step {
            Step::Idle => drop(self.place.lock().take()),
            // Where all places are taken it goes on without one: that its turn came is not up to us.
            Step::Server { .. } => {
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

    /// Measures until all domains are, or `stop` is said: then those under way are left as if they were not begun.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn run(self: &Arc<Self>, stop: &CancellationToken) -> Result<(), StoreError> {
        tokio::select! {
            measured = self.measure_all() => measured?,
            held = self.store.hold() => match held? {},
            () = stop.cancelled() => {}
        }
        // What servers showed meanwhile is not asked again by whoever goes on.
        self.store.flush().await?;
        self.store.give_back().await
    }

    async fn measure_all(self: &Arc<Self>) -> Result<(), StoreError> {
        let places = Arc::new(Semaphore::new(self.at_once_max.max(1)));
        // What is under way ends with this.
        let mut under_way = JoinSet::new();
        loop {
            match self.store.claim(CLAIMED_AT_ONCE).await? {
                Claimed::Tasks(tasks) => {
                    for task in tasks {
                        let place = self.place(&places, &mut under_way).await?;
                        let (run, places) = (Arc::clone(self), Arc::clone(&places));
                        under_way.spawn(async move { run.measure(task, &places, place).await });
                    }
                }
                Claimed::Elsewhere => tokio::select! {
                    Some(ended) = under_way.join_next() => well(ended)?,
                    () = sleep(Duration::from_secs(ELSEWHERE_S)) => {}
                },
                Claimed::Nothing => match under_way.join_next().await {
                    Some(ended) => well(ended)?,
                    None => return Ok(()),
                },
            }
        }
    }

    /// A place for one more domain.
    async fn place(
        &self,
        places: &Arc<Semaphore>,
        under_way: &mut JoinSet<Result<(), StoreError>>,
    ) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
        loop {
            let is_room = under_way.len() < Self::scans_max(self.at_once_max);
            tokio::select! {
                Some(ended) = under_way.join_next() => well(ended)?,
                place = Arc::clone(places).acquire_owned(), if is_room => return Ok(place.ok()),
            }
        }
    }

    async fn measure(
        &self,
        task: Task,
        places: &Arc<Semaphore>,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<(), StoreError> {
        self.board.begins();
        let mut request = Request::of(task.domain.clone(), self.helo.clone());
        if self.dns_only {
            request.connections = Connections::NotVouchedFor;
        }
        let watch = Watch { board: &self.board, places, place: Mutex::new(place) };
        let measuring = async {
            let evidence = self.measures.measure(&request, &watch).await;
            let row = Row::of(&evidence, Vec::new(), &self.operators);
            (evidence, row.why, row.connections)
        };
        let measured = AssertUnwindSafe(measuring).catch_unwind().await;
        let (evidence, why, connections) = measured.unwrap_or_else(|_| {
            tracing::error!(domain = %task.domain, "measuring it failed by a fault of this program");
            let evidence = Evidence::not_gathered(&task.domain, &self.helo, (self.clock)());
            let row = Row::of(&evidence, Vec::new(), &self.operators);
            (evidence, row.why, row.connections)
        });
        self.store.finish(&task, &evidence).await?;
        self.board.ended(why, connections);
        Ok(())
    }
}

/// What became of a domain; a fault of ours that was not caught goes on.
fn well(ended: Result<Result<(), StoreError>, JoinError>) -> Result<(), StoreError> {
    match ended.map_err(JoinError::try_into_panic) {
        Ok(ended) => ended,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // It was ended by whoever ends this.
        Err(Err(_)) => Ok(()),
    }
}
