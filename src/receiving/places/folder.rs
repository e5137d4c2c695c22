//! Places that the processes of one host share: locks of files in a folder.
//!
//! A name is hashed to one of a fixed number of slots, so that the folder does not grow with whom is scanned; two names of
//! one slot are let through as one would be, two connections at a time for both. Networks and operators have slots of their
//! own: else two calls could each hold what the other waits for. So have operators known by pattern, whom no domain that
//! somebody registers slows down; and which slot a name has differs by folder, so that nobody finds one for whom he wants
//! to slow down. A place is a lock (flock(2)) of a file that was opened for it, so that it keeps out this process, too, and
//! ends with it, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep, sleep_until};

use super::port::{Places, Sign};
use super::turns::{POLL_MS, Turns};
use crate::receiving::scan::Held;
use crate::shared::keyfile;

/// How many slots there are for networks, as many for operators known by pattern, and as many for others.
const SLOTS: u16 = 2048;
/// The permissions of the files, as of the folder: for its owner alone, whose also is what root has made there.
const MODE: u32 = 0o600;

/// The places of a folder. While it cannot be used everybody is let through, which is told once each time: what a process
/// counts by itself it counts all the same.
pub struct FolderPlaces {
    folder: PathBuf,
    /// Whether this scans beside whoever makes the folder: while there is none, nobody does.
    is_beside: bool,
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
        let places = Self::at(folder, false);
        if let Err(error) = keyfile::make_folder(folder) {
            places.tell(&keyfile::told(folder, keyfile::Want::Write, error));
        }
        places
    }

    /// The places of a folder that somebody else makes. Until somebody has, nobody else scans here, and all are let through.
    ///
    /// # Errors
    ///
    /// If the folder is another user's. Whatever else is wrong with it is told when a place is taken.
    pub fn beside(folder: &Path) -> io::Result<Self> {
        let places = Self::at(folder, true);
        let opened = places.slot(&Sign::Operator(String::new())).and_then(|slot| places.open(&slot, 0));
        match opened {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error),
            _ => Ok(places),
        }
    }

    fn at(folder: &Path, is_beside: bool) -> Self {
        Self { folder: folder.to_owned(), is_beside, turns: Arc::default(), is_told: AtomicBool::new(false) }
    }

    /// The name of a slot's files without their number. Who does not see this host does not know the folder's inode, by
    /// which the slots differ.
    fn slot(&self, sign: &Sign) -> io::Result<String> {
        let (kind, name) = match sign {
            Sign::Network(network) => ("network", network.to_string()),
            Sign::Known(operator) => ("known", operator.clone()),
            Sign::Operator(operator) => ("operator", operator.clone()),
        };
        let inode = fs::metadata(&self.folder)?.ino();
        let digest = Sha256::new().chain_update(inode.to_be_bytes()).chain_update(name).finalize();
        let number = digest.first_chunk().map_or(0, |first| u16::from_be_bytes(*first));
        Ok(format!("{kind}-{:04}", number % SLOTS))
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
        // What is behind a link is nobody's place.
        options.read(true).write(true).mode(MODE).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => match options.create_new(true).open(&path) {
                Ok(file) => {
                    keyfile::belong_to_owner_of(&file, &self.folder)?;
                    file
                }
                // Another process was faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    options.create_new(false).open(&path)?
                }
                Err(error) => return Err(error),
            },
            opened => opened?,
        };
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other(format!("{} is no file", path.display()))),
        }
    }

    /// A place that is free, else when to look again.
    fn try_take(&self, sign: &Sign, of: u8) -> io::Result<Result<Place, Instant>> {
        let (slot, now) = (self.slot(sign)?, Instant::now());
        let paused_until = self.turns.lock().paused_until(&slot, now);
        if paused_until > now {
            return Ok(Err(paused_until));
        }
        let Some(file) = self.lock(&slot, of)? else {
            return Ok(Err(now + Duration::from_millis(POLL_MS)));
        };
        self.is_told.store(false, Ordering::Relaxed);
        self.turns.lock().taken(&slot, now);
        Ok(Ok(Place { _file: file, slot, turns: Arc::clone(&self.turns) }))
    }

    fn tell(&self, error: &io::Error) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            // A survey and a check log only errors.
            tracing::error!(
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
            // What root has just made may not be its owner's yet.
            let mut may_be_new = true;
            loop {
                match self.try_take(sign, of) {
                    Ok(Ok(place)) => return Box::new(place) as Held,
                    Ok(Err(again)) => sleep_until(again).await,
                    Err(error) if error.kind() == ErrorKind::PermissionDenied && may_be_new => {
                        may_be_new = false;
                        sleep(Duration::from_millis(POLL_MS)).await;
                    }
                    Err(error) => {
                        if !(self.is_beside && error.kind() == ErrorKind::NotFound) {
                            self.tell(&error);
                        }
                        return Box::new(()) as Held;
                    }
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn names_of_one_slot_wait_for_each_other_and_of_two_kinds_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places");
        let (one, other) = (FolderPlaces::make(&path), FolderPlaces::make(&path));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let slot = |sign: &Sign| one.slot(sign).unwrap();
        let operator = |nth: u32| Sign::Operator(format!("operator{nth}.example"));
        let known = |nth: u32| Sign::Known(format!("operator{nth}.example"));
        let network = |nth: u32| Sign::Network(ipnet::IpNet::new(nth.to_be_bytes().into(), 32).unwrap());
        let first = operator(0);
        let same = (1..).map(operator).find(|sign| slot(sign) == slot(&first)).unwrap();
        let number = |sign: &Sign| slot(sign).rsplit_once('-').unwrap().1.to_owned();
        let crossed = (1..).map(network).find(|sign| number(sign) == number(&first)).unwrap();
        // Of a name that a pattern gives, whoever registers a domain takes no place.
        assert_eq!((number(&known(0)), slot(&known(0)) == slot(&first)), (number(&first), false));

        let places = (one.take(&first, 2).await, one.take(&first, 2).await);
        let mut waiting = other.take(&same, 2);
        assert!((&mut waiting).now_or_never().is_none());
        assert!(other.take(&crossed, 2).now_or_never().is_some());
        assert!(other.take(&known(0), 2).now_or_never().is_some());
        drop(places.0);
        waiting.await;
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places");
        let found = FolderPlaces::beside(&path).unwrap();
        let sign = Sign::Operator("example.org".to_owned());
        assert!(found.take(&sign, 2).now_or_never().is_some() && !path.exists(), "nobody scans here");
        assert!(!found.is_told.load(Ordering::Relaxed));
        let places = FolderPlaces::make(&path);
        let _held = (places.take(&sign, 2).await, places.take(&sign, 2).await);
        let mut waiting = found.take(&sign, 2);
        assert!((&mut waiting).now_or_never().is_none());
        fs::remove_dir_all(&path).unwrap();
        waiting.await;
        assert!(!found.is_told.load(Ordering::Relaxed), "nobody scans here any more");
        assert!(places.take(&sign, 2).now_or_never().is_some());
        assert!(places.is_told.load(Ordering::Relaxed));
        FolderPlaces::make(&path);
        drop(places.take(&sign, 2).await);
        assert!(!places.is_told.load(Ordering::Relaxed), "the next time is another one");
    }

    #[tokio::test]
    async fn a_place_is_a_file_of_the_owner_of_the_folder_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places");
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            std::os::unix::fs::chown(folder.path(), Some(4_321), Some(4_321)).unwrap();
        }
        let places = FolderPlaces::make(&path);
        let sign = Sign::Known("Example".to_owned());
        drop(places.take(&sign, 1).await);
        let file = path.join(format!("{}.0", places.slot(&sign).unwrap()));
        let found = fs::metadata(&file).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
        assert!(!is_root || (found.uid(), found.gid()) == (4_321, 4_321));
        let elsewhere = folder.path().join("elsewhere");
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
        drop(places.take(&sign, 1).await);
        assert!(places.is_told.load(Ordering::Relaxed) && !elsewhere.exists());
        fs::remove_file(&file).unwrap();
        drop(places.take(&sign, 1).await);
        assert!(!places.is_told.load(Ordering::Relaxed));
        fs::remove_file(&file).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        drop(places.take(&sign, 1).await);
        assert!(places.is_told.load(Ordering::Relaxed));
    }
}
