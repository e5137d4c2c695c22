//! Files that hold a secret: private keys and passwords. Whoever reads one of them here finds out that others may read
//! it, too; whoever makes one makes it for its owner alone, and whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

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
    let file = File::open(path)?;
    // Of the file that is open, so that nobody exchanges it in between.
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
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

/// Writes a file with a secret, and its folder where there is none: whole on disk under another name before it has its
/// own, so that a crash leaves none or all of it.
///
/// # Errors
///
/// If it cannot be written.
pub fn write(path: &Path, secret: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let unfinished = path.with_added_extension("part");
    // What a crash left may have other permissions; where there is nothing, there is nothing to do.
    let _ = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // The name is on disk only when the folder is.
    File::open(folder)?.sync_all()
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
        for (mode, fits) in
            [(0o400, true), (0o700, true), (0o640, false), (0o604, false), (0o620, false), (0o601, false)]
        {
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
    fn what_is_too_large_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, &vec![b'x'; 65_536]).unwrap();
        assert!(read(&path).is_ok());
        write(&path, &vec![b'x'; 65_537]).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
