//! What becomes of secrets that are made.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

/// What becomes of secrets that are made because there were none: whoever serves keeps them, and whoever only looks must
/// leave no trace. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct Keeping(Option<Arc<Mutex<Vec<PathBuf>>>>);

impl Keeping {
    /// They are kept in their files. This is the default.
    pub fn in_files() -> Self {
        Self(None)
    }

    /// They serve for as long as the program runs. Nothing is written, and [`Self::missing`] says what would have been.
    pub fn nothing() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether anything is written.
    pub fn writes(&self) -> bool {
        self.0.is_none()
    }

    /// Keeps a secret that has just been made in the file `path`, or only notes that there is none.
    ///
    /// # Errors
    ///
    /// As [`super::write`].
    pub fn keep(&self, path: &Path, secret: &[u8]) -> io::Result<()> {
        match &self.0 {
            None => super::write(path, secret),
            Some(missing) => {
                missing.lock().push(path.to_owned());
                Ok(())
            }
        }
    }

    /// The files that there were not, in the order in which they were asked for; none where they are made.
    pub fn missing(&self) -> Vec<PathBuf> {
        let missing = self.0.as_ref();
        missing.map_or_else(Vec::new, |all| all.lock().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_looks_writes_nothing_and_knows_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/key.pem");
        let looking = Keeping::nothing();
        looking.clone().keep(&path, b"secret").unwrap();
        assert_eq!((looking.missing(), looking.writes()), (vec![path.clone()], false));
        assert!(!folder.path().join("keys").exists());
        let keeping = Keeping::in_files();
        keeping.keep(&path, b"secret").unwrap();
        assert!(keeping.missing().is_empty() && keeping.writes() && path.exists());
    }
}
