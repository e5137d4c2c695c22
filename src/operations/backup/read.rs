//! Reads a backup from its begin to its end.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use flate2::read::GzDecoder;
use tar::Archive;

use super::digest::Digesting;
use super::error::{BackupError, of_file};
use super::manifest::{FORM, Form, Held, Manifest, NAME, OCTETS_MAX};

/// How much is read at once, in octets.
const CHUNK_OCTETS: usize = 1 << 16;

/// A file of a backup, to be read once and to its end.
pub(super) struct Contained<'a> {
    from: &'a mut dyn Read,
    backup: &'a Path,
}

impl Contained<'_> {
    /// Writes it into another file.
    pub(super) fn pour(&mut self, into: &mut dyn Write, file: &Path) -> Result<(), BackupError> {
        let mut chunk = vec![0; CHUNK_OCTETS];
        loop {
            match self.from.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => into.write_all(&chunk[..count]).map_err(of_file(file))?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(damaged(self.backup, error.to_string())),
            }
        }
    }
}

/// Reads a backup: `begin` is handed the manifest, `take` each file in its order. An error of either ends it; none comes
/// late: a file is what the manifest says only when `take` has read it and this went on.
pub(super) fn each<T>(
    path: &Path,
    begin: impl FnOnce(&Manifest) -> Result<T, BackupError>,
    mut take: impl FnMut(&mut T, usize, &Held, &mut Contained<'_>) -> Result<(), BackupError>,
) -> Result<(Manifest, T), BackupError> {
    let file = File::open(path).map_err(of_file(path))?;
    let wrong = |error: io::Error| damaged(path, error.to_string());
    let mut archive = Archive::new(GzDecoder::new(io::BufReader::new(file)));
    let mut entries = archive.entries().map_err(wrong)?;
    let first = entries.next().ok_or_else(|| damaged(path, "it is empty"))?.map_err(wrong)?;
    if first.path_bytes() != NAME.as_bytes() {
        return Err(damaged(path, format!("it does not begin with {NAME}")));
    }
    let mut told = Vec::new();
    first.take(OCTETS_MAX).read_to_end(&mut told).map_err(wrong)?;
    let manifest = understand(path, &told)?;
    let mut taken = begin(&manifest)?;
    for (number, held) in manifest.files.iter().enumerate() {
        let missing = || damaged(path, format!("`{}` is missing", held.path.as_path().display()));
        let entry = entries.next().ok_or_else(missing)?.map_err(wrong)?;
        if entry.path_bytes() != held.path.in_archive().as_bytes() {
            return Err(missing());
        }
        // The manifest says how much there is to read, whatever the archive says.
        let mut from = Digesting::new(entry.take(held.octets.saturating_add(1)));
        take(&mut taken, number, held, &mut Contained { from: &mut from, backup: path })?;
        let (octets, sha256) = from.end();
        if (octets, &sha256) != (held.octets, &held.sha256) {
            let name = held.path.as_path().display();
            return Err(damaged(path, format!("`{name}` is not what the manifest says")));
        }
    }
    if entries.next().is_some() {
        return Err(damaged(path, "it holds more than its manifest says"));
    }
    // What follows the archive is the digest of gzip.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(wrong)?;
    Ok((manifest, taken))
}

fn understand(path: &Path, told: &[u8]) -> Result<Manifest, BackupError> {
    let unread = |error: serde_json::Error| damaged(path, format!("its manifest does not read: {error}"));
    let Form { form: found } = serde_json::from_slice(told).map_err(unread)?;
    match found.cmp(&FORM) {
        Ordering::Equal => serde_json::from_slice(told).map_err(unread),
        Ordering::Greater => Err(BackupError::Later { path: path.to_owned(), found, known: FORM }),
        Ordering::Less => Err(damaged(path, format!("it has the form {found}"))),
    }
}

pub(super) fn damaged(path: &Path, why: impl Into<String>) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), why: why.into() }
}
