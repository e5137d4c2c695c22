//! The file that says in which stage each key of a zone is. It is the truth: the service and the commands beside it read
//! it, and whoever changes it holds a lock.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};

use super::plan::{self, Key, Next, Role, Stage};
use crate::sending::authority::zone::records::ZoneError;
use crate::shared::keyfile;
use crate::shared::time::Timestamp;

/// One key of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    pub role: Role,
    /// Its key tag.
    pub tag: u16,
    pub stage: Stage,
    /// Since when it is in this stage.
    pub since: Timestamp,
    /// What it goes on to.
    pub next: Next,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    key: Vec<Key>,
}

const HEAD: &str = "\
# In which stage each DNSSEC key of the zone is, and since when. `mailassay serve` keeps it, and `mailassay zone keys`
# explains it. Keep it with the keys: without it nobody knows which of them is in use.

";

/// The names of a zone's files in the folder of keys.
#[derive(Clone, Debug)]
pub(super) struct Names {
    folder: PathBuf,
    /// With the final dot, which stands before what the file is; the root is `root.`.
    zone: String,
}

impl Names {
    pub(super) fn new(folder: &Path, apex: &Name) -> Self {
        let apex = apex.to_lowercase();
        let zone = if apex.is_root() { "root.".to_owned() } else { apex.to_ascii().replace('/', "_") };
        Self { folder: folder.to_owned(), zone }
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The file of the first key of a role.
    pub(super) fn first(&self, role: Role) -> String {
        format!("{}{}.p8", self.zone, word(role))
    }

    /// The file of a key that came later.
    pub(super) fn later(&self, role: Role, tag: u16) -> String {
        format!("{}{}-{tag}.p8", self.zone, word(role))
    }

    /// Whether a file is one of the zone's keys.
    pub(super) fn are_of(&self, file: &str) -> bool {
        let rest = file.strip_prefix(&self.zone);
        rest.is_some_and(|rest| rest.ends_with(".p8") && !rest[..rest.len() - 3].contains('.'))
    }

    /// The file with the stages.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.join(format!("{}keys.toml", self.zone))
    }

    /// Keys that only a state could have made, and that are there.
    fn later_ones(&self) -> Option<PathBuf> {
        let is_later = |name: &str| {
            [Role::Ksk, Role::Zsk].iter().any(|role| {
                let rest = name.strip_prefix(&format!("{}{}-", self.zone, word(*role)));
                rest.is_some_and(|rest| rest.ends_with(".p8"))
            })
        };
        let found = fs::read_dir(&self.folder).ok()?.flatten();
        found
            .map(|entry| entry.path())
            .find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_later))
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Ksk => "ksk",
        Role::Zsk => "zsk",
    }
}

/// An error about one of the files.
pub(super) fn fault(path: &Path, reason: impl std::fmt::Display) -> ZoneError {
    ZoneError::Key { path: path.display().to_string(), reason: reason.to_string() }
}

/// What is kept; none where the zone is new, or was served before keys were rolled over.
pub(super) fn read(names: &Names) -> Result<Option<Vec<Key>>, ZoneError> {
    let path = names.state();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match names.later_ones() {
                None => Ok(None),
                Some(key) => Err(fault(
                    &path,
                    format!(
                        "it is not there, and {} is: which keys are in use is not known, and a wrong one makes the zone \
                         bogus; restore it from the backup",
                        key.display()
                    ),
                )),
            };
        }
        Err(error) => return Err(fault(&path, keyfile::told(&path, keyfile::Want::Read, error))),
    };
    let kept: Kept = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        fault(&path, format!("line {line}: {}; restore it from the backup", error.message()))
    })?;
    let escapes = |key: &Key| key.file.contains('/') || key.file.starts_with('.');
    if kept.key.iter().any(escapes) {
        return Err(fault(&path, "a key's file lies in this folder: write its name alone"));
    }
    match plan::fault(&kept.key) {
        Some(reason) => Err(fault(&path, format!("{reason}; restore it from the backup"))),
        None => Ok(Some(kept.key)),
    }
}

/// Writes what is to be kept, whole or not at all.
pub(super) fn write(names: &Names, keys: &[Key]) -> Result<(), ZoneError> {
    let path = names.state();
    let text = toml::to_string(&Kept { key: keys.to_vec() }).map_err(|error| fault(&path, error))?;
    keyfile::write(&path, (HEAD.to_owned() + &text).as_bytes()).map_err(|error| fault(&path, error))
}

/// Whoever changes a state holds this, so that a command and the service do not do so at the same time. It is the folder
/// that is locked: a file for that would belong to whoever came first.
pub(super) fn lock(names: &Names) -> Result<File, ZoneError> {
    let open = || {
        keyfile::make_folder(&names.folder)?;
        let folder = File::open(&names.folder)?;
        folder.lock()?;
        Ok(folder)
    };
    let folder = &names.folder;
    open().map_err(|error| fault(folder, keyfile::told(folder, keyfile::Want::Write, error)))
}
