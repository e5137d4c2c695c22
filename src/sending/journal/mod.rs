//! The journal: what was observed, on disk, in order; and the outbox of verdicts.
//!
//! One task writes ([`Journal`] is its handle). It takes what has queued up, writes it in one transaction, and
//! syncs once (group commit); then it hands every observation to the [`Subscriber`]s, and only then tells those
//! who wait that their fact is on disk. So a projection of the journal is never behind an acknowledgement.
//! Another process reads with [`Reader`].
//!
//! It lies in a file of SQLite's, or on a server of PostgreSQL's that several nodes share ([`Nodes`]). There each node tells
//! its subscribers also what others wrote, all in one order.
//!
//! [`Maildir`] is the other durable store: what is delivered into files.

mod archive;
mod database;
mod handle;
mod inspection;
mod maildir;
mod nodes;
mod open;
mod outbox;
mod reader;
mod replay;
mod senders;
mod writer;

use std::path::PathBuf;

use serde::Deserialize;

use crate::sending::history::Observation;
use crate::sending::trial::{LinkId, TrialId};
use crate::shared::database::postgres::Address;
use crate::shared::time::Timestamp;

pub use archive::PutAway;
pub use database::{OpenError, SCHEMA, SERVER_SCHEMA};
pub use handle::Journal;
pub use inspection::Inspection;
pub use maildir::Maildir;
pub use nodes::{Lease, Node, NodeName, Nodes, NotAName, Task, agree_anew, drain, list};
pub use open::{Holder, Opened, former_secret, holder, put_secret_beside};
pub use outbox::{MailLimits, Mailed, OutboxEntry, OutboxFigures, OutboxState};
pub use reader::Reader;
pub use replay::{ISSUED_KEPT_S, Needed, ON_RESTORE, PAST_KEPT_S};
pub use senders::{Sent, SentBy};
pub use writer::{COMMIT_BUCKETS_S, Figures, Trouble};

/// Where the journal lies and how much it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The database file. Beside it lie `-wal`, `-shm` and `.lock`. Default `mailassay.sqlite`.
    pub path: PathBuf,
    /// A database of PostgreSQL's that several nodes share: `postgres://USER@HOST/DATABASE`. Instead of `path`.
    pub url: Option<Address>,
    /// The file of the secret where nodes seal what they share, beside `path`; where it is not there, the journal has it.
    #[serde(skip)]
    pub secret: Option<PathBuf>,
    /// Which of the nodes this one is.
    #[serde(skip)]
    pub node: NodeName,
    /// How many facts may wait to be written. Best-effort facts (queries, policy fetches) may fill half of
    /// it. Default 16384.
    pub queue_facts: usize,
    /// How many facts share one sync at most. Default 1024.
    pub group_facts: usize,
    /// How long facts that nobody waits for may gather before they are written, in milliseconds. Default 50.
    pub linger_ms: u64,
    /// How many DNS queries are kept at most; the oldest go first. Default 500000.
    pub queries_rows: u64,
    /// How many visits to the policy host are kept at most; the oldest go first. Default 100000.
    pub fetches_rows: u64,
    /// How long DNS queries are kept, in days. Default 30, as long as a result's page: verdicts are computed
    /// anew, and silence means nothing where queries are missing.
    pub queries_days: u32,
    /// How long all other observations and full addresses are kept, in days. Default 90.
    pub retention_days: u32,
    /// How long after its end a trial is in memory, so that later mail of it is known, in seconds. Default 864000, ten days:
    /// twice as long as queues keep mail by default (RFC 5321 §4.5.4.1: "at least 4-5 days").
    pub past_kept_s: u32,
    /// The largest size of the database file, in MiB. From nine tenths of it on the oldest goes before its time: DNS
    /// queries and visits to the policy host first, then told trials with what is of their time. Where nothing may go,
    /// facts are not noted and mail is answered with a transient code, as with a full disk. Default 4096.
    pub size_mib: u32,
    /// How much is written on a day (UTC) of what strangers cause, the operator's mail with it, in MiB; DNS queries and
    /// visits to the policy host have limits of their own. Beyond it mail is answered with a transient code, and links
    /// are only counted. The operator's mail has a quarter of it and TLS reports a sixteenth, and neither takes from the
    /// rest. Of one site, a /24 or in IPv6 a /48, come a quarter of it at most, a sixteenth for the operator, and reports
    /// of a 128th; beyond that the same holds for that site alone. None: no limit. Default 1024.
    pub day_mib: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            path: "mailassay.sqlite".into(),
            url: None,
            secret: None,
            node: NodeName::default(),
            queue_facts: 16_384,
            group_facts: 1_024,
            linger_ms: 50,
            queries_rows: 500_000,
            fetches_rows: 100_000,
            queries_days: 30,
            retention_days: 90,
            past_kept_s: PAST_KEPT_S,
            size_mib: 4_096,
            day_mib: Some(1_024),
        }
    }
}

impl Settings {
    /// Whether there may be a journal to read: a server is asked.
    pub fn is_there(&self) -> bool {
        self.url.is_some() || self.path.exists()
    }

    /// Where the journal lies, for people.
    pub fn place(&self) -> PathBuf {
        self.url.as_ref().map_or_else(|| self.path.clone(), |address| address.to_string().into())
    }
}

/// Hears of every observation, in order: at the opening of those stored, then of each one after its commit
/// and before whoever waits for that commit goes on. Called by the writer, so it must be quick.
pub trait Subscriber: Send + Sync {
    /// An observation that is on disk.
    fn committed(&self, observation: &Observation);

    /// At the opening, before all observations: a trial that was told and put away, with what was written for that.
    ///
    /// # Errors
    ///
    /// Why that cannot be read.
    fn past(&self, _trial: &TrialId, _past: &str) -> Result<(), String> {
        Ok(())
    }

    /// At the opening, before all else: links up to this one are on disk, also those of trials that were put away, and the
    /// last observation is of this time.
    fn resumes(&self, _last: LinkId, _at: Timestamp) {}
}
