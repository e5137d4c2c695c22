//! Pages that follow a trial: each a connection of its own, from networks of their own, that reads events and no more.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use super::sender::{address, connect};

/// Addresses of 127.90.0.0/16, so many to a network.
const SECOND: u8 = 90;
const NETWORKS: u32 = 20;
/// How often it is looked whether all have news.
const GLANCE: Duration = Duration::from_millis(5);

/// All of them.
pub(crate) struct Streams {
    wanted: u32,
    counts: Arc<Counts>,
    _reading: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Counts {
    /// How many are open.
    open: AtomicU32,
    /// How many were refused, and how many ended and came again, as browsers do.
    refused: AtomicU32,
    again: AtomicU32,
    /// The number of the event that is waited for, and how many have seen it.
    round: AtomicU32,
    seen: AtomicU32,
    over: AtomicBool,
}

impl Streams {
    /// Opens so many, and waits until all are.
    pub(crate) async fn open(site: SocketAddr, trial: &str, wanted: u32) -> Result<Self, Box<dyn Error>> {
        let counts = Arc::new(Counts::default());
        let mut reading = JoinSet::new();
        for n in 0..wanted {
            let (counts, trial) = (Arc::clone(&counts), trial.to_owned());
            reading.spawn(async move {
                while !counts.over.load(Ordering::Relaxed) {
                    if follow(site, &trial, n, &counts).await.is_none() {
                        counts.refused.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    counts.again.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let began = Instant::now();
        while counts.open.load(Ordering::Relaxed) < wanted {
            if began.elapsed() > Duration::from_secs(60) {
                return Err(format!("not all pages follow the trial: {counts:?}").into());
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(Self { wanted, counts, _reading: reading })
    }

    /// Waits until all that are open have an event that began at `happens`; gives how long that took.
    pub(crate) async fn all_have_news(
        &self,
        happens: Instant,
        limit: Duration,
    ) -> Result<Duration, Box<dyn Error>> {
        // One that is just coming again gets it with its first octets.
        while self.counts.seen.load(Ordering::Relaxed) * 100 < self.wanted * 99 {
            if happens.elapsed() > limit {
                return Err(format!("not all pages have the event: {:?}", self.counts).into());
            }
            tokio::time::sleep(GLANCE).await;
        }
        let took = happens.elapsed();
        self.counts.seen.store(0, Ordering::Relaxed);
        self.counts.round.fetch_add(1, Ordering::Relaxed);
        Ok(took)
    }

    /// Prints how many there were; false if any was refused.
    pub(crate) fn tell(&self) -> bool {
        let Counts { open, refused, again, round, .. } = &*self.counts;
        let read = |count: &AtomicU32| count.load(Ordering::Relaxed);
        let (open, refused, again, round) = (read(open), read(refused), read(again), read(round));
        println!("{open} pages follow a trial, {refused} refused, {again} came again, {round} events");
        self.counts.over.store(true, Ordering::Relaxed);
        refused == 0
    }
}

/// Reads until the connection ends; none if it is no stream of events.
async fn follow(site: SocketAddr, trial: &str, n: u32, counts: &Counts) -> Option<()> {
    let mut stream = connect(address(SECOND, NETWORKS, n), site).await.ok()?;
    // After what there is already: only what is new comes.
    let request = format!(
        "GET {trial}/events?lang=en&stage=running&after=999999999 HTTP/1.1\r\nHost: {site}\r\n\
         Accept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut octets = vec![0; 4_096];
    let (mut head, mut begun, mut last) = (Vec::new(), false, u32::MAX);
    loop {
        let length = stream.read(&mut octets).await.unwrap_or(0);
        if length == 0 {
            if begun {
                counts.open.fetch_sub(1, Ordering::Relaxed);
            }
            return begun.then_some(());
        }
        if !begun {
            head.extend_from_slice(&octets[..length]);
            let text = String::from_utf8_lossy(&head);
            if !text.contains("retry:") {
                if text.starts_with("HTTP/1.1 200") {
                    continue;
                }
                return None;
            }
            begun = true;
            counts.open.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let round = counts.round.load(Ordering::Relaxed);
        let is_event = octets[..length].windows(6).any(|window| window == b"event:");
        if is_event && last != round {
            last = round;
            counts.seen.fetch_add(1, Ordering::Relaxed);
        }
    }
}
