//! The peers.

pub(crate) mod bare;
pub(super) mod nsd;
pub(super) mod postfix;

use std::path::Path;
use std::process::{Child, Command};

/// A command that runs on one core, or wherever it may.
fn on(core: Option<usize>, program: impl AsRef<std::ffi::OsStr>) -> Command {
    match core {
        Some(core) => {
            let mut pinned = Command::new("taskset");
            pinned.arg("-c").arg(core.to_string()).arg(program);
            pinned
        }
        None => Command::new(program),
    }
}

/// Whether a program is installed.
pub(super) fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = [Path::new("/usr/sbin").to_owned(), Path::new("/sbin").to_owned()];
    std::env::split_paths(&path).chain(sbin).any(|folder| folder.join(program).is_file())
}

/// Asks a process of ours to end, and waits until it has.
fn end(child: &mut Child, told: u32) {
    let id = i32::try_from(told).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(id) = id {
        // It may have ended by now.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
    for _ in 0..500 {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}
