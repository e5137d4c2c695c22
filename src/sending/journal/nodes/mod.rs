//! The nodes that share a journal: who they are, and which of them does what only one may do. A file has one, which does all.

mod joining;
mod list;
mod living;
mod name;
mod unheard;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::database::{Connection, Query, Server, query, server_now};

pub(super) use joining::{
    Known, become_node, begin_anew, end_former, known_of, leave, number_of, session_of,
};
pub use list::{Node, agree_anew, drain, list};
pub(super) use living::{Owed, begin_to_serve, live};
pub use name::{NodeName, NotAName};
pub(super) use unheard::unheard;

/// How often a node says that it lives, and that its tasks are still its own, in seconds.
const BEAT_S: u64 = 3;
/// How long a task is a node's after it last said so, in seconds: several beats.
const TASK_S: i64 = 15;
/// How long a beat may take, in seconds.
const BEAT_S_MAX: u64 = 10;

/// What one node does for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Scans of senders' domains after their trials.
    Scans,
    /// Deleting what is old.
    Expiry,
    /// Looking at the service as a sender would.
    SelfCheck,
    /// Ordering certificates.
    Certificates,
    /// Rolling over the keys of zones.
    Keys,
}

impl Task {
    /// Its name, in the database and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scans => "scans",
            Self::Expiry => "expiry",
            Self::SelfCheck => "self-check",
            Self::Certificates => "certificates",
            Self::Keys => "keys",
        }
    }
}

/// Knows whether a task is this node's at the moment.
pub trait Lease: Send + Sync {
    /// Whether the task is ours; where it is nobody's, it becomes so. Who does a task asks before each part of it.
    fn holds(&self, task: Task) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}

/// A connection that is made when it is wanted.
type Line = tokio::sync::Mutex<Option<Connection>>;

/// This node, among others or alone.
pub struct Nodes {
    number: u16,
    /// How often the node had joined when this process did.
    joins: i64,
    server: Option<Server>,
    /// For beats alone, which wait behind nothing else: a node that cannot say that it lives loses what is its own.
    beating: Line,
    /// For questions whose a task is.
    asking: Line,
    held: Mutex<BTreeSet<Task>>,
    draining: AtomicBool,
    drained: CancellationToken,
}

const BEAT: &str = "SELECT draining FROM nodes WHERE number = $1 AND joins = $2";
const RENEW: &str = concat!(
    "UPDATE tasks SET until = ",
    server_now!(),
    " + $3 WHERE node = $1 AND task = $4 AND EXISTS (SELECT FROM nodes WHERE number = $1 AND joins = $2)"
);
/// A time that is too far away is that of a clock that was set back since: the task is nobody's.
const TAKE: &str = concat!(
    "INSERT INTO tasks (task, node, until) SELECT $4, number, ",
    server_now!(),
    " + $3 FROM nodes WHERE number = $1 AND joins = $2 \
     ON CONFLICT (task) DO UPDATE SET node = excluded.node, until = excluded.until \
     WHERE tasks.node = excluded.node OR tasks.until < ",
    server_now!(),
    " OR tasks.until > ",
    server_now!(),
    " + 2 * $3 RETURNING node"
);
const GIVE_UP: &str =
    "DELETE FROM tasks WHERE node = $1 AND EXISTS (SELECT FROM nodes WHERE number = $1 AND joins = $2)";

/// What the server says to a beat.
enum Beaten {
    /// These tasks are ours for longer.
    Kept(BTreeSet<Task>),
    Draining,
    /// Another process is this node.
    Replaced,
}

impl Nodes {
    /// The node with this number; without a server it is alone.
    pub(super) fn new((number, joins): (u16, i64), server: Option<Server>) -> Self {
        Self {
            number,
            joins,
            server,
            beating: Line::default(),
            asking: Line::default(),
            held: Mutex::default(),
            draining: AtomicBool::new(false),
            drained: CancellationToken::new(),
        }
    }

    /// Whether the journal is in a database that others reach, too, and not in a file of this host.
    pub fn is_on_server(&self) -> bool {
        self.server.is_some()
    }

    /// Its number; 0: it is alone, and its journal is a file.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// Whether it takes nothing new any more.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Cancelled when it is asked to take nothing new any more.
    pub fn drained(&self) -> &CancellationToken {
        &self.drained
    }

    /// Keeps what it does for all its own, and hears whether it is to take nothing new, until `stop`; then others may take its
    /// tasks at once.
    pub async fn run(&self, stop: CancellationToken) {
        if self.server.is_none() {
            return stop.cancelled().await;
        }
        let beating = async {
            loop {
                self.beat().await;
                tokio::time::sleep(Duration::from_secs(BEAT_S)).await;
            }
        };
        stop.run_until_cancelled(beating).await;
        self.held.lock().clear();
        let give_up = async |connection: &mut Connection| self.bound(GIVE_UP).execute(connection).await;
        let _others_wait_for_their_time = self.ask(&self.beating, give_up).await;
    }

    /// A statement about this node, as long as this process is it.
    fn bound(&self, sql: &'static str) -> Query {
        query(sql).bind(self.number).bind(self.joins)
    }

    async fn beat(&self) {
        let asked = self.held.lock().clone();
        let beating = async |connection: &mut Connection| {
            let draining = self.bound(BEAT).scalar_optional::<i64>(connection).await?;
            match draining {
                None => return Ok(Beaten::Replaced),
                Some(1) => {
                    self.bound(GIVE_UP).execute(connection).await?;
                    return Ok(Beaten::Draining);
                }
                Some(_) => {}
            }
            let mut kept = BTreeSet::new();
            for task in &asked {
                let renew = self.bound(RENEW).bind(TASK_S * 1_000_000).bind(task.as_str());
                if renew.execute(connection).await? == 1 {
                    kept.insert(*task);
                }
            }
            Ok(Beaten::Kept(kept))
        };
        let (kept, ends) = match self.ask(&self.beating, beating).await {
            // What could not be renewed may be another's soon: whoever asks next is told by the server.
            None => (BTreeSet::new(), false),
            Some(Beaten::Kept(kept)) => (kept, false),
            Some(Beaten::Draining) => {
                if !self.is_draining() {
                    tracing::warn!(
                        "this node is to take nothing new: it finishes what it has, and does nothing for others"
                    );
                }
                (BTreeSet::new(), true)
            }
            Some(Beaten::Replaced) => {
                if !self.is_draining() {
                    tracing::error!(
                        "another process has joined as this node, and this one takes nothing new; give each a \
                         `node.name` of its own"
                    );
                }
                (BTreeSet::new(), true)
            }
        };
        // What was taken while the server was asked is not in its answer.
        self.held.lock().retain(|task| !ends && (kept.contains(task) || !asked.contains(task)));
        if ends && !self.draining.swap(true, Ordering::Relaxed) {
            self.drained.cancel();
        }
    }

    async fn take(&self, task: Task) -> bool {
        if self.server.is_none() {
            return true;
        }
        if self.is_draining() {
            return false;
        }
        let taking = async |connection: &mut Connection| {
            let take = self.bound(TAKE).bind(TASK_S * 1_000_000).bind(task.as_str());
            take.scalar_optional::<i64>(connection).await
        };
        let is_ours = self.ask(&self.asking, taking).await.flatten() == Some(i64::from(self.number));
        let mut held = self.held.lock();
        if is_ours && held.insert(task) {
            tracing::info!(task = task.as_str(), "this node does this for all from now on");
        }
        if !is_ours {
            held.remove(&task);
        }
        is_ours
    }

    /// Asks the server something on a connection; none where it does not answer in time, or others ask for so long. A
    /// connection that was kept may be of before a restart of the server: then another is made.
    async fn ask<T>(
        &self,
        line: &Line,
        asking: impl AsyncFnOnce(&mut Connection) -> sqlx::Result<T>,
    ) -> Option<T> {
        let server = self.server.as_ref()?;
        let asked = async {
            let mut place = line.lock().await;
            let mut kept = place.take();
            if let Some(connection) = &mut kept
                && !connection.lives().await
            {
                kept = None;
            }
            let mut connection = match kept {
                Some(connection) => connection,
                None => server.to_read().await.ok()?,
            };
            let answer = asking(&mut connection).await.ok()?;
            // One that failed is not asked again.
            *place = Some(connection);
            Some(answer)
        };
        tokio::time::timeout(Duration::from_secs(BEAT_S_MAX), asked).await.ok().flatten()
    }
}

impl Lease for Nodes {
    fn holds(&self, task: Task) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(self.take(task))
    }
}
