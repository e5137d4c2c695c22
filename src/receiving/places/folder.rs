//! Places that the processes of one host share: locks of files in a folder.
//!
//! A name is hashed to one of a fixed number of slots, so that the folder does not grow with whom is scanned; two names of
//! one slot are let through as one would be, two connections at a time for both. Networks and operators have slots of their own: else two calls could
//! each hold what the other waits for. A place is a lock (flock(2)) of a file that was opened for it, so that it keeps out
//! this process, too, and ends with it, however it ends.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep, sleep_until};

use super::port::{Places, Sign};
use super::turns::{POLL_MS, Turns};
use crate::receiving::scan::Held;
use crate::shared::keyfile;

/// How many slots there are for networks, and as many for operators.
const SLOTS: u16 = 2048;
/// The permissions of the files. The folder is for its owner alone; what root has made there is for the owner, too.
const MODE: u32 = 0o666;

/// The places of a folder. While it cannot be used everybody is let through, which is told once: what a process counts by
/// itself it counts all the same.
pub struct FolderPlaces {
    folder: PathBuf,
    turns: Arc<Mutex<Turns>>,
    is_told: AtomicBool,
}

/// A place that is held until this is dropped.
struct Place {
    _file: File,
    slot: String,
    turns: Arc<Mutex<Turns>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.turns.lock().left(&self.slot, Instant::now());
    }
}

impl FolderPlaces {
    /// The places of a folder, which is made where there is none, for its owner alone.
    pub fn make(folder: &Path) -> Self {
        let places = Self::at(folder);
        if let Err(error) = keyfile::make_folder(folder) {
            places.tell(&keyfile::told(folder, keyfile::Want::Write, error));
        }
        places
    }

    /// The places of a folder that somebody has made; none: nobody has, and nobody else scans here.
    ///
    /// # Errors
    ///
    /// If the folder is another user's. Whatever else is wrong with it is told when a place is taken.
    pub fn find(folder: &Path) -> io::Result<Option<Self>> {
        let places = Self::at(folder);
        match places.open(&slot(&Sign::Operator(String::new())), 0) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error),
            _ => Ok(Some(places)),
        }
    }

    fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), turns: Arc::default(), is_told: AtomicBool::new(false) }
    }

    /// The lock of a place that is free; none: others have all.
    fn lock(&self, slot: &str, of: u8) -> io::Result<Option<File>> {
        for nth in 0..of.max(1) {
            let file = self.open(slot, nth)?;
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    fn open(&self, slot: &str, nth: u8) -> io::Result<File> {
        let path = self.folder.join(format!("{slot}.{nth}"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).mode(MODE);
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        match options.create_new(true).open(&path) {
            Ok(file) => {
                // Whatever the umask of who made it.
                file.set_permissions(Permissions::from_mode(MODE))?;
                Ok(file)
            }
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => options.create_new(false).open(&path),
            failed => failed,
        }
    }

    fn tell(&self, error: &io::Error) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %error, folder = %self.folder.display(),
                "an operator's places are not shared with other processes of this host, so that each shows it two \
                 connections at a time; see to the folder"
            );
        }
    }
}

impl Places for FolderPlaces {
    fn take<'a>(&'a self, sign: &'a Sign, of: u8) -> BoxFuture<'a, Held> {
        Box::pin(async move {
            let slot = slot(sign);
            loop {
                let now = Instant::now();
                let paused_until = self.turns.lock().paused_until(&slot, now);
                if paused_until > now {
                    sleep_until(paused_until).await;
                    continue;
                }
                match self.lock(&slot, of) {
                    Ok(Some(file)) => {
                        self.turns.lock().taken(&slot, now);
                        return Box::new(Place { _file: file, slot, turns: Arc::clone(&self.turns) }) as Held;
                    }
                    Ok(None) => sleep(Duration::from_millis(POLL_MS)).await,
                    Err(error) => {
                        self.tell(&error);
                        return Box::new(()) as Held;
                    }
                }
            }
        })
    }
}

/// The name of a slot's files without their number.
fn slot(sign: &Sign) -> String {
    let (kind, name) = match sign {
        Sign::Network(network) => ("network", network.to_string()),
        Sign::Operator(operator) => ("operator", operator.clone()),
    };
    let digest = Sha256::digest(name.as_bytes());
    let number = digest.first_chunk().map_or(0, |first| u16::from_be_bytes(*first));
    format!("{kind}-{:04}", number % SLOTS)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn names_of_one_slot_wait_for_each_other_and_of_two_kinds_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places");
        let (one, other) = (FolderPlaces::make(&path), FolderPlaces::make(&path));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let operator = |nth: u32| Sign::Operator(format!("operator{nth}.example"));
        let network = |nth: u32| Sign::Network(ipnet::IpNet::new(nth.to_be_bytes().into(), 32).unwrap());
        let first = operator(0);
        let same = (1..).map(operator).find(|sign| slot(sign) == slot(&first)).unwrap();
        let number = |sign: &Sign| slot(sign).rsplit_once('-').unwrap().1.to_owned();
        let crossed = (1..).map(network).find(|sign| number(sign) == number(&first)).unwrap();

        let places = (one.take(&first, 2).await, one.take(&first, 2).await);
        let mut waiting = other.take(&same, 2);
        assert!((&mut waiting).now_or_never().is_none());
        assert!(other.take(&crossed, 2).now_or_never().is_some());
        drop(places.0);
        waiting.await;
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places");
        assert!(FolderPlaces::find(&path).unwrap().is_none(), "nobody scans here");
        let places = FolderPlaces::make(&path);
        let found = FolderPlaces::find(&path).unwrap().unwrap();
        let sign = Sign::Operator("example.org".to_owned());
        let _held = (places.take(&sign, 2).await, places.take(&sign, 2).await);
        let mut waiting = found.take(&sign, 2);
        assert!((&mut waiting).now_or_never().is_none());
        std::fs::remove_dir_all(&path).unwrap();
        waiting.await;
        assert!(places.take(&sign, 2).now_or_never().is_some());
    }
}
