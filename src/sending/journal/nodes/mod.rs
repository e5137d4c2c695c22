//! The nodes that share a journal: who they are, and which of them does what only one may do. A file has one, which does all.

mod joining;
mod list;
mod name;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::database::{Connection, Server, query, server_now};

pub(super) use joining::{become_node, begin_anew, end_former, groups_of, number_of, session_of};
pub use list::{Node, agree_anew, drain, list};
pub use name::{NodeName, NotAName};

/// How often a node says that it lives, in seconds.
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
    server: Option<Server>,
    /// For beats alone, which wait behind nothing else: a node that cannot say that it lives loses what is its own.
    beating: Line,
    /// For questions whose a task is.
    asking: Line,
    held: Mutex<BTreeSet<Task>>,
    draining: AtomicBool,
    drained: CancellationToken,
}

const BEAT: &str =
    concat!("UPDATE nodes SET seen_at = ", server_now!(), " WHERE number = $1 RETURNING draining");
const RENEW: &str =
    concat!("UPDATE tasks SET until = ", server_now!(), " + $2 WHERE node = $1 AND task = $3");
const TAKE: &str = concat!(
    "INSERT INTO tasks (task, node, until) VALUES ($1, $2, ",
    server_now!(),
    " + $3) ON CONFLICT (task) DO UPDATE SET node = excluded.node, until = excluded.until \
     WHERE tasks.node = excluded.node OR tasks.until < ",
    server_now!(),
    " RETURNING node"
);
const GIVE_UP: &str = "DELETE FROM tasks WHERE node = $1";

impl Nodes {
    /// The node with this number; without a server it is alone.
    pub(super) fn new(number: u16, server: Option<Server>) -> Self {
        Self {
            number,
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

    /// Says that it lives, until `stop`; then others may take its tasks at once.
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
        let node = self.number;
        let _others_wait_for_their_time = self
            .ask(&self.beating, async |connection| query(GIVE_UP).bind(node).execute(connection).await)
            .await;
    }

    async fn beat(&self) {
        let (node, held) = (self.number, self.held.lock().clone());
        let beaten = self
            .ask(&self.beating, async |connection| {
                let draining: i64 = query(BEAT).bind(node).scalar(connection).await?;
                if draining == 1 {
                    query(GIVE_UP).bind(node).execute(connection).await?;
                    return Ok((true, BTreeSet::new()));
                }
                let mut kept = BTreeSet::new();
                for task in held {
                    let renew = query(RENEW).bind(node).bind(TASK_S * 1_000_000).bind(task.as_str());
                    if renew.execute(connection).await? == 1 {
                        kept.insert(task);
                    }
                }
                Ok((false, kept))
            })
            .await;
        // What could not be renewed may be another's soon: whoever asks next is told by the server.
        let Some((draining, kept)) = beaten else { return self.held.lock().clear() };
        self.held.lock().retain(|task| kept.contains(task));
        if draining && !self.draining.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "this node is to take nothing new: it finishes what it has, and does nothing for others"
            );
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
        let node = self.number;
        let taken = self
            .ask(&self.asking, async |connection| {
                let take = query(TAKE).bind(task.as_str()).bind(node).bind(TASK_S * 1_000_000);
                take.scalar_optional::<i64>(connection).await
            })
            .await;
        let is_ours = taken.flatten() == Some(i64::from(node));
        let mut held = self.held.lock();
        if is_ours && held.insert(task) {
            tracing::info!(task = task.as_str(), "this node does this for all from now on");
        }
        if !is_ours {
            held.remove(&task);
        }
        is_ours
    }

    /// Asks the server something on a connection; none where it does not answer in time, or others ask for so long.
    async fn ask<T>(
        &self,
        line: &Line,
        asking: impl AsyncFnOnce(&mut Connection) -> sqlx::Result<T>,
    ) -> Option<T> {
        let server = self.server.as_ref()?;
        let asked = async {
            let mut place = line.lock().await;
            let mut connection = match place.take() {
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
