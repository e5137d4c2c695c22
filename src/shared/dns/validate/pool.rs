//! Work whose length strangers decide, off the threads that serve everybody.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use super::work::Work;
use crate::shared::evidence::scan::DnsLimit;

/// A few threads beside those of the runtime. A task holds one while it computes and none while it waits.
pub(in crate::shared::dns) struct BlockingPool {
    slots: Arc<Semaphore>,
}

impl BlockingPool {
    /// So many tasks compute at once; others wait.
    pub(in crate::shared::dns) fn new(at_once_max: usize) -> Self {
        Self { slots: Arc::new(Semaphore::new(at_once_max.max(1))) }
    }

    /// Runs `task` to its end, or until the time of `work` is spent. Whoever stops waiting for it stops `work`,
    /// so that what computes ends at its next question whether it may go on.
    pub(in crate::shared::dns) async fn run<T: Send + 'static>(
        &self,
        work: &Arc<Work>,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, DnsLimit> {
        let mut ends = Ends { work: Arc::clone(work), done: false };
        let woken = Arc::new(Woken(Notify::new()));
        let mut task: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(task);
        loop {
            let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| DnsLimit::Validator)?;
            let waker = Waker::from(Arc::clone(&woken));
            let begin = Instant::now();
            let polling = tokio::task::spawn_blocking(move || {
                let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
                // Held while it computes, even if nobody waits for it any more.
                drop(slot);
                (task, polled)
            });
            let polled = tokio::time::timeout(work.time_left(), polling).await;
            // A panic is the validator's, on data of a stranger.
            let (back, polled) = polled.map_err(|_| DnsLimit::Time)?.map_err(|_| DnsLimit::Validator)?;
            work.spend(begin.elapsed());
            if let Poll::Ready(output) = polled {
                ends.done = true;
                return Ok(output);
            }
            if work.time_left() == Duration::ZERO {
                return Err(DnsLimit::Time);
            }
            task = back;
            woken.0.notified().await;
        }
    }
}

/// Stops the work when it is dropped before its end.
struct Ends {
    work: Arc<Work>,
    done: bool,
}

impl Drop for Ends {
    fn drop(&mut self) {
        if !self.done {
            self.work.stop();
        }
    }
}

/// Says that a task wants to go on.
struct Woken(Notify);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}
