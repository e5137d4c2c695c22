//! Opening: the lock, the schema, the secret, the replay.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::shared::keyfile;

use super::database::{OpenError, ensure, ensure_secret};
use super::handle::Journal;
use super::reader::Reader;
use super::{Settings, Subscriber, outbox, replay, writer};

/// How long a statement waits for another process' lock (a reader's checkpoint), in seconds.
const BUSY_TIMEOUT_S: u64 = 10;

/// A journal that is open for writing, with its secret known and nothing replayed yet.
pub struct Opened {
    settings: Settings,
    connection: SqliteConnection,
    secret: [u8; 32],
    lock: File,
}

impl Opened {
    /// Opens the journal, and makes it where there is none; then `new_secret` gives its 32 random bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be opened. The error names the file or host and says what to do.
    pub async fn open(settings: Settings, new_secret: impl FnOnce() -> [u8; 32]) -> Result<Self, OpenError> {
        let path = settings.path.clone();
        let lock = lock_file(&path)?;
        keyfile::make_private(&path).map_err(|source| OpenError::File { path: path.clone(), source })?;
        let failed = |source| OpenError::Database { path: path.clone(), source };
        let mut connection = write_options(&settings).connect().await.map_err(failed)?;
        ensure(&mut connection, &path).await?;
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

    /// Replays what is stored to the subscribers, hands claimed verdicts out again, and starts the writer.
    /// To be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn start(mut self, subscribers: Vec<Arc<dyn Subscriber>>) -> Result<Journal, OpenError> {
        let path = self.settings.path.clone();
        let failed = |source| OpenError::Database { path: path.clone(), source };
        writer::note_restoration(&mut self.connection).await.map_err(failed)?;
        replay::resume(&mut self.connection, &subscribers).await.map_err(|error| error.at(&path))?;
        outbox::interrupt(&mut self.connection).await.map_err(failed)?;
        let reader = Reader::open(&path).await?;
        Ok(Journal::start(self.settings, self.connection, self.lock, subscribers, reader))
    }
}

fn write_options(settings: &Settings) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&settings.path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL syncs the log at every commit: what was committed survives a power cut (sqlite.org/pragma.html).
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
        // An address that is forgotten is overwritten, not only unlinked.
        .pragma("secure_delete", "ON")
        .pragma("max_page_count", writer::pages_max(settings.size_mib).to_string())
        .thread_name(|_| "journal".to_owned())
}

/// SQLite lets several processes write; a projection in memory does not. The lock goes with the process.
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
