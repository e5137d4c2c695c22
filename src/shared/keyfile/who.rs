//! Who may read and write, whose a file is, and what to do about it.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::owner;

/// How many links are followed from one path.
const LINKS_MAX: usize = 8;

/// What somebody wants of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    Read,
    /// To write it, or to make it.
    Write,
}

/// A user of this system, as far as files are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    uid: u32,
    groups: Vec<u32>,
}

impl Who {
    /// Whoever runs this.
    pub fn this() -> Self {
        let gid = rustix::process::getegid().as_raw();
        Self::with(rustix::process::geteuid().as_raw(), gid)
    }

    /// The owner of `folder`, or of the nearest one above it that there is.
    ///
    /// # Errors
    ///
    /// If it cannot be looked at.
    pub fn owns(folder: &Path) -> io::Result<Self> {
        let found = fs::metadata(nearest(folder))?;
        Ok(Self::with(found.uid(), found.gid()))
    }

    fn with(uid: u32, gid: u32) -> Self {
        let mut groups = vec![gid];
        if let Some(name) = name_of(uid) {
            groups.extend(groups_of(&name));
        }
        Self { uid, groups }
    }

    /// The name, or the number of one without.
    pub fn name(&self) -> String {
        shown(self.uid)
    }

    /// What commands such as chown take.
    pub fn word(&self) -> String {
        name_of(self.uid).unwrap_or_else(|| self.uid.to_string())
    }

    /// Whether it is the superuser, whom permissions do not stop.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// What keeps this user from `path` by owner and permissions, and what to do about it; none: nothing does.
    pub fn obstacle(&self, path: &Path, want: Want) -> Option<String> {
        // With every link replaced, where that may be known.
        let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok()?;
        self.on_the_way(&path, want, LINKS_MAX)
    }

    fn on_the_way(&self, path: &Path, want: Want, links: usize) -> Option<String> {
        let mut folders: Vec<&Path> = path.ancestors().skip(1).collect();
        folders.reverse();
        for folder in folders {
            match fs::metadata(folder) {
                Ok(found) if !found.is_dir() => return None,
                Ok(found) if !self.may(&found, 0o1) => return Some(self.closed(folder, found.uid())),
                Ok(_) => {}
                // What is not there is made in the nearest that is.
                Err(_) => return self.unmade(&nearest(folder), want),
            }
        }
        if let Ok(target) = fs::read_link(path)
            && links > 0
        {
            let target = path.parent().unwrap_or(path).join(target);
            return self.on_the_way(&target, want, links - 1);
        }
        match fs::metadata(path) {
            Ok(found) if found.file_type().is_char_device() => None,
            Ok(found) => {
                let bits = match (want, found.is_dir()) {
                    (Want::Read, _) => 0o4,
                    (Want::Write, false) => 0o6,
                    (Want::Write, true) => 0o3,
                };
                (!self.may(&found, bits)).then(|| self.anothers(path, found.uid()))
            }
            Err(_) => self.unmade(&nearest(path), want),
        }
    }

    fn unmade(&self, folder: &Path, want: Want) -> Option<String> {
        let found = fs::metadata(folder).ok().filter(|_| want == Want::Write)?;
        // Where not even the owner may write, as in /proc, nothing can be made.
        let closed = found.mode() & 0o200 == 0;
        (closed || !self.may(&found, 0o3)).then(|| self.anothers(folder, found.uid()))
    }

    fn may(&self, found: &fs::Metadata, bits: u32) -> bool {
        let shift = match found.uid() == self.uid {
            true => 6,
            false if self.groups.contains(&found.gid()) => 3,
            false => 0,
        };
        self.is_root() || (found.mode() >> shift) & bits == bits
    }

    fn anothers(&self, path: &Path, owner: u32) -> String {
        let (shown, me, path) = (shown(owner), self.name(), path.display());
        match owner == self.uid {
            true => {
                format!("{path} belongs to {shown}, and its permissions keep {me} out: `chmod u+rwX {path}`")
            }
            false => {
                format!("{path} belongs to {shown}, and this runs as {me}: `chown {} {path}`", self.word())
            }
        }
    }

    /// A folder of others is theirs for a reason: what is needed of it is copied.
    fn closed(&self, folder: &Path, owner: u32) -> String {
        let (folder, owner, me) = (folder.display(), shown(owner), self.name());
        format!(
            "the folder {folder} belongs to {owner}, and this runs as {me}, who may not look into it: have the file \
             copied to a folder of {me}'s (`install -o {} -m 600`), as docs/operating.md does with certificates",
            self.word()
        )
    }
}

/// `error` with what keeps whoever runs this from `path`, where permissions do.
pub fn told(path: &Path, want: Want, error: io::Error) -> io::Error {
    // One that says something of its own has said what to do.
    if error.kind() != ErrorKind::PermissionDenied || error.get_ref().is_some() {
        return error;
    }
    match Who::this().obstacle(path, want) {
        Some(obstacle) => io::Error::new(error.kind(), format!("{error}; {obstacle}")),
        None => error,
    }
}

/// `path`, or the nearest folder above it that there is.
fn nearest(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/")).to_owned()
}

fn shown(uid: u32) -> String {
    name_of(uid).unwrap_or_else(|| format!("the user {uid}"))
}

fn name_of(uid: u32) -> Option<String> {
    owner::name_of("/etc/passwd", uid)
}

/// The groups that name a user as a member (group(5)).
fn groups_of(user: &str) -> Vec<u32> {
    let all = fs::read_to_string("/etc/group").unwrap_or_default();
    let of = |line: &str| {
        let mut fields = line.split(':').skip(2);
        let gid = fields.next()?.parse().ok()?;
        fields.next()?.split(',').any(|member| member == user).then_some(gid)
    };
    all.lines().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn whoever_is_kept_out_learns_by_what() {
        let folder = tempfile::tempdir().unwrap();
        mode(folder.path(), 0o755);
        let key = folder.path().join("key.pem");
        fs::write(&key, "secret").unwrap();
        mode(&key, 0o600);
        let owner = fs::metadata(&key).unwrap().uid();
        // Nobody, who is in no group and owns nothing here.
        let other = Who { uid: 4_321, groups: vec![4_321] };
        let me = Who { uid: owner, groups: Vec::new() };
        assert_eq!(me.obstacle(&key, Want::Read), None);
        let said = other.obstacle(&key, Want::Read).unwrap();
        let name = shown(owner);
        assert!(
            said.contains(&format!("key.pem belongs to {name}, and this runs as the user 4321")),
            "{said}"
        );
        assert!(said.contains("`chown 4321 "), "{said}");
        mode(&key, 0o644);
        assert_eq!(other.obstacle(&key, Want::Read), None);
        assert!(other.obstacle(&key, Want::Write).is_some());
        assert!(other.obstacle(&folder.path().join("new/key.pem"), Want::Write).is_some());
        assert_eq!(other.obstacle(&folder.path().join("none"), Want::Read), None, "it is not there");
    }

    /// certbot's `live` holds links to `archive`, and both are root's alone.
    #[test]
    fn a_closed_folder_is_named_also_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        mode(folder.path(), 0o755);
        let (live, archive) = (folder.path().join("live"), folder.path().join("archive"));
        fs::create_dir(&live).unwrap();
        fs::create_dir(&archive).unwrap();
        fs::write(archive.join("fullchain1.pem"), "").unwrap();
        std::os::unix::fs::symlink("../archive/fullchain1.pem", live.join("fullchain.pem")).unwrap();
        let other = Who { uid: 4_321, groups: vec![4_321] };
        let obstacle = || other.obstacle(&live.join("fullchain.pem"), Want::Read);
        assert_eq!(obstacle(), None);
        mode(&archive, 0o700);
        let said = obstacle().unwrap();
        assert!(said.contains("/archive belongs to ") && said.contains("install -o "), "{said}");
        mode(&archive, 0o755);
    }

    #[test]
    fn nothing_can_be_made_where_nobody_may_write() {
        let root = Who { uid: 0, groups: vec![0] };
        assert!(root.obstacle(Path::new("/proc/no-such-folder"), Want::Write).is_some());
        assert_eq!(root.obstacle(&std::env::temp_dir().join("no-such-folder"), Want::Write), None);
    }
}
