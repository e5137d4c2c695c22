//! The folders that several nodes share: what one of them, or the operator, changes in there the others take within seconds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::program::config::Settings;
use crate::sending::identities::Source;

/// How often it is looked whether keys or certificates changed, in seconds.
const LOOKS_S: u64 = 5;
/// How many files are looked at, at most.
const FILES_MAX: usize = 4_096;
/// How deep folders are looked into.
const DEPTH_MAX: usize = 3;
/// It changes with every version of a zone, each node's own, and is no key.
const SERIAL: &str = "serial";

/// Files by what changes when they are written.
type Written = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Keys and certificates that others may change.
pub(super) struct SharedFiles {
    places: Arc<Places>,
    seen: Written,
}

struct Places {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl SharedFiles {
    /// As they are now.
    pub(super) fn of(settings: &Settings) -> Self {
        let folders = vec![settings.zone.authority.keys.clone(), settings.tls.folder.clone()];
        let files = match &settings.tls.source {
            Source::Files(files) => {
                files.iter().flat_map(|file| [file.chain.clone(), file.key.clone()]).collect()
            }
            Source::Acme(_) | Source::PrivateCa => Vec::new(),
        };
        let places = Arc::new(Places { folders, files });
        Self { seen: places.look(), places }
    }

    /// Waits until any of them was written since the last look.
    pub(super) async fn changed(&mut self) {
        loop {
            tokio::time::sleep(Duration::from_secs(LOOKS_S)).await;
            let places = Arc::clone(&self.places);
            // A file system of others may stand still.
            if let Ok(now) = tokio::task::spawn_blocking(move || places.look()).await
                && now != self.seen
            {
                self.seen = now;
                return;
            }
        }
    }
}

impl Places {
    fn look(&self) -> Written {
        let mut written = Written::new();
        for file in &self.files {
            note(file, &mut written);
        }
        for folder in &self.folders {
            look_into(folder, DEPTH_MAX, &mut written);
        }
        written
    }
}

fn look_into(folder: &Path, depth: usize, written: &mut Written) {
    // What cannot be read is said by whoever reads it.
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if written.len() >= FILES_MAX {
            return;
        }
        let path = entry.path();
        if path.is_dir() {
            if depth > 1 {
                look_into(&path, depth - 1, written);
            }
        } else if entry.file_name() != SERIAL {
            note(&path, written);
        }
    }
}

/// Notes when a file was written, through links: an ACME client of the operator's changes what they lead to.
fn note(path: &Path, written: &mut Written) {
    if let Ok(about) = fs::metadata(path) {
        written.insert(path.to_owned(), (about.modified().ok(), about.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_beside_or_behind_a_link_is_seen_and_a_serial_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let [keys, live] = ["keys", "live"].map(|name| folder.path().join(name));
        for path in [&keys.join("acme"), &live] {
            fs::create_dir_all(path).unwrap();
        }
        let link = folder.path().join("chain.pem");
        fs::write(live.join("1"), "one").unwrap();
        std::os::unix::fs::symlink(live.join("1"), &link).unwrap();
        let places = Places { folders: vec![keys.clone()], files: vec![link] };
        let mut seen = places.look();
        for (file, text, changes) in [
            (keys.join("test.keys.toml"), "new", true),
            (keys.join("test.keys.toml"), "newer", true),
            (keys.join("acme/state"), "deeper", true),
            (keys.join("serial"), "2", false),
            (live.join("1"), "another", true),
            (live.join("2"), "elsewhere", false),
        ] {
            fs::write(&file, text).unwrap();
            let now = places.look();
            assert_eq!(now != seen, changes, "{}", file.display());
            seen = now;
        }
    }
}
