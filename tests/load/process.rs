//! What the system knows of a process, and where it runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keeps this thread, and those that it begins, on a core. False where the machine has one only.
pub(crate) fn pin(core: usize) -> bool {
    let Ok(may) = sched_getaffinity(None) else { return false };
    if may.count() < 2 || !may.is_set(core) {
        return false;
    }
    let mut only = CpuSet::new();
    only.set(core);
    sched_setaffinity(None, &only).is_ok()
}

/// Makes this thread, and no other, give way to all others on its core.
pub(crate) fn give_way() {
    // Where it is not allowed, latencies are a little worse than they are.
    let _ = rustix::process::nice(10);
}

/// A figure of `/proc/PID/status`, in bytes.
pub(crate) fn memory_bytes(id: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kib = kib.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// The CPU time that a process has used.
pub(crate) fn cpu(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // Behind the name in parentheses; utime and stime are fields 14 and 15, in hundredths of a second.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace()).into_iter().flatten();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The size of a database with its log.
pub(crate) fn database_bytes(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let size = |path: &Path| fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    size(path) + size(Path::new(&log))
}

/// A size in MiB.
pub(crate) fn mib(bytes: u64) -> f64 {
    const TENTHS: u64 = 1024 * 1024 / 10;
    Duration::from_millis(bytes / TENTHS * 100).as_secs_f64()
}
