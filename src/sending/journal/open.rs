//! Opening: the lock, the schema, the secret, the replay.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::shared::keyfile;

use super::database::{
    Connection, OpenError, SECRET_OCTETS, Server, ensure, ensure_secret, put_beside, query, read_observation,
};
use super::handle::Journal;
use super::nodes::{self, Nodes};
use super::reader::Reader;
use super::writer::{self, Remote, Store};
use super::{Settings, Subscriber, outbox, replay};

/// How long a statement waits for another process' lock (a reader's checkpoint), in seconds.
const BUSY_TIMEOUT_S: u64 = 10;
/// How often a node asks at its start whether the server has noticed that an earlier process of it is gone: for ten seconds.
const PREDECESSOR_ASKED_MAX: u32 = 50;
/// How long it waits between, in milliseconds.
const PREDECESSOR_ASKED_MS: u64 = 200;

/// A journal that is open for writing, with its secret known and nothing replayed yet.
pub struct Opened {
    settings: Settings,
    connection: Connection,
    /// Which node this is, where there may be several.
    node: Option<Joined>,
    secret: [u8; SECRET_OCTETS],
    lock: File,
}

/// A node that joined the others.
struct Joined {
    server: Server,
    number: u16,
    /// How often it has joined.
    joins: i64,
    /// Whether an earlier process of it did not leave in order.
    was_cut: bool,
}

impl Opened {
    /// Opens the journal, and makes it where there is none; then `new_secret` gives its 32 random bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be opened. The error names the file or host and says what to do.
    pub async fn open(
        settings: Settings,
        new_secret: impl FnOnce() -> [u8; SECRET_OCTETS],
    ) -> Result<Self, OpenError> {
        let path = settings.path.clone();
        let lock = lock_file(&path)?;
        if let Some(address) = settings.url.clone() {
            return Self::join(settings, Server(address), lock, new_secret).await;
        }
        keyfile::make_private(&path).map_err(|source| OpenError::File { path: path.clone(), source })?;
        let failed = |source| OpenError::Database { path: path.clone(), source };
        let mut file = write_options(&settings).connect().await.map_err(failed)?;
        ensure(&mut file, &path).await?;
        let mut connection = Connection::File(file);
        let secret = ensure_secret(&mut connection, None, new_secret).await;
        let secret = secret.map_err(|error| error.at(&path))?;
        Ok(Self { settings, connection, node: None, secret, lock })
    }

    /// Joins the nodes that share a journal.
    async fn join(
        settings: Settings,
        server: Server,
        lock: File,
        new_secret: impl FnOnce() -> [u8; SECRET_OCTETS],
    ) -> Result<Self, OpenError> {
        let mut connection = server.to_write().await.map_err(|why| server.failed(why))?;
        let failed = |source: sqlx::Error| server.failed(source.into());
        let number = nodes::number_of(&mut connection, &settings.node).await.map_err(failed)?;
        let mut asked = 0;
        while !nodes::become_node(&mut connection, number).await.map_err(failed)? {
            asked += 1;
            if asked > PREDECESSOR_ASKED_MAX {
                let (address, name) = (server.0.to_string(), settings.node.to_string());
                return Err(OpenError::NodeInUse { address, name });
            }
            tokio::time::sleep(Duration::from_millis(PREDECESSOR_ASKED_MS)).await;
        }
        let (joins, was_cut) = nodes::begin_anew(&mut connection, number).await.map_err(failed)?;
        let former = former_secret(&settings.path).await;
        let new_secret = || former.unwrap_or_else(new_secret);
        let beside = settings.secret.as_deref();
        let secret = ensure_secret(&mut connection, beside, new_secret).await;
        let secret = secret.map_err(|error| error.at(&settings.place()))?;
        Ok(Self { settings, connection, node: Some(Joined { server, number, joins, was_cut }), secret, lock })
    }

    /// The key of all identities ([`crate::sending::trial::TrialId`], [`crate::sending::trial::AddressId`]).
    pub fn secret(&self) -> &[u8; SECRET_OCTETS] {
        &self.secret
    }

    /// Whether all nodes have the same of something, of which the first leaves what it has; whoever is alone agrees.
    ///
    /// # Errors
    ///
    /// If the journal cannot be asked.
    pub async fn agree(&mut self, on: &'static str, found: &str) -> Result<bool, OpenError> {
        let Some(Joined { server, .. }) = &self.node else { return Ok(true) };
        let agreed = async {
            let on = format!("agreed {on}");
            query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
                .bind(&on)
                .bind(found.as_bytes().to_vec())
                .execute(&mut self.connection)
                .await?;
            let agreed = query("SELECT value FROM meta WHERE name = $1").bind(&on);
            agreed.scalar::<Vec<u8>>(&mut self.connection).await
        };
        let agreed = agreed.await.map_err(|error| server.failed(error.into()))?;
        Ok(agreed == found.as_bytes())
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
        let path = self.settings.place();
        let failed = |source| OpenError::Database { path: path.clone(), source };
        let connection = &mut self.connection;
        if !connection.is_server() {
            writer::note_restoration(connection).await.map_err(failed)?;
        }
        connection.begin_to_read().await.map_err(failed)?;
        // What others write from here on is not among what is replayed, and is told after it.
        let known = match &self.node {
            Some(node) => Some(nodes::known_of(connection, node.number).await.map_err(failed)?),
            None => None,
        };
        let last = match &self.node {
            Some(_) => query("SELECT seq, at, fact FROM observations ORDER BY seq DESC LIMIT 1")
                .fetch_optional(connection)
                .await
                .map_err(failed)?,
            None => None,
        };
        replay::resume(connection, &subscribers, self.settings.past_kept_s)
            .await
            .map_err(|error| error.at(&path))?;
        connection.commit().await.map_err(failed)?;
        let (number, joins) = self.node.as_ref().map_or((0, 0), |node| (node.number, node.joins));
        outbox::interrupt(connection, number).await.map_err(failed)?;
        let reader = Reader::of(&self.settings).await?;
        // Nothing that may fail comes after this: nobody waits for what a process sees that does not begin.
        let (remote, was_cut) = match (&self.node, known) {
            (Some(node), Some(known)) => {
                let session = nodes::session_of(connection).await.map_err(failed)?;
                nodes::begin_to_serve(connection, (number, joins), node.was_cut).await.map_err(failed)?;
                let told = last.and_then(|row| read_observation(&row).ok());
                (Some(Remote::new(node.server.clone(), (number, session), known, told)), node.was_cut)
            }
            _ => (None, replay::begin_to_serve(connection).await.map_err(failed)?),
        };
        let nodes = Nodes::new((number, joins), self.node.map(|node| node.server));
        let store = Store { connection: self.connection, remote, was_cut };
        Ok(Journal::start(self.settings, store, self.lock, subscribers, (reader, nodes)))
    }
}

/// Puts the secret of a journal on a server into its file ([`Settings::secret`]), before that is sealed for other nodes. Nothing
/// where it is there, or is to have none.
///
/// # Errors
///
/// If the server cannot be asked, or the file not be written. The error names it and says what to do.
pub async fn put_secret_beside(
    settings: &Settings,
    new_secret: impl FnOnce() -> [u8; SECRET_OCTETS],
) -> Result<(), OpenError> {
    let (Some(address), Some(path)) = (&settings.url, &settings.secret) else { return Ok(()) };
    let server = Server(address.clone());
    let mut connection = server.to_write().await.map_err(|why| server.failed(why))?;
    let former = former_secret(&settings.path).await;
    let put = put_beside(&mut connection, path, || former.unwrap_or_else(new_secret)).await;
    // Not left to the drop: it counts among the server's connections until it is closed.
    let closed = connection.close().await;
    put.map_err(|error| error.at(&settings.place()))?;
    closed.map_err(|source| OpenError::Database { path: settings.place(), source })
}

/// The secret of a journal that this service had in a file before it had one on a server: links in mails, and objections, go
/// on being known. None where there was no such journal, or it cannot be read.
pub async fn former_secret(path: &Path) -> Option<[u8; SECRET_OCTETS]> {
    if !path.exists() {
        return None;
    }
    match async { Reader::open(path).await?.secret().await }.await {
        Ok(secret) => Some(secret),
        Err(error) => {
            tracing::warn!(%error, "the former journal cannot be read: links and objections from its time are not known any more");
            None
        }
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
