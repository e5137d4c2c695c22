//! Makes a backup.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sqlx::Connection;
use tar::{Builder, Header};

use crate::shared::database::sqlite::{self, Unfit};
use crate::shared::keyfile::{Owner, folder_of};
use crate::shared::time::Timestamp;

use super::digest::digest;
use super::error::{BackupError, of_database, of_file};
use super::gather::{Gathered, folders, gather, mode_of, place_of};
use super::manifest::{FORM, Held, Manifest, NAME};
use super::restore::look;
use super::scratch::{Scratch, beside};
use super::{Backup, Contents, Kind};

/// Writes a backup to `to`, which must not be there yet. The service may run meanwhile, and waits for nothing.
///
/// # Errors
///
/// If anything cannot be read, is damaged, or the backup cannot be written whole. Then there is none.
pub async fn make(
    to: &Path,
    contents: &Contents,
    program: &str,
    made: Timestamp,
) -> Result<Backup, BackupError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let mut scratch = Scratch::default();
    let mut copies = Vec::new();
    for (kind, path) in &contents.databases {
        let copy = beside(to, &format!(".{}.part", kind.name));
        copies.push((copy_of(*kind, path, &copy, &mut scratch).await?, copy));
    }
    let gathered = gather(contents)?;
    let databases = copies.iter().map(|(held, _)| held.clone());
    let files = databases.chain(gathered.files.iter().map(|file| {
        let (octets, sha256) = digest(file.octets.as_slice()).unwrap_or_default();
        let (path, owner) = (file.place.clone(), file.owner.clone());
        Held { path, octets, sha256, mode: file.mode, owner, database: None }
    }));
    let files: Vec<Held> = files.collect();
    let manifest = Manifest {
        form: FORM,
        program: program.to_owned(),
        made,
        config: place_of(&contents.config)?,
        folders: folders(files.iter().map(|file| &file.path))?,
        files,
    };
    let part = beside(to, ".part");
    write(&part, &manifest, &copies, &gathered, &mut scratch)?;
    // What cannot be read back is no backup.
    let backup = Backup { left_out: gathered.left_out, ..look(&part)? };
    if fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    fs::rename(&part, to).map_err(of_file(to))?;
    // The name is on disk only when the folder is.
    let folder = folder_of(to);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(of_file(folder))?;
    Ok(backup)
}

/// Copies a database as it is at this moment, and looks whether the copy is whole.
async fn copy_of(kind: Kind, path: &Path, copy: &Path, scratch: &mut Scratch) -> Result<Held, BackupError> {
    let Ok(found) = fs::metadata(path) else { return Err(BackupError::NoDatabase(path.to_owned())) };
    let unusable = |source| BackupError::Database { path: path.to_owned(), source };
    let mut connection = sqlite::open_to_read(path).await.map_err(of_database(path))?;
    match sqlite::check(&mut connection, &kind.schema).await {
        // Who has just installed a later version wants a backup before it brings the file forward.
        Ok(()) | Err(Unfit::Older { .. }) => {}
        Err(unfit) => return Err(unusable(unfit)),
    }
    connection.close().await.map_err(of_database(path))?;
    // What a crash left.
    let _ = fs::remove_file(copy);
    scratch.made(copy);
    sqlite::copy(path, copy).await.map_err(of_database(path))?;
    let mut connection = sqlite::open_to_read(copy).await.map_err(of_database(copy))?;
    let faults = sqlite::faults(&mut connection, 1).await.map_err(of_database(path))?;
    connection.close().await.map_err(of_database(copy))?;
    if let Some(fault) = faults.into_iter().next() {
        return Err(BackupError::DamagedDatabase { path: path.to_owned(), fault });
    }
    let (octets, sha256) = File::open(copy).and_then(digest).map_err(of_file(copy))?;
    let (mode, owner) = (mode_of(&found), Owner::of(&found));
    Ok(Held { path: place_of(path)?, octets, sha256, mode, owner, database: Some(kind.name.to_owned()) })
}

/// Writes the archive, and all of it onto the disk.
fn write(
    part: &Path,
    manifest: &Manifest,
    copies: &[(Held, PathBuf)],
    gathered: &Gathered,
    scratch: &mut Scratch,
) -> Result<(), BackupError> {
    let failed = of_file(part);
    let _ = fs::remove_file(part);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(&failed)?;
    scratch.made(part);
    let mut archive = Builder::new(GzEncoder::new(file, Compression::default()));
    let told = serde_json::to_vec_pretty(manifest).map_err(|error| failed(error.into()))?;
    let made = manifest.made;
    append(&mut archive, NAME, (told.len() as u64, 0o600), made, told.as_slice()).map_err(&failed)?;
    let small = gathered.files.iter().map(|file| file.octets.as_slice());
    let (large, rest) = manifest.files.split_at(copies.len());
    for (held, (_, copy)) in large.iter().zip(copies) {
        let copy = File::open(copy).map_err(of_file(copy))?;
        let name = held.path.in_archive();
        append(&mut archive, &name, (held.octets, held.mode), made, copy).map_err(&failed)?;
    }
    for (held, octets) in rest.iter().zip(small) {
        let name = held.path.in_archive();
        append(&mut archive, &name, (held.octets, held.mode), made, octets).map_err(&failed)?;
    }
    let file = archive.into_inner().and_then(GzEncoder::finish).map_err(&failed)?;
    file.sync_all().map_err(&failed)
}

fn append(
    archive: &mut Builder<GzEncoder<File>>,
    name: &str,
    (octets, mode): (u64, u32),
    made: Timestamp,
    from: impl Read,
) -> std::io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(octets);
    header.set_mode(mode);
    header.set_mtime(u64::try_from(made.as_second()).unwrap_or(0));
    archive.append_data(&mut header, name, from)
}
