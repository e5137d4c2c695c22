//! The way through a survey: some domains at a time, each kept as soon as it was measured.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::operators::Operators;
use super::row::Row;
use super::store::{Store, StoreError, Task};
use crate::receiving::request::{Progress, Request};
use crate::receiving::scan::Scanner;
use crate::shared::evidence::scan::{Connections, Evidence};
use crate::shared::time::Timestamp;

/// How many domains are taken from the store at a time.
const CLAIMED_AT_ONCE: usize = 64;

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
    /// How many domains are measured at a time.
    pub at_once_max: usize,
    /// The name to say in EHLO.
    pub helo: String,
    /// Whether only DNS is asked.
    pub dns_only: bool,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Run {
    /// Measures until all domains are, or `stop` is said: then those under way are left as if they were not begun.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn run(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        let result = stop.run_until_cancelled(self.measure_all()).await.unwrap_or(Ok(()));
        // What servers showed meanwhile is not asked again by whoever goes on.
        self.store.flush().await?;
        result
    }

    async fn measure_all(&self) -> Result<(), StoreError> {
        let mut under_way = FuturesUnordered::new();
        let (mut tasks, mut all_given_out) = (Vec::new().into_iter(), false);
        loop {
            while under_way.len() < self.at_once_max.max(1) {
                let Some(task) = tasks.next() else {
                    if all_given_out {
                        break;
                    }
                    tasks = self.claim(&mut under_way).await?.into_iter();
                    all_given_out = tasks.len() == 0;
                    continue;
                };
                under_way.push(self.measure(task));
            }
            match under_way.next().await {
                Some(ended) => ended?,
                None => return Ok(()),
            }
        }
    }

    /// Takes domains from the store. Those under way go on meanwhile: one of them may be at the store itself, and who is
    /// not asked on never leaves it.
    async fn claim<F>(&self, under_way: &mut FuturesUnordered<F>) -> Result<Vec<Task>, StoreError>
    where
        F: Future<Output = Result<(), StoreError>>,
    {
        let mut claim = self.store.claim(CLAIMED_AT_ONCE);
        loop {
            tokio::select! {
                tasks = &mut claim => return tasks,
                Some(ended) = under_way.next(), if !under_way.is_empty() => ended?,
            }
        }
    }

    async fn measure(&self, task: Task) -> Result<(), StoreError> {
        self.board.begins();
        let mut request = Request::of(task.domain.clone(), self.helo.clone());
        if self.dns_only {
            request.connections = Connections::NotVouchedFor;
        }
        let measuring = AssertUnwindSafe(self.measures.measure(&request, &*self.board)).catch_unwind();
        let evidence = measuring.await.unwrap_or_else(|_| {
            tracing::error!(domain = %task.domain, "measuring it failed by a fault of this program");
            Evidence::not_gathered(&task.domain, &self.helo, (self.clock)())
        });
        let row = Row::of(&evidence, Vec::new(), &self.operators);
        self.store.finish(&task, &evidence).await?;
        self.board.ended(row.why, row.connections);
        Ok(())
    }
}
