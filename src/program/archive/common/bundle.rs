//! What a place on this host holds that all nodes are to have: a file, or a folder with what lies below it, as one whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::shared::keyfile::{self, Want, told};

/// How large one file may be, and all of a place, in octets.
const FILE_OCTETS_MAX: u64 = 1 << 20;
const PLACE_OCTETS_MAX: usize = 32 << 20;
/// How deep folders lie in one another.
const DEPTH_MAX: usize = 4;
/// How often a place is read in vain that changes meanwhile.
const READINGS_MAX: u32 = 20;
/// How many versions of a place there are from which files went that are kept.
const FORMER_VERSIONS_MAX: usize = 5;
/// Which files are each node's own: the last serial, what marks a folder that nodes see all, and what is not whole yet.
const OWN: [&str; 2] = ["serial", ".mailassay-shared"];

/// A place on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key of its setting.
    pub name: &'static str,
    pub path: PathBuf,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// All files of a place, by their paths below it; of a place that is a file there is one, without a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Bundle(BTreeMap<String, Held>);

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    mode: u32,
    base64: String,
}

impl Bundle {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a place holds, as it was at one time, without what lies at `others`. A place that is not there holds nothing.
    pub(super) fn read(place: &Place, others: &[&Path]) -> io::Result<Self> {
        let _no_roll_meanwhile = lock(place)?;
        let mut last = Self::once(place, others)?;
        for _ in 1..READINGS_MAX {
            let again = Self::once(place, others)?;
            if again == last {
                return Ok(again);
            }
            last = again;
        }
        Err(io::Error::new(ErrorKind::ResourceBusy, "it changes all the time"))
    }

    fn once(place: &Place, others: &[&Path]) -> io::Result<Self> {
        let mut bundle = Self::default();
        if place.is_folder {
            bundle.gather(&place.path, "", others, DEPTH_MAX)?;
        } else {
            bundle.take(&place.path, String::new())?;
        }
        if bundle.0.values().map(|held| held.base64.len()).sum::<usize>() > PLACE_OCTETS_MAX {
            return Err(io::Error::new(
                ErrorKind::FileTooLarge,
                format!("it holds more than {PLACE_OCTETS_MAX} octets"),
            ));
        }
        Ok(bundle)
    }

    fn gather(&mut self, folder: &Path, below: &str, others: &[&Path], depth: usize) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(told(folder, Want::Read, error)),
        };
        for entry in entries {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if OWN.contains(&name) || name.ends_with(".part") || others.contains(&path.as_path()) {
                continue;
            }
            let place = format!("{below}{name}");
            if !path.is_dir() {
                self.take(&path, place)?;
            } else if depth > 1 {
                self.gather(&path, &format!("{place}/"), others, depth - 1)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, place: String) -> io::Result<()> {
        // What went in between is not there.
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(told(path, Want::Read, error)),
        };
        let mode = file.metadata()?.permissions().mode() & 0o777;
        let mut octets = Vec::new();
        file.take(FILE_OCTETS_MAX + 1).read_to_end(&mut octets)?;
        if octets.len() as u64 > FILE_OCTETS_MAX {
            let why = format!("{}: it has more than {FILE_OCTETS_MAX} octets", path.display());
            return Err(io::Error::new(ErrorKind::FileTooLarge, why));
        }
        self.0.insert(place, Held { mode, base64: BASE64.encode(&octets) });
        Ok(())
    }

    /// Which of these files `own` lacks that is this in all else: they vanished, as nothing was changed that names others.
    pub(super) fn vanished(&self, own: &Self) -> Vec<&str> {
        match own.0.iter().all(|(name, held)| self.0.get(name) == Some(held)) {
            true => self.0.keys().filter(|name| !own.0.contains_key(*name)).map(String::as_str).collect(),
            false => Vec::new(),
        }
    }

    /// Makes a place hold this and nothing else of its kind. What says how far keys are comes after the keys, and what is to
    /// go goes last, into the folder `former`, so that whoever reads meanwhile finds what is named and nothing is lost.
    pub(super) fn write(&self, place: &Place, others: &[&Path], former: &Path) -> io::Result<()> {
        if place.is_folder {
            keyfile::make_folder(&place.path)?;
        }
        let _no_roll_meanwhile = lock(place)?;
        let before = Self::once(place, others)?;
        let is_state = |name: &str| name.ends_with(".toml") || name.ends_with("pool.json");
        let (states, keys): (Vec<_>, Vec<_>) = self.0.iter().partition(|(name, _)| is_state(name));
        for (name, held) in keys.into_iter().chain(states) {
            if before.0.get(name) == Some(held) {
                continue;
            }
            keyfile::write_whole(&within(place, name)?, &held.octets()?, held.mode & 0o777)?;
        }
        for (name, held) in before.0.iter().filter(|(name, _)| !self.0.contains_key(*name)) {
            // Written anew, as it may be another file system.
            let kept = if name.is_empty() { former.join(place.name) } else { former.join(name) };
            keyfile::write(&kept, &held.octets()?)?;
            fs::remove_file(within(place, name)?)?;
        }
        Ok(())
    }

    pub(super) fn to_octets(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn from_octets(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok()
    }

    /// By which two are known to be the same.
    pub(super) fn digest(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.to_octets()))
    }
}

impl Held {
    fn octets(&self) -> io::Result<Vec<u8>> {
        let octets = BASE64.decode(self.base64.as_bytes());
        octets.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
    }
}

/// Removes what became of a place's files long ago: all but the last versions in the folder `former`.
pub(super) fn thin_out(former: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(former) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(told(former, Want::Read, error)),
    };
    let mut versions = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        versions.extend(name.to_str().and_then(|name| name.parse::<i64>().ok()));
    }
    versions.sort_unstable_by(|one, other| other.cmp(one));
    for version in versions.into_iter().skip(FORMER_VERSIONS_MAX) {
        fs::remove_dir_all(former.join(version.to_string()))?;
    }
    Ok(())
}

/// Where a file of a place lies: never outside it, whoever made the bundle.
fn within(place: &Place, name: &str) -> io::Result<PathBuf> {
    if !place.is_folder && name.is_empty() {
        return Ok(place.path.clone());
    }
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    match place.is_folder && name.split('/').all(is_plain) {
        true => Ok(place.path.join(name)),
        false => Err(io::Error::new(ErrorKind::InvalidData, format!("a file `{name}` is no part of it"))),
    }
}

/// Whoever rolls keys over holds the lock of their folder (`sending::authority`).
fn lock(place: &Place) -> io::Result<Option<File>> {
    if !place.is_folder {
        return Ok(None);
    }
    let folder = match File::open(&place.path) {
        Ok(folder) => folder,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(&place.path, Want::Read, error)),
    };
    folder.lock()?;
    Ok(Some(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &Path) -> Place {
        Place { name: "zone.keys", path: path.to_owned(), is_folder: true }
    }

    #[test]
    fn a_place_becomes_as_the_other_is_and_keeps_what_is_its_own() {
        let room = tempfile::tempdir().unwrap();
        let (one, other) = (folder(&room.path().join("one")), folder(&room.path().join("other")));
        let aside = other.path.join("dkim.pem");
        assert!(Bundle::read(&one, &[]).unwrap().is_empty());
        for (name, text) in
            [("a.p8", "key"), ("acme/1-1.key.pem", "key"), ("a.keys.toml", "state"), ("serial", "1")]
        {
            keyfile::write(&one.path.join(name), text.as_bytes()).unwrap();
        }
        keyfile::write_whole(&one.path.join("ca.pem"), b"public", 0o644).unwrap();
        for (name, text) in [("old.p8", "old"), ("serial", "2"), ("a.p8", "other"), ("dkim.pem", "aside")] {
            keyfile::write(&other.path.join(name), text.as_bytes()).unwrap();
        }
        let bundle = Bundle::from_octets(&Bundle::read(&one, &[]).unwrap().to_octets()).unwrap();
        let former = room.path().join("former/zone.keys/7");
        bundle.write(&other, &[&aside], &former).unwrap();
        assert_eq!(Bundle::read(&other, &[&aside]).unwrap(), bundle);
        let text = |name: &str| fs::read_to_string(other.path.join(name)).ok();
        assert_eq!(text("a.p8").as_deref(), Some("key"));
        assert_eq!((text("serial").as_deref(), text("dkim.pem").as_deref()), (Some("2"), Some("aside")));
        assert_eq!(text("old.p8"), None);
        assert_eq!(fs::read_to_string(former.join("old.p8")).unwrap(), "old", "nothing is lost");
        for folder in [former.as_path(), former.parent().unwrap()] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        let mode = |name: &str| fs::metadata(other.path.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("a.p8"), mode("ca.pem")), (0o600, 0o644));
    }

    #[test]
    fn nothing_is_written_outside() {
        let room = tempfile::tempdir().unwrap();
        let place = folder(&room.path().join("keys"));
        for name in ["../evil", "/etc/evil", "a/../../evil", ""] {
            let held = Held { mode: 0o600, base64: String::new() };
            let bundle = Bundle([(name.to_owned(), held)].into());
            assert!(bundle.write(&place, &[], &room.path().join("former")).is_err(), "{name}");
        }
        assert!(!room.path().join("evil").exists());
    }

    #[test]
    fn the_last_versions_are_kept() {
        let room = tempfile::tempdir().unwrap();
        let former = room.path().join("zone.keys");
        thin_out(&former).unwrap();
        for version in [9, 10, 100, 2, 30, 31, 1_000] {
            keyfile::write(&former.join(version.to_string()).join("acme/a.p8"), b"key").unwrap();
        }
        thin_out(&former).unwrap();
        let is_kept = |version: i64| former.join(version.to_string()).exists();
        assert!([10, 30, 31, 100, 1_000].into_iter().all(is_kept));
        assert!(![2, 9].into_iter().any(is_kept));
    }
}
