//! Files that are gone again unless they are kept.

use std::fs;
use std::path::{Path, PathBuf};

/// What SQLite keeps beside a database: another one's would be taken for a restored one's.
pub(super) const BESIDE_A_DATABASE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file beside another, named by it.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Files and folders that were made and are not finished: what is not [kept](Self::keep) is deleted, the latest first.
#[derive(Default)]
pub(super) struct Scratch {
    made: Vec<PathBuf>,
}

impl Scratch {
    /// Remembers what this has just made.
    pub(super) fn made(&mut self, path: &Path) {
        self.made.push(path.to_owned());
    }

    /// An unfinished file has its final name now, and goes by that.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) {
        for made in self.made.iter_mut().filter(|made| *made == from) {
            to.clone_into(made);
        }
    }

    /// All is finished.
    pub(super) fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for path in self.made.iter().rev() {
            // What cannot be deleted stays, under a name that says that it is unfinished; SQLite may have left more.
            let _ = fs::remove_dir(path).or_else(|_| fs::remove_file(path));
            for ending in BESIDE_A_DATABASE {
                let _ = fs::remove_file(beside(path, ending));
            }
        }
    }
}
