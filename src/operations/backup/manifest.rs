//! What a backup says of itself.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::shared::keyfile::Owner;
use crate::shared::time::Timestamp;

/// The form of backups that this program makes, and the latest that it reads.
pub(super) const FORM: u32 = 1;
/// The name of the manifest in the archive, where it is the first.
pub(super) const NAME: &str = "manifest.json";
/// Files lie below this folder in the archive, by their whole paths.
const FILES: &str = "files";
/// How large a manifest may be, in octets.
pub(super) const OCTETS_MAX: u64 = 16 << 20;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) form: u32,
    /// The version of the program that made it.
    pub(super) program: String,
    pub(super) made: Timestamp,
    pub(super) config: Place,
    /// All folders that files lie in, the outer before the inner.
    pub(super) folders: Vec<Folder>,
    /// All files, in the order of the archive.
    pub(super) files: Vec<Held>,
}

/// A folder that files lie in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Folder {
    pub(super) path: Place,
    pub(super) mode: u32,
    pub(super) owner: Owner,
}

/// A file of the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) path: Place,
    pub(super) octets: u64,
    /// Hexadecimal.
    pub(super) sha256: String,
    pub(super) mode: u32,
    pub(super) owner: Owner,
    /// Which database it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) database: Option<String>,
}

/// Just the form, which every form has.
#[derive(Deserialize)]
pub(super) struct Form {
    pub(super) form: u32,
}

/// A whole path without `.` and `..`: below another root it leads nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Place(String);

impl Place {
    /// A path as it is meant: relative to the present folder, and without detours.
    pub(super) fn of(path: &Path) -> Result<Self, String> {
        let path = std::path::absolute(path).map_err(|error| error.to_string())?;
        let mut plain = PathBuf::from("/");
        for part in path.components() {
            match part {
                Component::Normal(name) => plain.push(name),
                Component::ParentDir => {
                    plain.pop();
                }
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        match plain.into_os_string().into_string() {
            Ok(text) => Ok(Self(text)),
            Err(text) => Err(format!("{}: the name is not in UTF-8", text.display())),
        }
    }

    pub(super) fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// Where it lies below a root.
    pub(super) fn below(&self, root: &Path) -> PathBuf {
        root.join(self.0.trim_start_matches('/'))
    }

    /// Its name in the archive.
    pub(super) fn in_archive(&self) -> String {
        format!("{FILES}{}", self.0)
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = text.starts_with('/')
            && !text.contains('\0')
            && text.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."));
        if plain { Ok(Self(text)) } else { Err(format!("`{text}` is no whole path")) }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        assert_eq!(Place::of(Path::new("/etc/x/../y/./z")), Ok(Place("/etc/y/z".to_owned())));
        for bad in ["etc/passwd", "/", "/etc/../root", "/etc//x", "/etc/./x", "/a\0b", ""] {
            assert!(Place::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
        let place = Place::try_from("/etc/x".to_owned()).unwrap();
        assert_eq!(place.below(Path::new("/mnt/new")), Path::new("/mnt/new/etc/x"));
        assert_eq!(place.below(Path::new("/")), Path::new("/etc/x"));
    }
}
