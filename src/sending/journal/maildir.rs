//! A maildir: durable delivery into files.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A folder with `tmp`, `new` and `cur` (<https://cr.yp.to/proto/maildir.html>).
#[derive(Clone, Debug)]
pub struct Maildir {
    path: PathBuf,
}

impl Maildir {
    /// Opens the maildir at `path`, and makes it (0700) where there is none.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        for folder in ["tmp", "new", "cur"] {
            builder.create(path.join(folder))?;
        }
        Ok(Self { path })
    }

    /// Delivers a message under a name that is its own (letters, digits, `.`, `-`, `_`), and gives its path.
    /// When it returns the message is on disk. Delivering the same name again changes nothing, also when a
    /// reader has moved the message to `cur` in the meantime.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn deliver(&self, unique_name: &str, message: &[u8]) -> io::Result<PathBuf> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if unique_name.is_empty() || unique_name.starts_with('.') || !unique_name.chars().all(fits) {
            return Err(io::Error::new(ErrorKind::InvalidInput, format!("`{unique_name}` is no file name")));
        }
        if let Some(path) = self.find(unique_name)? {
            // Whoever delivered it may have been killed before the folder was on disk.
            path.parent().map_or(Ok(()), sync_folder)?;
            return Ok(path);
        }
        let (temporary, target) =
            (self.path.join("tmp").join(unique_name), self.path.join("new").join(unique_name));
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = || {
            let mut file = options.open(&temporary)?;
            file.write_all(message)?;
            file.sync_all()?;
            fs::rename(&temporary, &target)
        };
        if let Err(error) = written() {
            // On a full disk what is left in `tmp` is what keeps it full.
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        // The name is on disk only when the folder is.
        sync_folder(&self.path.join("new"))?;
        Ok(target)
    }

    /// The names of messages that nobody has taken up, the first by name first; at most so many.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn fresh(&self, at_most: usize) -> io::Result<Vec<String>> {
        let mut first = BTreeSet::new();
        for entry in fs::read_dir(self.path.join("new"))? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            first.insert(name);
            if first.len() > at_most {
                first.pop_last();
            }
        }
        Ok(first.into_iter().collect())
    }

    /// The message of that name, which nobody has taken up.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn read(&self, unique_name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path.join("new").join(unique_name))
    }

    /// Removes a message that somebody else has taken over.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn remove(&self, unique_name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join("new").join(unique_name))?;
        sync_folder(&self.path.join("new"))
    }

    /// Moves a message to where a reader has those that were looked at.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn set_aside(&self, unique_name: &str) -> io::Result<()> {
        let aside = self.path.join("cur").join(format!("{unique_name}:2,"));
        fs::rename(self.path.join("new").join(unique_name), aside)?;
        sync_folder(&self.path.join("cur"))
    }

    /// The names of the messages that were looked at, and their sizes in octets, the first by name first.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn aside(&self) -> io::Result<Vec<(String, u64)>> {
        let mut aside = Vec::new();
        for entry in fs::read_dir(self.path.join("cur"))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            aside.push((name, entry.metadata()?.len()));
        }
        aside.sort();
        Ok(aside)
    }

    /// Removes a message that was looked at.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn remove_aside(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join("cur").join(name))
    }

    /// Where the message of that name is: in `new`, or in `cur` with a reader's flags behind a colon.
    ///
    /// # Errors
    ///
    /// As the system has it.
    pub fn find(&self, unique_name: &str) -> io::Result<Option<PathBuf>> {
        let fresh = self.path.join("new").join(unique_name);
        if fresh.try_exists()? {
            return Ok(Some(fresh));
        }
        for entry in fs::read_dir(self.path.join("cur"))? {
            let entry = entry?;
            let name = entry.file_name();
            let seen = name.to_str().is_some_and(|name| name.split(':').next() == Some(unique_name));
            if seen {
                return Ok(Some(entry.path()));
            }
        }
        Ok(None)
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
