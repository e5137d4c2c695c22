//! Opening: the lock, the schema, the secret, the replay.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Row, SqliteConnection};

use super::reader::Reader;
use super::schema::{self, SCHEMA_VERSION, database_advice};
use super::{Follower, Journal, Settings, archive, outbox, writer};

/// How long a statement waits for another process' lock (a reader's checkpoint), in seconds.
const BUSY_TIMEOUT_S: u64 = 10;

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file cannot be made or read.
    #[error("{path}: {source}; the service must be able to write there")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process writes this journal.
    #[error("{0}: another mailassay uses this journal; stop it first, or set another path")]
    InUse(PathBuf),
    /// The file is some other program's database.
    #[error("{0} is no journal of mailassay; set another path")]
    Foreign(PathBuf),
    /// The file was written by a later version.
    #[error(
        "{path} has schema version {found}, this program knows {SCHEMA_VERSION}; run the version of mailassay that \
         wrote it, or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// The file was written by an earlier version, and whoever reads does not write.
    #[error(
        "{path} has schema version {found}, this program reads {SCHEMA_VERSION}; `mailassay serve` of this version \
         brings it forward when it starts. While an earlier version serves, read with that one"
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// SQLite's own complaint.
    #[error("{path}: {source}; {}", database_advice(source))]
    Database {
        /// The file.
        path: PathBuf,
        /// The complaint.
        source: sqlx::Error,
    },
    /// A stored line does not read.
    #[error("{path}: {reason}; was it written by a later version?")]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line and why.
        reason: String,
    },
}

/// A journal that is open for writing, with its secret known and nothing replayed yet.
pub struct Opened {
    settings: Settings,
    connection: SqliteConnection,
    secret: [u8; 32],
    lock: File,
}

impl Opened {
    /// Opens the journal, and makes it where there is none; then `new_secret` gives its 32 random bytes.
    pub async fn open(settings: Settings, new_secret: impl FnOnce() -> [u8; 32]) -> Result<Self, OpenError> {
        let path = settings.path.clone();
        let lock = lock_file(&path)?;
        make_private(&path)?;
        let failed = |source| OpenError::Database { path: path.clone(), source };
        let mut connection = write_options(&settings).connect().await.map_err(failed)?;
        schema::ensure(&mut connection, &path).await?;
        let secret = ensure_secret(&mut connection, new_secret).await.map_err(failed)?;
        Ok(Self { settings, connection, secret, lock })
    }

    /// The key of all identities ([`crate::sending::trial::TrialId`], [`crate::sending::trial::AddressId`]).
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Leaves a text in the file that locks the journal, for those who ask for its [`holder`].
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn leave(&mut self, text: &str) -> io::Result<()> {
        self.lock.set_len(0)?;
        self.lock.rewind()?;
        self.lock.write_all(text.as_bytes())
    }

    /// Replays what is stored to the followers, hands claimed verdicts out again, and starts the writer.
    /// To be called within a tokio runtime.
    pub async fn start(mut self, followers: Vec<Arc<dyn Follower>>) -> Result<Journal, OpenError> {
        let path = self.settings.path.clone();
        let failed = |source| OpenError::Database { path: path.clone(), source };
        archive::resume(&mut self.connection, &followers).await.map_err(|error| error.at(&path))?;
        outbox::interrupt(&mut self.connection).await.map_err(failed)?;
        let reader = Reader::open(&path).await?;
        Ok(writer::spawn(self.settings, self.connection, self.lock, followers, reader))
    }
}

fn write_options(settings: &Settings) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(&settings.path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL syncs the log at every commit: what was committed survives a power cut (sqlite.org/pragma.html).
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
        // An address that is forgotten is overwritten, not only unlinked.
        .pragma("secure_delete", "ON")
        .thread_name(|_| "journal".to_owned());
    match settings.size_mib {
        // With pages of 4 KiB, SQLite's default.
        Some(size_mib) => options.pragma("max_page_count", (u64::from(size_mib) * 256).to_string()),
        None => options,
    }
}

/// SQLite lets several processes write; a fold in memory does not. The lock goes with the process.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let path = path.with_added_extension("lock");
    let failed = |source| OpenError::File { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path)),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// How much is read of what a holder left, in octets.
const LEFT_OCTETS_MAX: u64 = 4_096;

/// Who writes a journal at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// A process, which left this text ([`Opened::leave`]).
    Somebody(String),
}

/// Who writes the journal at `path`. Nothing is written or made.
///
/// # Errors
///
/// If that cannot be found out.
pub fn holder(path: &Path) -> io::Result<Holder> {
    let mut file = match File::open(path.with_added_extension("lock")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holder::Nobody),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Holder::Nobody),
        Err(TryLockError::WouldBlock) => {
            let mut left = String::new();
            (&mut file).take(LEFT_OCTETS_MAX).read_to_string(&mut left)?;
            Ok(Holder::Somebody(left))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The file holds addresses and the secret: it is made for its owner alone. SQLite gives `-wal` and `-shm` the
/// same mode.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|source| OpenError::File { path: path.to_owned(), source })
}

async fn ensure_secret(
    connection: &mut SqliteConnection,
    new_secret: impl FnOnce() -> [u8; 32],
) -> sqlx::Result<[u8; 32]> {
    let stored = read_secret(connection).await?;
    if let Some(secret) = stored {
        return Ok(secret);
    }
    let secret = new_secret();
    sqlx::query("INSERT INTO meta (name, value) VALUES ('secret', ?1)")
        .bind(secret.to_vec())
        .execute(connection)
        .await?;
    Ok(secret)
}

pub(super) async fn read_secret(connection: &mut SqliteConnection) -> sqlx::Result<Option<[u8; 32]>> {
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'secret'").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get(0)?;
    let wrong = |bytes: Vec<u8>| sqlx::Error::Decode(format!("a secret of {} bytes", bytes.len()).into());
    bytes.try_into().map(Some).map_err(wrong)
}
