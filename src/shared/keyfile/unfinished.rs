//! Files that are not whole yet, under names of their own: several hosts may write to one folder, and a command beside the
//! service, and none of them may write what another does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::folder_of;

/// How many names are tried that are taken: what is left of a process that had the same number.
const NAMES_MAX: u32 = 100;

/// Opens a new file that is to become `path`.
pub(super) fn open(path: &Path, mode: u32) -> io::Result<(File, PathBuf)> {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    for _ in 0..NAMES_MAX {
        let name = name(path, std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed));
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&name) {
            Ok(file) => return Ok((file, name)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        ErrorKind::AlreadyExists,
        "what was left unfinished beside it is in the way; remove it (.part)",
    ))
}

/// Removes what processes of this host that are no more left of `path`. Of another host's nobody knows here.
pub(super) fn sweep(path: &Path) {
    let Some(begins) = prefix(path) else { return };
    let Ok(entries) = fs::read_dir(folder_of(path)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(&begins)) else { continue };
        let process = rest.strip_suffix(".part").and_then(|rest| rest.split_once('-'));
        let Some(process) = process.and_then(|(process, _)| process.parse::<u32>().ok()) else { continue };
        if !Path::new("/proc").join(process.to_string()).exists() {
            // Another may have done so.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// `FILE.HOST-PROCESS-NUMBER.part`.
pub(super) fn name(path: &Path, process: u32, number: u32) -> PathBuf {
    let begins = prefix(path).unwrap_or_default();
    path.with_file_name(format!("{begins}{process}-{number}.part"))
}

fn prefix(path: &Path) -> Option<String> {
    let host = rustix::system::uname();
    let host: String =
        host.nodename().to_string_lossy().chars().filter(char::is_ascii_alphanumeric).collect();
    Some(format!("{}.{host}-", path.file_name()?.to_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_who_write_at_once_do_not_write_one_another_s() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pool.json");
        let texts = ["a", "b"].map(|text| text.repeat(60_000));
        std::thread::scope(|threads| {
            for text in &texts {
                let path = &path;
                threads.spawn(move || {
                    for _ in 0..40 {
                        super::super::write(path, text.as_bytes()).unwrap();
                        let found = fs::read_to_string(path).unwrap();
                        assert!(found.len() == 60_000 && (found.contains('a') != found.contains('b')));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
    }

    #[test]
    fn what_is_anothers_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let gone = name(&path, i32::MAX.unsigned_abs(), 3);
        let (mine, another) =
            (name(&path, std::process::id(), 1_000_000), folder.path().join("ca.pem.mx05-1-0.part"));
        for file in [&gone, &mine, &another, &folder.path().join("ca.pem.old")] {
            fs::write(file, "half").unwrap();
        }
        sweep(&path);
        assert!(!gone.exists() && mine.exists() && another.exists());
        assert!(folder.path().join("ca.pem.old").exists());
    }
}
