//! Reading, also by another process while the service runs.

mod reports;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::{Mutex, MutexGuard};

use crate::sending::history::{Fact, NotRecorded, Seq};
use crate::sending::trial::{AddressId, Mailbox, TrialId};
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::{Timestamp, before};

use super::database::{Connection, OpenError, Row, Server, check, find_secret, query};
use super::outbox::{self, Mailed, OutboxEntry, OutboxFigures};
use super::{Settings, Subscriber, replay};

/// How long a read waits for a lock, in seconds.
const BUSY_TIMEOUT_S: u64 = 10;
/// How long a server may take to say that it lives, in seconds.
const ANSWER_S: u64 = 2;
/// How long nobody tries again to connect after that was in vain, in seconds: who waits for the same hears it at once.
const AGAIN_S: u64 = 1;

/// A read-only view of a journal; each call sees what is committed by then.
pub struct Reader {
    place: Place,
    /// Where the secret lies if not in the database ([`Settings::secret`]).
    pub(super) secret: Option<PathBuf>,
    connection: Mutex<Connection>,
    /// For pages of trials that were put away, so that nobody waits for a large one but who asks for such a page.
    pages: Mutex<Connection>,
}

/// Where it reads.
enum Place {
    File(PathBuf),
    Server(Box<Server>),
}

impl Reader {
    /// Opens the journal of these settings, which must exist.
    ///
    /// # Errors
    ///
    /// If it cannot be opened. The error names the file or host and says what to do.
    pub async fn of(settings: &Settings) -> Result<Self, OpenError> {
        let Some(address) = &settings.url else { return Self::open(&settings.path).await };
        let server = Server(address.clone());
        let connect = async || server.to_read().await.map(Mutex::new).map_err(|why| server.failed(why));
        let (connection, pages) = (connect().await?, connect().await?);
        let secret = settings.secret.clone();
        Ok(Self { place: Place::Server(Box::new(server)), secret, connection, pages })
    }

    /// Opens the journal at `path`, which must exist.
    ///
    /// # Errors
    ///
    /// If it cannot be opened. The error names the file or host and says what to do.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Database { path: path.to_owned(), source };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .read_only(true)
            .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_S))
            .thread_name(|_| "journal-reader".to_owned());
        let mut connection = options.connect().await.map_err(failed)?;
        check(&mut connection, path).await?;
        let pages = Mutex::new(Connection::File(options.connect().await.map_err(failed)?));
        let connection = Mutex::new(Connection::File(connection));
        Ok(Self { place: Place::File(path.to_owned()), secret: None, connection, pages })
    }

    pub(super) async fn connection(&self) -> MutexGuard<'_, Connection> {
        self.alive(&self.connection).await
    }

    pub(super) async fn pages(&self) -> MutexGuard<'_, Connection> {
        self.alive(&self.pages).await
    }

    /// A connection that was lost, or that is silent, is made again; where that cannot be, whoever asks on it hears why.
    async fn alive<'a>(&self, connection: &'a Mutex<Connection>) -> MutexGuard<'a, Connection> {
        let mut connection = connection.lock().await;
        let Place::Server(server) = &self.place else { return connection };
        if connection.is_away_since(Duration::from_secs(AGAIN_S)) {
            return connection;
        }
        let lives = tokio::time::timeout(Duration::from_secs(ANSWER_S), connection.lives()).await;
        if lives != Ok(true) {
            let again = server.to_read().await;
            *connection = again.unwrap_or_else(|why| Connection::away(why.to_string()));
        }
        connection
    }

    /// Where it reads, for errors.
    fn at(&self) -> PathBuf {
        match &self.place {
            Place::File(path) => path.clone(),
            Place::Server(server) => server.0.to_string().into(),
        }
    }

    /// The key of all identities.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read, or holds no key.
    pub async fn secret(&self) -> Result<[u8; 32], OpenError> {
        let found = find_secret(&mut *self.connection().await, self.secret.as_deref()).await;
        let none = || OpenError::Database { path: self.at(), source: sqlx::Error::RowNotFound };
        found.map_err(|error| error.at(&self.at()))?.ok_or_else(none)
    }

    /// Hands all observations to `subscriber`, in order.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn replay(&self, subscriber: &dyn Subscriber) -> Result<(), OpenError> {
        let mut connection = self.connection().await;
        let tell = |observation| subscriber.committed(&observation);
        replay::each_observation(&mut connection, tell).await.map_err(|error| error.at(&self.at()))
    }

    /// Hands what a start of the service would take in to `subscriber`: the trials that were put away, and all
    /// observations that may still matter.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn resume(&self, subscriber: Arc<dyn Subscriber>) -> Result<(), OpenError> {
        let failed = |source| OpenError::Database { path: self.at(), source };
        let mut connection = self.connection().await;
        // All as it is now, whatever is written meanwhile.
        connection.begin_to_read().await.map_err(failed)?;
        let resumed = replay::resume(&mut connection, &[subscriber], replay::PAST_KEPT_S)
            .await
            .map_err(|error| error.at(&self.at()));
        connection.commit().await.map_err(failed)?;
        resumed
    }

    /// The full address that `id` stands for, while a verdict needs it.
    pub async fn address(&self, id: &AddressId) -> Result<Option<String>, NotRecorded> {
        let mut connection = self.connection().await;
        query("SELECT address FROM addresses WHERE id = $1 LIMIT 1")
            .bind(&id.0)
            .scalar_optional(&mut connection)
            .await
            .map_err(|error| NotRecorded(error.to_string()))
    }

    /// What the scan at `seq` saw; none if it is not kept any more, or no scan is there. It is read when it is
    /// wanted: the evidence of all trials would not fit into memory.
    pub async fn evidence(&self, seq: Seq) -> Result<Option<Evidence>, NotRecorded> {
        let mut connection = self.connection().await;
        let fact: Option<String> = query("SELECT fact FROM observations WHERE seq = $1 AND kind = 'scanned'")
            .bind(seq.0)
            .scalar_optional(&mut connection)
            .await
            .map_err(|error| NotRecorded(error.to_string()))?;
        drop(connection);
        let fact = fact.map(|fact| serde_json::from_str(&fact)).transpose();
        match fact.map_err(|error| NotRecorded(format!("observation {seq}: {error}")))? {
            Some(Fact::Scanned(scanned)) => Ok(Some(scanned.evidence)),
            _ => Ok(None),
        }
    }

    /// How many verdicts were mailed in the 24 hours before `now`.
    pub async fn mailed(&self, to: &Mailbox, now: Timestamp) -> Result<Mailed, NotRecorded> {
        let mut connection = self.connection().await;
        let row = query(
            "SELECT count(*) FILTER (WHERE address = $1), count(*) FILTER (WHERE domain = $2), count(*) \
             FROM mailed WHERE at > $3",
        )
        .bind(&to.id.0)
        .bind(&to.domain)
        .bind(before(now, outbox::DAY_S).as_microsecond())
        .fetch_one(&mut connection)
        .await;
        let count =
            |row: &Row, column| row.number(column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        row.and_then(|row| {
            Ok(Mailed { address: count(&row, 0)?, domain: count(&row, 1)?, all: count(&row, 2)? })
        })
        .map_err(|error| NotRecorded(error.to_string()))
    }

    /// The outbox's entry for `trial`.
    pub async fn outbox_entry(&self, trial: &TrialId) -> Result<Option<OutboxEntry>, NotRecorded> {
        outbox::read(&mut *self.connection().await, trial).await
    }

    /// Whether a verdict is to be claimed at `now`: it is due, or whoever claimed it died.
    pub async fn is_due(&self, now: Timestamp) -> Result<bool, NotRecorded> {
        outbox::is_due(&mut *self.connection().await, now).await
    }

    /// Whether a claim of a verdict is the last, by its number ([`OutboxEntry::attempts`]), and its time is not over: who
    /// stood still meanwhile may have lost it, and then sends nothing.
    pub async fn holds(&self, trial: &TrialId, claim: u32, now: Timestamp) -> Result<bool, NotRecorded> {
        outbox::holds(&mut *self.connection().await, trial, claim, now).await
    }

    /// When the next verdict is due; none while the outbox has nothing to do.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, NotRecorded> {
        outbox::next_due(&mut *self.connection().await).await
    }

    /// How many observations there are of each kind. It reads an index from end to end: not to be asked often, nor of a
    /// reader that others wait for.
    pub async fn rows_by_kind(&self) -> Result<Vec<(String, u64)>, NotRecorded> {
        let mut connection = self.connection().await;
        let rows =
            query("SELECT kind, count(*) FROM observations GROUP BY kind").fetch_all(&mut connection).await;
        let read = |row: &Row| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs()));
        rows.and_then(|rows| rows.iter().map(read).collect()).map_err(|error| NotRecorded(error.to_string()))
    }

    /// How many verdicts are in the outbox, and since when the first of them waits.
    pub async fn outbox_figures(&self) -> Result<OutboxFigures, NotRecorded> {
        let figures = outbox::figures(&mut *self.connection().await).await;
        figures.map_err(|error| NotRecorded(error.to_string()))
    }
}
