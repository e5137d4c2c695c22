//! A mark beside the journal that something is missing which is not noted yet, so that a restart does not forget it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// An empty file beside the journal. It is there while facts wait that could not be written, or were dropped and nobody has
/// noted so; who starts and finds it knows that they went with the process.
pub(in crate::sending::journal::writer) struct Mark {
    path: PathBuf,
    is_set: bool,
}

impl Mark {
    /// The mark of the journal at `path`, as an earlier process left it.
    pub(in crate::sending::journal::writer) fn of(path: &Path) -> Self {
        let path = path.with_added_extension("missing");
        let is_set = path.exists();
        Self { path, is_set }
    }

    pub(in crate::sending::journal::writer) fn is_set(&self) -> bool {
        self.is_set
    }

    /// Sets or takes away the mark. What fails is tried again with the next group.
    pub(in crate::sending::journal::writer) fn set(&mut self, owes: bool) {
        if owes == self.is_set {
            return;
        }
        let done = if owes { fs::write(&self.path, "") } else { fs::remove_file(&self.path) };
        match done {
            Ok(()) => self.is_set = owes,
            Err(error) if !owes && error.kind() == ErrorKind::NotFound => self.is_set = false,
            Err(error) => tracing::debug!(
                %error, path = %self.path.display(),
                "what is missing from the journal could not be marked; it is tried again"
            ),
        }
    }
}
