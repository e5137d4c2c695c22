//! CPU time and memory of this process, and a follower that measures what following costs.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mailassay::sending::history::Observation;
use mailassay::sending::journal::Follower;
use mailassay::sending::trial::{LinkId, TrialId};
use mailassay::sending::trials::Trials;
use mailassay::shared::time::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread, in nanoseconds.
pub(crate) fn thread_ns() -> u64 {
    nanoseconds(ClockId::ThreadCPUTime)
}

/// CPU time of this process, in nanoseconds.
pub(crate) fn process_ns() -> u64 {
    nanoseconds(ClockId::ProcessCPUTime)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// What reading the thread's clock twice costs, in nanoseconds.
pub(crate) fn reading_ns() -> u64 {
    let mut costs: Vec<_> = (0..1_001)
        .map(|_| {
            let began = thread_ns();
            thread_ns() - began
        })
        .collect();
    costs.sort_unstable();
    costs[costs.len() / 2]
}

/// What a fixed piece of work costs now, in nanoseconds: names into a table, and out again. Whatever else runs on the
/// machine makes it dearer, as it makes all that is measured beside it.
pub(crate) fn fixed_work_ns() -> u64 {
    let began = thread_ns();
    let names: BTreeMap<String, u32> =
        (0..500).map(|n: u32| (n.wrapping_mul(0x9e37_79b1).to_string(), n)).collect();
    let found =
        names.values().filter(|n| names.contains_key(&n.wrapping_mul(0x9e37_79b1).to_string())).count();
    black_box(found);
    thread_ns() - began
}

/// The median of what was measured.
pub(crate) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A line of `/proc/self/status`, in bytes.
pub(crate) fn memory_bytes(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kib = kib.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// The trials, and how long they took to take in what they were told.
pub(crate) struct Measured {
    pub(crate) trials: Arc<Trials>,
    spent_ns: AtomicU64,
    reading_ns: u64,
}

impl Measured {
    pub(crate) fn new(trials: Arc<Trials>) -> Self {
        Self { trials, spent_ns: AtomicU64::new(0), reading_ns: reading_ns() }
    }

    /// CPU time spent in all, in nanoseconds.
    pub(crate) fn spent_ns(&self) -> u64 {
        self.spent_ns.load(Ordering::Relaxed)
    }

    /// What a call costs, in nanoseconds.
    pub(crate) fn cost_ns<T>(&self, call: impl FnOnce() -> T) -> (T, u64) {
        let began = thread_ns();
        let result = call();
        (result, (thread_ns() - began).saturating_sub(self.reading_ns))
    }
}

impl Follower for Measured {
    fn committed(&self, observation: &Observation) {
        let ((), cost_ns) = self.cost_ns(|| self.trials.committed(observation));
        self.spent_ns.fetch_add(cost_ns, Ordering::Relaxed);
    }

    fn past(&self, trial: &TrialId, past: &str) -> Result<(), String> {
        self.trials.past(trial, past)
    }

    fn resumes(&self, last: LinkId, at: Timestamp) {
        self.trials.resumes(last, at);
    }
}
