//! Puts back what is in a backup, whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use sqlx::Connection;

use crate::shared::database::sqlite::{self, Unfit};
use crate::shared::keyfile::Owner;
use crate::shared::time::Timestamp;

use super::error::{BackupError, of_database, of_file};
use super::manifest::{Folder, Manifest};
use super::read::{damaged, each};
use super::scratch::{BESIDE_A_DATABASE, Scratch, beside};
use super::{Backup, Kind};

/// Reads all of a backup, and says what it is. Nothing is written.
///
/// # Errors
///
/// If it is none, is not whole, or a later version made it.
pub fn look(from: &Path) -> Result<Backup, BackupError> {
    let (manifest, ()) = each(from, |_| Ok(()), |(), _, _, file| file.pour(&mut io::sink(), from))?;
    let octets = fs::metadata(from).map_err(of_file(from))?.len();
    Ok(told(&manifest, octets))
}

fn told(manifest: &Manifest, octets: u64) -> Backup {
    let databases = manifest
        .files
        .iter()
        .filter_map(|file| Some((file.database.clone()?, file.path.as_path().to_owned(), file.octets)));
    let databases: Vec<_> = databases.collect();
    Backup {
        made: manifest.made,
        program: manifest.program.clone(),
        config: manifest.config.as_path().to_owned(),
        files: manifest.files.len() - databases.len(),
        databases,
        octets,
        left_out: Vec::new(),
    }
}

/// Puts everything back below `root` at `now`, with its permissions and, if root does it, its owners. `kinds` are the
/// databases that this program knows.
///
/// # Errors
///
/// If the backup is not whole, holds a database of a later version, or anything is in the way or cannot be written. Then
/// nothing was restored.
pub async fn restore(
    from: &Path,
    root: &Path,
    kinds: &[Kind],
    now: Timestamp,
) -> Result<Backup, BackupError> {
    // All of it is read before anything is written.
    look(from)?;
    let begin = |manifest: &Manifest| {
        let in_the_way = in_the_way(manifest, root);
        if !in_the_way.is_empty() {
            return Err(BackupError::InTheWay(in_the_way));
        }
        let mut scratch = Scratch::default();
        for folder in &manifest.folders {
            make_folder(folder, root, &mut scratch)?;
        }
        Ok(scratch)
    };
    let (manifest, mut scratch) = each(from, begin, |scratch, _, held, contained| {
        let place = held.path.below(root);
        let staged = staged(&place);
        let failed = of_file(&staged);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged).map_err(&failed)?;
        scratch.made(&staged);
        contained.pour(&mut file, &staged)?;
        finish(&file, &held.owner, held.mode, &staged)
    })?;
    for held in &manifest.files {
        if let Some(name) = &held.database {
            let staged = staged(&held.path.below(root));
            let kind = kinds.iter().find(|kind| kind.name == name);
            let kind = kind.ok_or_else(|| damaged(from, format!("nobody knows the database `{name}`")))?;
            usable(*kind, &staged, &held.path.below(root)).await?;
            if let Some(statement) = kind.on_restore {
                let noted = sqlite::write(&staged, statement, &now.as_microsecond().to_be_bytes()).await;
                noted.map_err(of_database(&staged))?;
            }
        }
    }
    // The configuration comes last, when all else is on the disk: without it no service starts on a part of the rest.
    let (config, others): (Vec<_>, Vec<_>) =
        manifest.files.iter().partition(|held| held.path.as_path() == manifest.config.as_path());
    for files in [others, config] {
        for held in files {
            let place = held.path.below(root);
            let staged = staged(&place);
            fs::rename(&staged, &place).map_err(of_file(&place))?;
            scratch.rename(&staged, &place);
        }
        onto_disk(&manifest, root)?;
    }
    scratch.keep();
    Ok(told(&manifest, fs::metadata(from).map_err(of_file(from))?.len()))
}

/// Sees that the names in all folders are on the disk.
fn onto_disk(manifest: &Manifest, root: &Path) -> Result<(), BackupError> {
    let files = manifest.files.iter().filter_map(|held| held.path.below(root).parent().map(Path::to_owned));
    let folders: BTreeSet<_> =
        manifest.folders.iter().map(|folder| folder.path.below(root)).chain(files).collect();
    for folder in folders {
        File::open(&folder).and_then(|open| open.sync_all()).map_err(of_file(&folder))?;
    }
    Ok(())
}

/// The name of a file that is not finished.
fn staged(place: &Path) -> PathBuf {
    beside(place, ".restoring")
}

/// What is there already and would be overwritten, or would spoil what is restored.
fn in_the_way(manifest: &Manifest, root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for held in &manifest.files {
        let place = held.path.below(root);
        let besides = BESIDE_A_DATABASE.iter().filter(|_| held.database.is_some());
        let all = besides.map(|ending| beside(&place, ending)).chain([staged(&place)]);
        found
            .extend([place.clone()].into_iter().chain(all).filter(|path| fs::symlink_metadata(path).is_ok()));
    }
    found
}

/// Makes a folder as it was, where there is none.
fn make_folder(folder: &Folder, root: &Path, scratch: &mut Scratch) -> Result<(), BackupError> {
    let path = folder.path.below(root);
    if path.is_dir() {
        return Ok(());
    }
    let failed = of_file(&path);
    let above = path.parent().unwrap_or(root);
    fs::create_dir_all(above).map_err(&failed)?;
    DirBuilder::new().mode(0o700).create(&path).map_err(&failed)?;
    scratch.made(&path);
    // Not by its name, which the owner of the folder above may give to something else in between.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let made = rustix::fs::open(&path, flags, Mode::empty()).map_err(|error| failed(error.into()))?;
    finish(&File::from(made), &folder.owner, folder.mode, &path)
}

/// Gives what was made its owner and its permissions, and writes it onto the disk.
fn finish(made: &File, owner: &Owner, mode: u32, path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    owner
        .take(made, folder)
        // Nobody may set more than permissions by what a manifest says.
        .and_then(|()| made.set_permissions(Permissions::from_mode(mode & 0o777)))
        .and_then(|()| made.sync_all())
        .map_err(of_file(path))
}

/// Whether this program can use a database that was put back. An earlier version's is brought forward at the start.
async fn usable(kind: Kind, staged: &Path, place: &Path) -> Result<(), BackupError> {
    let failed = of_database(place);
    let mut connection = sqlite::open_to_read(staged).await.map_err(&failed)?;
    match sqlite::check(&mut connection, &kind.schema).await {
        Ok(()) | Err(Unfit::Older { .. }) => {}
        Err(source) => return Err(BackupError::Database { path: place.to_owned(), source }),
    }
    let faults = sqlite::faults(&mut connection, 1).await.map_err(&failed)?;
    connection.close().await.map_err(&failed)?;
    match faults.into_iter().next() {
        None => Ok(()),
        Some(fault) => Err(BackupError::DamagedDatabase { path: place.to_owned(), fault }),
    }
}
