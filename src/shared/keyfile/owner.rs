//! Whose a file is, by names: the numbers are others on another host.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use serde::{Deserialize, Serialize};

const USERS: &str = "/etc/passwd";
const GROUPS: &str = "/etc/group";

/// The user and the group that a file belongs to. One without a name stands as its number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner {
    pub user: String,
    pub group: String,
}

impl Owner {
    /// The owner of a file, from what the system says of it.
    pub fn of(found: &Metadata) -> Self {
        let name = |list, number: u32| name_of(list, number).unwrap_or_else(|| number.to_string());
        Self { user: name(USERS, found.uid()), group: name(GROUPS, found.gid()) }
    }

    /// Gives a file or folder that this has made in `folder` to this owner, if this runs as root, who alone may; else it
    /// stays whose it is. Of names that this host does not know, the owner of the folder has it.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn take(&self, made: &File, folder: &Path) -> io::Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let folder = fs::metadata(folder)?;
        let user = number_of(USERS, &self.user).unwrap_or(folder.uid());
        let group = number_of(GROUPS, &self.group).unwrap_or(folder.gid());
        fchown(made, Some(user), Some(group))
    }
}

/// The first field of a line is the name, and the third the number, of users (passwd(5)) and of groups (group(5)).
pub(super) fn name_of(list: &str, number: u32) -> Option<String> {
    let lines = fs::read_to_string(list).ok()?;
    let name = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    };
    lines.lines().find_map(name)
}

/// A number that stands for itself had no name where it was noted; here it may be another's.
fn number_of(list: &str, name: &str) -> Option<u32> {
    let lines = fs::read_to_string(list).ok()?;
    let number = |line: &str| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    };
    lines.lines().find_map(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_by_name() {
        let root = Owner::of(&fs::metadata("/").unwrap());
        assert_eq!(root, Owner { user: "root".to_owned(), group: "root".to_owned() });
        assert_eq!((number_of(USERS, "root"), number_of(USERS, "no such user")), (Some(0), None));
        assert_eq!(number_of(GROUPS, "4294967294"), None);
    }
}
