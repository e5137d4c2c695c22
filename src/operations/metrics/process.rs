//! What the process takes of its host.

use procfs::WithCurrentSystemInfo;
use procfs::process::LimitValue;
use serde::{Deserialize, Serialize};

/// What a process takes of its host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Memory that is in use, in octets.
    pub resident_octets: u64,
    /// Time of processors since the start, in seconds.
    pub cpu_s: f64,
    pub open_files: u64,
    /// How many files it may have open; none: as many as it likes.
    pub open_files_max: Option<u64>,
}

impl Process {
    /// Of this process; none where the system does not tell.
    pub fn this() -> Option<Self> {
        let process = procfs::process::Process::myself().ok()?;
        let stat = process.stat().ok()?;
        let open_files_max = match process.limits().ok()?.max_open_files.soft_limit {
            LimitValue::Value(most) => Some(most),
            LimitValue::Unlimited => None,
        };
        Some(Self {
            resident_octets: stat.rss_bytes().get(),
            #[expect(clippy::cast_precision_loss, reason = "of 2^53 ticks none is missed")]
            cpu_s: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
            open_files: process.fd_count().ok()? as u64,
            open_files_max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_files() {
        let this = Process::this().expect("Linux tells");
        assert!(this.resident_octets > 1 << 20 && this.open_files >= 3, "{this:?}");
    }
}
