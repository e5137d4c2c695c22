//! The room on a disk.

use std::io;
use std::path::Path;

use rustix::fs::StatVfsMountFlags;

/// How much room the disk has that a path lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskRoom {
    /// What whoever is not the superuser may still write, in octets.
    pub free_octets: u64,
    /// All of it, in octets.
    pub whole_octets: u64,
    /// How many more files there may be; none where the file system does not count them.
    pub free_files: Option<u64>,
    /// Whether it is there to be read alone.
    pub is_read_only: bool,
}

/// The room on the disk that `path` lies on, or would lie on once it is made.
///
/// # Errors
///
/// If the disk cannot be looked at.
pub fn disk_room(path: &Path) -> io::Result<DiskRoom> {
    let path = std::path::absolute(path)?;
    let there = path.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/"));
    let found = rustix::fs::statvfs(there)?;
    Ok(DiskRoom {
        free_octets: found.f_bavail.saturating_mul(found.f_frsize),
        whole_octets: found.f_blocks.saturating_mul(found.f_frsize),
        free_files: (found.f_files > 0).then_some(found.f_favail),
        is_read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_made_yet_lies_on_the_disk_of_the_folder_above() {
        let folder = tempfile::tempdir().unwrap();
        let room = disk_room(&folder.path().join("not/made/yet")).unwrap();
        assert!(room.whole_octets > 0 && room.free_octets <= room.whole_octets, "{room:?}");
        assert_eq!(disk_room(folder.path()).unwrap().whole_octets, room.whole_octets);
    }
}
