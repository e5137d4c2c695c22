//! The disks on which the service writes: whether they may be written, and how much is left.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, Mode, OFlags};
use rustix::io::Errno;

use crate::operations::host::disk_room;
use crate::operations::metrics::Disk;
use crate::program::config::Settings;
use crate::program::reply::DeliveryWay;
use crate::shared::text::clean;

/// What is little room, in octets, where it is also little of the disk.
const LITTLE_OCTETS: u64 = 256 << 20;
/// What is little of a disk: a part of so many.
const LITTLE_PART: u64 = 10;

/// What is kept where.
pub(super) fn places(settings: &Settings) -> Vec<(&'static str, PathBuf)> {
    let folder = |file: &Path| file.parent().map_or_else(PathBuf::new, Path::to_owned);
    let mut places = vec![
        ("journal", folder(&settings.journal.path)),
        ("site", folder(&settings.archive)),
        ("operator-mail", settings.operator_mail.maildir.clone()),
    ];
    if settings.reply.delivery == DeliveryWay::Maildir {
        places.push(("verdicts", settings.reply.maildir.clone()));
    }
    places
}

/// What was found at a place.
pub(super) struct Found {
    pub(super) disk: Disk,
    pub(super) folder: PathBuf,
    /// Why it may not be written.
    obstacle: Option<String>,
}

/// Looks at a place; none where it cannot be found out, since it is not there yet.
pub(super) fn look(place: &str, folder: &Path) -> Option<Found> {
    // A relative path of one name has an empty folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // Of one that is not there the room would be that of the folder above.
    let room = folder.exists().then(|| disk_room(folder))?.ok()?;
    let obstacle = if room.is_read_only { Some(Errno::ROFS) } else { obstacle(folder) };
    let disk = Disk {
        place: place.to_owned(),
        free_octets: room.free_octets,
        size_octets: room.whole_octets,
        writable: obstacle.is_none(),
    };
    Some(Found { disk, folder: folder.to_owned(), obstacle: obstacle.map(|errno| errno.to_string()) })
}

/// Why no file can be made in a folder. One without a name is made, where the file system has such: a disk that failed lets
/// itself be written by its rights alone.
fn obstacle(folder: &Path) -> Option<Errno> {
    let nameless = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    match rustix::fs::open(folder, nameless, Mode::RUSR | Mode::WUSR) {
        Ok(_) => None,
        Err(
            errno @ (Errno::ROFS | Errno::ACCESS | Errno::PERM | Errno::IO | Errno::NOSPC | Errno::DQUOT),
        ) => Some(errno),
        Err(_) => rustix::fs::access(folder, Access::WRITE_OK).err(),
    }
}

impl Found {
    /// What is wrong there, and what to do.
    pub(super) fn trouble(&self) -> Option<String> {
        let obstacle = self.obstacle.as_ref()?;
        let (folder, place) = (self.shown(), &self.disk.place);
        Some(format!(
            "nothing can be written to {folder} ({place}): {obstacle}; see whose the folder is, `mount` whether it is \
             read-only, and `dmesg` whether the disk failed"
        ))
    }

    /// That there is little room.
    pub(super) fn warning(&self) -> Option<String> {
        let Disk { place, free_octets, size_octets, .. } = &self.disk;
        let is_little =
            *free_octets < LITTLE_OCTETS && free_octets.saturating_mul(LITTLE_PART) < *size_octets;
        is_little.then(|| {
            format!(
                "{} MiB are left for {} ({place}): free some space on that disk; while it is full, mail is answered with a \
                 transient code, and nothing that was acknowledged is lost",
                free_octets >> 20,
                self.shown()
            )
        })
    }

    fn shown(&self) -> String {
        clean(&self.folder.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(free_mib: u64, size_mib: u64, obstacle: Option<&str>) -> Found {
        let disk = Disk {
            place: "journal".to_owned(),
            free_octets: free_mib << 20,
            size_octets: size_mib << 20,
            writable: obstacle.is_none(),
        };
        Found { disk, folder: "/var/lib/mailassay".into(), obstacle: obstacle.map(str::to_owned) }
    }

    #[test]
    fn little_room_is_little_in_itself_and_of_the_disk() {
        assert_eq!(found(300, 100_000, None).warning(), None);
        assert_eq!(found(200, 1_000, None).warning(), None);
        let told = found(90, 1_000, None).warning().expect("little room");
        assert!(told.starts_with("90 MiB are left for /var/lib/mailassay (journal): free some"), "{told}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_told_with_its_reason() {
        let told = found(9, 9, Some("Read-only file system (os error 30)")).trouble().expect("a trouble");
        assert!(told.contains("/var/lib/mailassay (journal): Read-only file system"), "{told}");
        let folder = tempfile::tempdir().expect("a folder");
        let here = look("journal", folder.path()).expect("it is there");
        assert!(here.disk.writable && here.trouble().is_none() && here.disk.size_octets > 0);
        assert!(look("journal", &folder.path().join("none")).is_none());
    }
}
