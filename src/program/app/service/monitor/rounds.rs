//! What is looked at over and over, whoever asks: disks, the clock, the number of rows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::operations::metrics::Disk;
use crate::program::app::Clock;
use crate::program::config::Settings;
use crate::sending::journal::Reader;
use crate::shared::time::Timestamp;

use super::clock_watch::ClockWatch;
use super::disks::{self, Found};

/// How often it is looked around, in seconds.
const ROUND_S: u64 = 5;
/// How long a look at the disks may take, in seconds.
const DISK_S_MAX: u64 = 10;
/// What is said where it takes longer.
const HANGS: &str = "a disk of the service does not answer; look at it (`dmesg`), then restart the service";
/// After so many rounds the rows of the journal are counted anew: every five minutes.
const ROWS_ROUNDS: u64 = 60;

/// What was found at the last round.
pub(in crate::program::app::service) struct Rounds {
    places: Vec<(&'static str, PathBuf)>,
    seen: Mutex<Seen>,
    /// A look at the disks that did not end in its round.
    looking: Mutex<Option<JoinHandle<Vec<Found>>>>,
    /// Somebody should look at the service as a sender would: the clock was set.
    pub(in crate::program::app::service) look_again: Notify,
}

struct Seen {
    disks: Vec<Found>,
    /// Whether a disk does not answer.
    hangs: bool,
    clock: ClockWatch,
    rows: Option<BTreeMap<String, u64>>,
}

impl Rounds {
    pub(in crate::program::app::service) fn new(settings: &Settings, now: Timestamp) -> Self {
        let seen = Seen { disks: Vec::new(), hangs: false, clock: ClockWatch::new(now), rows: None };
        Self {
            places: disks::places(settings),
            seen: Mutex::new(seen),
            looking: Mutex::default(),
            look_again: Notify::new(),
        }
    }

    /// Looks around until `stop`.
    pub(super) async fn run(self: Arc<Self>, reader: &Reader, clock: Clock, stop: CancellationToken) {
        let looking = async {
            for round in 0_u64.. {
                self.look_at_disks().await;
                self.look_at_clock(clock());
                if round.is_multiple_of(ROWS_ROUNDS)
                    && let Ok(rows) = reader.rows_by_kind().await
                {
                    self.seen.lock().rows = Some(rows.into_iter().collect());
                }
                tokio::time::sleep(Duration::from_secs(ROUND_S)).await;
            }
        };
        stop.run_until_cancelled(looking).await;
    }

    /// A disk that does not answer must hold up nobody else.
    async fn look_at_disks(&self) {
        let places = self.places.clone();
        let mut looking = self.looking.lock().take().unwrap_or_else(|| {
            tokio::task::spawn_blocking(move || {
                places.iter().filter_map(|(place, folder)| disks::look(place, folder)).collect::<Vec<_>>()
            })
        });
        let Ok(looked) = tokio::time::timeout(Duration::from_secs(DISK_S_MAX), &mut looking).await else {
            // It is waited for again in the next round: no thread more hangs on it.
            *self.looking.lock() = Some(looking);
            if !std::mem::replace(&mut self.seen.lock().hangs, true) {
                tracing::error!("{HANGS}");
            }
            return;
        };
        let Ok(found) = looked else { return };
        let mut seen = self.seen.lock();
        seen.hangs = false;
        let told = |found: &[Found]| -> Vec<String> { found.iter().filter_map(Found::trouble).collect() };
        let (before, now) = (told(&seen.disks), told(&found));
        let warned = |found: &[Found], place: &str| {
            found.iter().any(|found| found.disk.place == place && found.warning().is_some())
        };
        let few =
            found.iter().filter(|found| !warned(&seen.disks, &found.disk.place)).filter_map(Found::warning);
        few.for_each(|warning| tracing::warn!("{warning}"));
        now.iter()
            .filter(|trouble| !before.contains(trouble))
            .for_each(|trouble| tracing::error!("{trouble}"));
        if !before.is_empty() && now.is_empty() {
            tracing::info!("all folders can be written again");
        }
        seen.disks = found;
    }

    fn look_at_clock(&self, now: Timestamp) {
        if let Some(said) = self.seen.lock().clock.look(now) {
            tracing::warn!("{said}");
            self.look_again.notify_one();
        }
    }

    pub(in crate::program::app::service) fn trouble(&self) -> Option<String> {
        let seen = self.seen.lock();
        let hangs = seen.hangs.then(|| HANGS.to_owned());
        hangs.or_else(|| seen.disks.iter().find_map(Found::trouble))
    }

    pub(in crate::program::app::service) fn warnings(&self) -> Vec<String> {
        let seen = self.seen.lock();
        seen.disks.iter().filter_map(Found::warning).chain(seen.clock.warning()).collect()
    }

    pub(super) fn disks(&self) -> Vec<Disk> {
        self.seen.lock().disks.iter().map(|found| found.disk.clone()).collect()
    }

    pub(super) fn clock_jumps(&self) -> u64 {
        self.seen.lock().clock.jumps()
    }

    pub(super) fn rows(&self) -> Option<BTreeMap<String, u64>> {
        self.seen.lock().rows.clone()
    }
}
