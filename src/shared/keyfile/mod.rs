//! Files that hold a secret: private keys and passwords. Whoever reads one of them here finds out that others may read
//! it, too; whoever makes one makes it for its owner alone, and whole or not at all. What root makes belongs to whoever
//! has the folder: to the user that serves. Who may not read or write learns whose the file is, and what to do ([`Who`]).

mod keeping;
mod owner;
mod unfinished;
mod who;

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

pub use keeping::Keeping;
pub use owner::Owner;
pub use who::{Want, Who, told};

/// How large a file with a secret may be, in octets: a key of 16384 bits and its comments are far smaller.
const OCTETS_MAX: u64 = 65_536;
/// The permissions of everybody but the owner.
const OTHERS: u32 = 0o077;

/// What a file with a secret holds.
///
/// # Errors
///
/// If there is none, it cannot be read, is too large, or others than its owner may read it. The error says what to do, and is to be
/// told with the file's name.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| told(path, Want::Read, error))?;
    // Of the file that is open, so that nobody exchanges it in between.
    let found = file.metadata()?;
    let mode = found.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 && !is_credential(&found) {
        let path = path.display();
        let told = format!(
            "others than its owner may read it (mode {mode:04o}); `chmod 600 {path}`, and if somebody may have, replace \
             the secret"
        );
        return Err(io::Error::new(ErrorKind::PermissionDenied, told));
    }
    let mut held = Vec::new();
    file.take(OCTETS_MAX + 1).read_to_end(&mut held)?;
    if held.len() as u64 > OCTETS_MAX {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {OCTETS_MAX} octets")));
    }
    Ok(held)
}

/// Whether a file looks as systemd's credentials do: root's, for root's group besides, and for nobody to write. The group's
/// permission is there the mask of the list that lets the service read it (acl(5)), and of root's group nobody else is.
fn is_credential(found: &Metadata) -> bool {
    found.permissions().mode() & 0o7777 == 0o440 && (found.uid(), found.gid()) == (0, 0)
}

/// Writes a file with a secret, and its folder where there is none, for its owner alone (0600), as [`write_whole`] does.
///
/// # Errors
///
/// If it cannot be written. The error says what to do, and is to be told with the file's name.
pub fn write(path: &Path, secret: &[u8]) -> io::Result<()> {
    write_whole(path, secret, 0o600)
}

/// Writes a file with permissions `mode`, and its folder where there is none (0700): whole on disk under another name
/// before it has its own, so that a crash leaves none or all of it. Where root writes, file and folder belong to the
/// owner of the folder above them.
///
/// # Errors
///
/// If it cannot be written. The error says what to do, and is to be told with the file's name.
pub fn write_whole(path: &Path, octets: &[u8], mode: u32) -> io::Result<()> {
    written(path, octets, mode).map_err(|error| told(path, Want::Write, error))
}

fn written(path: &Path, octets: &[u8], mode: u32) -> io::Result<()> {
    let folder = folder_of(path);
    make_folder(folder)?;
    unfinished::sweep(path);
    let (mut file, unfinished) = unfinished::open(path, mode)?;
    let mut finish = || {
        belong_to_owner_of(&file, folder)?;
        file.write_all(octets)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    if let Err(error) = finish() {
        // A full disk has no room for what is no use.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    // The name is on disk only when the folder is.
    File::open(folder)?.sync_all()
}

/// Makes a folder for its owner alone (0700), and those above it, where there are none. Where root does, each belongs to
/// the owner of the one above it.
///
/// # Errors
///
/// If it cannot be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    if above != path {
        make_folder(above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            // Not by its name, which its owner may give to something else in between.
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
            let made = rustix::fs::open(path, flags, Mode::empty())?;
            belong_to_owner_of(&File::from(made), above)
        }
        // Another process may have made it.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// The folder that a file lies in; the present one where the path names none.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// Gives what root has made to the owner of `folder`; of others' it is theirs already.
///
/// # Errors
///
/// If the folder cannot be looked at, or what was made cannot be given away.
pub fn belong_to_owner_of(made: &File, folder: &Path) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let folder = fs::metadata(folder)?;
    if folder.uid() == 0 {
        return Ok(());
    }
    fchown(made, Some(folder.uid()), Some(folder.gid()))
}

/// Makes an empty file for its owner alone where there is none. What there is stays as it is.
///
/// # Errors
///
/// If it cannot be opened for writing.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600).open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/dkim.pem");
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::NotFound);
        write(&path, b"secret").unwrap();
        assert_eq!(read(&path).unwrap(), b"secret");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // Of root's, it could be a credential.
        let is_roots = rustix::process::geteuid().is_root();
        let others = [(0o640, false), (0o604, false), (0o620, false), (0o601, false), (0o440, is_roots)];
        for (mode, fits) in [(0o400, true), (0o700, true)].into_iter().chain(others) {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match read(&path) {
                Ok(_) => assert!(fits, "{mode:o}"),
                Err(error) => {
                    let told = error.to_string();
                    assert!(
                        !fits && told.contains(&format!("chmod 600 {}", path.display())),
                        "{mode:o}: {told}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_a_crash_left_does_not_decide_who_reads_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        // Of this host's, and of a process that is no more.
        let left = unfinished::name(&path, i32::MAX.unsigned_abs(), 0);
        for (before, mode) in [(0o644, 0o600), (0o600, 0o644)] {
            fs::write(&left, "half of").unwrap();
            fs::set_permissions(&left, fs::Permissions::from_mode(before)).unwrap();
            write_whole(&path, b"it", mode).unwrap();
            assert_eq!((fs::read(&path).unwrap(), left.exists()), (b"it".to_vec(), false));
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn what_is_too_large_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, &vec![b'x'; 65_536]).unwrap();
        assert!(read(&path).is_ok());
        write(&path, &vec![b'x'; 65_537]).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn what_root_makes_belongs_to_whoever_has_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let owner = |path: &Path| fs::metadata(path).unwrap().uid();
        let mine = rustix::process::geteuid();
        if mine.is_root() {
            std::os::unix::fs::chown(folder.path(), Some(4_321), Some(4_321)).unwrap();
        }
        let path = folder.path().join("keys/deeper/key.pem");
        write(&path, b"secret").unwrap();
        let expected = if mine.is_root() { 4_321 } else { mine.as_raw() };
        for made in [&path, path.parent().unwrap(), &folder.path().join("keys")] {
            assert_eq!(owner(made), expected, "{}", made.display());
        }
        assert_eq!(fs::metadata(folder.path().join("keys")).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(read(&path).unwrap(), b"secret");
    }
}
