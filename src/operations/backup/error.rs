//! Why there is no backup, or it was not restored.

use std::io;
use std::path::{Path, PathBuf};

use crate::shared::database::sqlite::Unfit;

/// Why a backup was not made or not restored. In each case nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// There is a file of that name.
    #[error("{}: this is there already, and is not overwritten; name another file", .0.display())]
    Exists(PathBuf),
    /// A database is not there.
    #[error("{}: there is no such file yet; `mailassay serve` makes it at its first start", .0.display())]
    NoDatabase(PathBuf),
    /// A database cannot be used.
    #[error("{}: {source}", path.display())]
    Database { path: PathBuf, source: Unfit },
    /// A database is damaged.
    #[error("{}: the database is damaged ({fault}), and a copy would be, too; `mailassay journal check` says more", path.display())]
    DamagedDatabase { path: PathBuf, fault: String },
    /// Files changed while they were read.
    #[error("{}: this changed each time it was read; try again when keys are not being changed", .0.display())]
    Changing(PathBuf),
    /// There is too much.
    #[error("{}: {what}", path.display())]
    TooMuch { path: PathBuf, what: String },
    /// The backup is none, or not whole.
    #[error("{}: this is no whole backup of mailassay: {why}; nothing was restored", path.display())]
    Damaged { path: PathBuf, why: String },
    /// A later version made the backup.
    #[error("{}: a later version of mailassay made this backup (form {found}, and this program knows {known}); restore it with that version", path.display())]
    Later { path: PathBuf, found: u32, known: u32 },
    /// Files are in the way.
    #[error("{}{} there already, and nothing is overwritten: move {} away, or restore below another folder (`--root DIR`)", named(.0), if .0.len() == 1 { " is" } else { " are" }, if .0.len() == 1 { "it" } else { "them" })]
    InTheWay(Vec<PathBuf>),
}

/// How many paths an error names.
const NAMED_MAX: usize = 5;

fn named(paths: &[PathBuf]) -> String {
    let mut text: Vec<String> = paths.iter().take(NAMED_MAX).map(|path| path.display().to_string()).collect();
    if paths.len() > NAMED_MAX {
        text.push(format!("{} more", paths.len() - NAMED_MAX));
    }
    text.join(", ")
}

/// An error of the system with the file that it is about.
pub(super) fn of_file(path: &Path) -> impl Fn(io::Error) -> BackupError + '_ {
    |source| BackupError::File { path: path.to_owned(), source }
}

pub(super) fn of_database(path: &Path) -> impl Fn(sqlx::Error) -> BackupError + '_ {
    |source| BackupError::Database { path: path.to_owned(), source: Unfit::Database(source) }
}
