//! The second network: senders that have nothing to do with the flood, and are to be served all the while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;

use super::sender::{Failure, address, deliver, look};
use super::world::{Places, WINDOW_S};
use super::{Playing, told};

/// How often one comes.
const EVERY: Duration = Duration::from_millis(100);
/// The bars.
const MEDIAN_MAX: Duration = Duration::from_millis(100);
const WORST_MAX: Duration = Duration::from_secs(1);
/// Its addresses: 127.77.0.0/16, so many to a network.
const SECOND: u8 = 77;
const NETWORKS: u32 = 200;
/// The number of its first sender.
const SENDERS_FROM: u32 = 1_000_000;

/// The second network at its work, on a thread of its own.
pub(crate) struct SecondNetwork {
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Whether what begins now counts.
    counts: AtomicBool,
    over: AtomicBool,
    /// How many that count are under way.
    under_way: AtomicU32,
    seen: Mutex<Seen>,
}

/// What it met with.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    took: Vec<Duration>,
    failures: BTreeMap<String, u32>,
}

impl SecondNetwork {
    /// Lets senders come. What they meet with counts from [`Self::counts`] on.
    pub(crate) fn begin(places: Places) -> Self {
        let shared = Arc::new(Shared::default());
        let coming = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            // Without a runtime nobody comes, which counts as nobody served.
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(come(places, &coming));
            }
        });
        // Those who come first have to have looked before.
        std::thread::sleep(Duration::from_secs(WINDOW_S) + EVERY * 10);
        Self { thread: Some(thread), shared }
    }

    /// From now on it counts.
    pub(crate) fn counts(&self) {
        self.shared.counts.store(true, Ordering::Relaxed);
    }

    /// No longer; waits for those that count and are under way, since an answer that never comes is the worst.
    pub(crate) fn take(&self) -> Seen {
        self.shared.counts.store(false, Ordering::Relaxed);
        while self.shared.under_way.load(Ordering::Relaxed) > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::mem::take(&mut *self.shared.seen.lock())
    }
}

impl Drop for SecondNetwork {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// A step of a sender; what it came to is remembered if it began while it counted.
    async fn step<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Option<T> {
        let counted = self.counts.load(Ordering::Relaxed);
        self.under_way.fetch_add(u32::from(counted), Ordering::Relaxed);
        let done = work.await;
        if let (true, Err(error)) = (counted, &done) {
            *self.seen.lock().failures.entry(error.to_string()).or_default() += 1;
        }
        self.under_way.fetch_sub(u32::from(counted), Ordering::Relaxed);
        done.ok().filter(|_| counted)
    }
}

/// Every tenth of a second somebody new looks, and somebody who looked before delivers a mail.
async fn come(places: Places, shared: &Arc<Shared>) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut n = 0;
    while !shared.over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let (sender, from) = (SENDERS_FROM + n, address(SECOND, NETWORKS, n));
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            shared.step(look(from, places.smtp, sender)).await;
            tokio::time::sleep(Duration::from_secs(WINDOW_S) + EVERY * 5).await;
            if let Some(took) = shared.step(deliver(from, places.smtp, sender)).await {
                shared.seen.lock().took.push(took);
            }
        });
        n += 1;
    }
}

impl Seen {
    /// Prints it, and gives whether the bars are met.
    pub(crate) fn tell(mut self, playing: &Playing) -> bool {
        self.took.sort();
        let failed: u32 = self.failures.values().sum();
        let median = self.took.get(self.took.len() / 2).copied();
        let worst = self.took.last().copied();
        let served = failed == 0 && !self.took.is_empty();
        let in_time = median.is_some_and(|median| median <= MEDIAN_MAX)
            && worst.is_some_and(|worst| worst <= WORST_MAX);
        let met = served && (in_time || !playing.counts_time());
        println!(
            "  second network  {} sessions, {failed} failed, EHLO to dot: median {}, worst {}  {}",
            self.took.len(),
            shown(median),
            shown(worst),
            told(met)
        );
        for (failure, count) in &self.failures {
            println!("                  {count} x {failure}");
        }
        met
    }
}

fn shown(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
}
