//! The second network: senders that have nothing to do with the flood, and are to be served all the while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::task::JoinSet;

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
    thread: JoinHandle<Seen>,
    counts: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
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
        let (counts, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (counting, ending) = (Arc::clone(&counts), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(come(places, &counting, &ending))).unwrap_or_default()
        });
        // Those who come first have to have looked before.
        std::thread::sleep(Duration::from_secs(WINDOW_S + 2));
        Self { thread, counts, over }
    }

    /// From now on it counts.
    pub(crate) fn counts(&self) {
        self.counts.store(true, Ordering::Relaxed);
    }

    /// Waits for those who are under way.
    pub(crate) fn end(self) -> Seen {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

/// Every tenth of a second somebody new looks, and somebody who looked before delivers a mail. What is delivered while
/// it counts and is not over is counted.
async fn come(places: Places, counts: &Arc<AtomicBool>, over: &Arc<AtomicBool>) -> Seen {
    let mut ticks = tokio::time::interval(EVERY);
    let (mut under_way, mut seen) = (JoinSet::new(), Seen::default());
    let mut n = 0;
    while !over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let (sender, from) = (SENDERS_FROM + n, address(SECOND, NETWORKS, n));
        let (counts, over) = (Arc::clone(counts), Arc::clone(over));
        let counted = move || counts.load(Ordering::Relaxed) && !over.load(Ordering::Relaxed);
        under_way.spawn(async move {
            let looking = counted();
            if let Err(error) = look(from, places.smtp, sender).await {
                return (looking, Err(format!("at its first visit: {error}").into()));
            }
            tokio::time::sleep(Duration::from_secs(WINDOW_S) + EVERY * 5).await;
            (counted(), deliver(from, places.smtp, sender).await)
        });
        n += 1;
        while let Some(done) = under_way.try_join_next() {
            seen.add(done.ok());
        }
    }
    // Those who still wait are counted, too: an answer that never comes is the worst.
    while let Some(done) = under_way.join_next().await {
        seen.add(done.ok());
    }
    seen
}

impl Seen {
    fn add(&mut self, done: Option<(bool, Result<Duration, Failure>)>) {
        match done {
            Some((true, Ok(took))) => self.took.push(took),
            Some((true, Err(error))) => *self.failures.entry(error.to_string()).or_default() += 1,
            _ => {}
        }
    }

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
