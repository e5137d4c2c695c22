//! Reads small files as they are at one moment: keys and certificates, configuration, state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::shared::keyfile::Owner;

use super::Contents;
use super::error::{BackupError, of_file};
use super::manifest::{Folder, Place};
use super::scratch::{BESIDE_A_DATABASE, beside};

/// How many files there may be.
const FILES_MAX: usize = 20_000;
/// How deep folders may lie in each other.
const DEPTH_MAX: usize = 16;
/// How large one file may be, and all together, in octets: they are in memory at once.
const FILE_OCTETS_MAX: u64 = 64 << 20;
const ALL_OCTETS_MAX: u64 = 256 << 20;
/// How often all is read until nothing changed meanwhile.
const TRIES_MAX: usize = 5;

/// A file that was read.
pub(super) struct Small {
    pub(super) place: Place,
    pub(super) octets: Vec<u8>,
    pub(super) mode: u32,
    pub(super) owner: Owner,
}

/// What was read, and what was not.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) files: Vec<Small>,
    pub(super) left_out: Vec<PathBuf>,
}

/// By which it is seen that a file was changed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    octets: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self { inode: found.ino(), octets: found.len(), changed: (found.ctime(), found.ctime_nsec()) }
    }
}

/// What there is.
#[derive(Default, PartialEq, Eq)]
struct Listed {
    files: BTreeMap<PathBuf, Stamp>,
    left_out: BTreeSet<PathBuf>,
}

/// Reads all files. They belong together, as a key and the state of its change: where one changed meanwhile, all are read
/// again.
pub(super) fn gather(contents: &Contents) -> Result<Gathered, BackupError> {
    for _ in 0..TRIES_MAX {
        let before = list(contents)?;
        let read = read_all(&before)?;
        if let Some(read) = read.filter(|_| list(contents).is_ok_and(|after| after == before)) {
            return Ok(read);
        }
    }
    Err(BackupError::Changing(contents.config.clone()))
}

fn list(contents: &Contents) -> Result<Listed, BackupError> {
    let mut listing = Listing { without: BTreeSet::new(), listed: Listed::default() };
    for (_, database) in &contents.databases {
        let database = plain(database)?;
        listing.without.extend(BESIDE_A_DATABASE.map(|ending| beside(&database, ending)));
        listing.without.insert(database);
    }
    for path in &contents.without {
        listing.without.insert(plain(path)?);
    }
    let config = plain(&contents.config)?;
    fs::metadata(&config).map_err(of_file(&config))?;
    listing.add(&config, Links::Followed, DEPTH_MAX)?;
    for path in &contents.own {
        listing.add(&plain(path)?, Links::Followed, DEPTH_MAX)?;
    }
    for path in &contents.named {
        listing.add(&plain(path)?, Links::LeftOut, DEPTH_MAX)?;
    }
    Ok(listing.listed)
}

/// What becomes of a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    LeftOut,
}

struct Listing {
    without: BTreeSet<PathBuf>,
    listed: Listed,
}

impl Listing {
    fn add(&mut self, path: &Path, links: Links, depth: usize) -> Result<(), BackupError> {
        let is_unfinished = path.extension().is_some_and(|ending| ending == "part");
        if is_unfinished || self.without.contains(path) {
            return Ok(());
        }
        let found = match links {
            Links::Followed => fs::metadata(path),
            Links::LeftOut => fs::symlink_metadata(path),
        };
        let found = match found {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(of_file(path)(error)),
        };
        if found.is_dir() {
            if depth == 0 {
                let what = format!("folders lie deeper in each other than {DEPTH_MAX}");
                return Err(BackupError::TooMuch { path: path.to_owned(), what });
            }
            for entry in fs::read_dir(path).map_err(of_file(path))? {
                let entry = entry.map_err(of_file(path))?;
                self.add(&entry.path(), Links::LeftOut, depth - 1)?;
            }
            return Ok(());
        }
        match found.is_file() {
            true => drop(self.listed.files.insert(path.to_owned(), Stamp::of(&found))),
            false => drop(self.listed.left_out.insert(path.to_owned())),
        }
        if self.listed.files.len() > FILES_MAX {
            let what = format!("these are more than {FILES_MAX} files");
            return Err(BackupError::TooMuch { path: path.to_owned(), what });
        }
        Ok(())
    }
}

/// A path without detours, so that none is taken for two.
fn plain(path: &Path) -> Result<PathBuf, BackupError> {
    Ok(place_of(path)?.as_path().to_owned())
}

/// All files that are listed; none where one is gone meanwhile.
fn read_all(listed: &Listed) -> Result<Option<Gathered>, BackupError> {
    let left_out = listed.left_out.iter().cloned().collect();
    let mut gathered = Gathered { files: Vec::new(), left_out };
    let mut left = ALL_OCTETS_MAX;
    for path in listed.files.keys() {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(of_file(path)(error)),
        };
        let found = file.metadata().map_err(of_file(path))?;
        let most = left.min(FILE_OCTETS_MAX);
        let mut octets = Vec::new();
        Read::by_ref(&mut file).take(most + 1).read_to_end(&mut octets).map_err(of_file(path))?;
        if octets.len() as u64 > most {
            let what = format!(
                "with this file it is too much: one may have {} MiB, all but databases {} MiB",
                FILE_OCTETS_MAX >> 20,
                ALL_OCTETS_MAX >> 20
            );
            return Err(BackupError::TooMuch { path: path.clone(), what });
        }
        left -= octets.len() as u64;
        gathered.files.push(Small {
            place: place_of(path)?,
            octets,
            mode: mode_of(&found),
            owner: Owner::of(&found),
        });
    }
    Ok(Some(gathered))
}

pub(super) fn place_of(path: &Path) -> Result<Place, BackupError> {
    Place::of(path).map_err(|what| BackupError::TooMuch { path: path.to_owned(), what })
}

/// The permissions of a file.
pub(super) fn mode_of(found: &Metadata) -> u32 {
    found.permissions().mode() & 0o777
}

/// All folders that files lie in, the outer before the inner.
pub(super) fn folders<'a>(places: impl Iterator<Item = &'a Place>) -> Result<Vec<Folder>, BackupError> {
    let mut paths = BTreeSet::new();
    for place in places {
        paths.extend(place.as_path().ancestors().skip(1).filter(|path| *path != Path::new("/")));
    }
    let folder = |path: &Path| {
        let found = fs::metadata(path).map_err(of_file(path))?;
        Ok(Folder { path: place_of(path)?, mode: mode_of(&found), owner: Owner::of(&found) })
    };
    paths.into_iter().map(folder).collect()
}
