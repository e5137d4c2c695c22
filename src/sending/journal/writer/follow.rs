//! A journal on a server: what other nodes wrote is told in its place, and a connection that was lost is made again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::sending::history::Observation;
use crate::sending::journal::database::{CHANNEL, Connection, ReplayError, Server, query, read_observation};
use crate::sending::journal::nodes::{self, Known, Owed};

use super::Writer;
use super::condition::Trouble;
use super::job::Job;
use super::rows::{Written, flush};

/// How often it is looked for what others wrote, where nobody tells, in milliseconds.
const POLL_MS: u64 = 500;
/// How long nobody tries again to connect after a failure, in seconds.
const AGAIN_S: u64 = 1;
/// How many observations of others are read at once: one may be a scan, of a quarter of a MiB.
const PAGE_ROWS: i64 = 128;
/// How long a transaction may take, in seconds; what takes longer is as if the connection were lost.
pub(super) const TRANSACTION_S: u64 = 30;
/// How long a word to a connection may take that is to find out whether it lives, in seconds.
const WORD_S: u64 = 2;

/// What a writer knows of the server and of the others there.
pub(in crate::sending::journal) struct Remote {
    pub(in crate::sending::journal) server: Server,
    pub(in crate::sending::journal) node: u16,
    /// How often the node has joined, this process last.
    pub(super) joins: i64,
    /// The session that was this node last, as the server numbers it.
    session: i64,
    /// All up to this one has been told.
    seen: i64,
    /// What was told last: it must be there as long as nobody deletes it.
    told: Option<Observation>,
    /// How many commits of ours are known.
    groups: i64,
    /// How much is stored, in octets, as was last seen.
    pub(super) octets: u64,
    /// Why there is no connection, and when it was last tried.
    lost: Option<(String, Option<Instant>)>,
    /// Why nothing may be written any more: only a start mends it.
    over: Option<String>,
    /// Whether a COMMIT is under way.
    committing: bool,
    /// What nobody waits for of a group whose COMMIT was not answered.
    pub(super) in_doubt: Vec<Job>,
    /// Tells whoever says that this node lives that facts are not written yet.
    pub(super) owed: Arc<Owed>,
    /// The nodes that were not heard of when it was last looked.
    pub(super) unheard: Vec<String>,
    woken: Arc<Notify>,
    listening: JoinHandle<()>,
    living: JoinHandle<()>,
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.listening.abort();
        self.living.abort();
    }
}

impl Remote {
    /// Listens from now on, and says that the node lives; all that is known was told, `told` last.
    pub(in crate::sending::journal) fn new(
        server: Server,
        (node, session): (u16, i64),
        Known { groups, joins, last: seen }: Known,
        told: Option<Observation>,
    ) -> Self {
        let woken = Arc::new(Notify::new());
        let listening = tokio::spawn(listen(server.clone(), Arc::clone(&woken)));
        let owed = Arc::new(Owed::default());
        let living = tokio::spawn(nodes::live(server.clone(), (node, joins), Arc::clone(&owed)));
        Self {
            server,
            node,
            joins,
            session,
            seen,
            told,
            groups,
            octets: 0,
            lost: None,
            over: None,
            committing: false,
            in_doubt: Vec::new(),
            owed,
            unheard: Vec::new(),
            woken,
            listening,
            living,
        }
    }

    /// Waits until another node may have written something.
    pub(super) async fn woken(&self) {
        tokio::select! {
            () = self.woken.notified() => {}
            () = tokio::time::sleep(Duration::from_millis(POLL_MS)) => {}
        }
    }
}

/// Wakes a writer whenever a node has written; where that cannot be heard, it looks by itself.
async fn listen(server: Server, woken: Arc<Notify>) {
    loop {
        let _lost = server.listen(|| woken.notify_one()).await;
        tokio::time::sleep(Duration::from_secs(AGAIN_S)).await;
    }
}

fn away(told: &str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::NotConnected, told.to_owned()))
}

/// A connection that was made again, and what was found by it.
struct Again {
    connection: Connection,
    session: i64,
    known: Known,
    /// Whether what was told last is there.
    has_told: bool,
}

/// Connects as the node that this process was, as long as no other process is.
async fn connect_again(remote: &Remote) -> sqlx::Result<Again> {
    let connected = remote.server.to_write().await.map_err(|why| away(&why.to_string()));
    let mut connection = connected?;
    if nodes::known_of(&mut connection, remote.node).await?.joins <= remote.joins {
        // The server may have stood still and not noticed that we gave up.
        nodes::end_former(&mut connection, remote.node, remote.session).await?;
        if !nodes::become_node(&mut connection, remote.node).await? {
            return Err(away("another connection still writes as this node"));
        }
    }
    let session = nodes::session_of(&mut connection).await?;
    // From here on no commit of a former connection comes.
    let known = nodes::known_of(&mut connection, remote.node).await?;
    let has_told = match &remote.told {
        Some(told) => has_told(&mut connection, told).await?,
        None => true,
    };
    Ok(Again { connection, session, known, has_told })
}

/// Whether the server has what was told last; also where that was deleted meanwhile.
async fn has_told(connection: &mut Connection, told: &Observation) -> sqlx::Result<bool> {
    let there = query("SELECT seq, at, fact FROM observations WHERE seq = $1").bind(told.seq.0);
    let Some(row) = there.fetch_optional(connection).await? else { return Ok(true) };
    Ok(read_observation(&row).is_ok_and(|there| there == *told))
}

impl Writer {
    /// Connects again where the connection was lost, and finds out what became of what was in doubt.
    pub(super) async fn ready(&mut self) -> sqlx::Result<()> {
        let Some(remote) = &mut self.remote else { return Ok(()) };
        if let Some(why) = &remote.over {
            return Err(away(why));
        }
        let Some((told, tried)) = &mut remote.lost else { return Ok(()) };
        if tried.is_some_and(|tried| tried.elapsed() < Duration::from_secs(AGAIN_S)) {
            return Err(away(told));
        }
        let late = || away("the server does not answer");
        let connected = tokio::time::timeout(Duration::from_secs(TRANSACTION_S), connect_again(remote)).await;
        let Again { connection, session, known, has_told } = match connected.unwrap_or_else(|_| Err(late())) {
            Ok(again) => again,
            Err(error) => {
                remote.lost = Some((error.to_string(), Some(Instant::now())));
                return Err(error);
            }
        };
        if known.joins > remote.joins {
            let name = self.settings.node.to_string();
            return Err(self.give_up(Trouble::Replaced(name)));
        }
        let (seen, groups) = (remote.seen, remote.groups);
        if known.last < seen || known.groups < groups || known.joins < remote.joins || !has_told {
            let (last, here) = (known.last, known.groups);
            let how = match has_told {
                true => format!(
                    "it ends at {last} and counts {here} commits of this node, which knew {seen} and {groups}"
                ),
                false => format!("its observation {seen} is another than was told"),
            };
            return Err(self.give_up(Trouble::WentBack(how)));
        }
        self.connection = connection;
        remote.session = session;
        remote.lost = None;
        let doubtful = std::mem::take(&mut remote.in_doubt);
        // What was committed is read with what others wrote.
        if known.groups == groups {
            doubtful.into_iter().rev().for_each(|job| self.held.push_front(job));
        }
        remote.groups = known.groups;
        tracing::info!("the journal's database answers again");
        Ok(())
    }

    /// Writes nothing from now on: a start has to read anew, and finds noted that something may be missing.
    fn give_up(&mut self, trouble: Trouble) -> sqlx::Error {
        let why = trouble.to_string();
        tracing::error!("{why}");
        if matches!(trouble, Trouble::WentBack(_)) {
            self.dropped.count_unknown();
        }
        self.condition.set(Some(trouble));
        let refused = away(&why);
        if let Some(remote) = &mut self.remote {
            remote.over = Some(why);
        }
        refused
    }

    /// Refuses an end of the journal that lies before what was told.
    fn ensure_goes_on(&mut self, last: i64) -> sqlx::Result<()> {
        match self.remote.as_ref().map(|remote| remote.seen) {
            Some(seen) if last < seen => {
                Err(self.give_up(Trouble::WentBack(format!("it ends at {last}, and {seen} was told"))))
            }
            _ => Ok(()),
        }
    }

    /// Tells what others wrote up to now.
    pub(super) async fn catch_up(&mut self) {
        let Some(remote) = &self.remote else { return };
        let was_lost = remote.lost.is_some();
        let caught_up = async {
            self.ready().await?;
            let last: i64 = query("SELECT last FROM head").scalar(&mut self.connection).await?;
            self.ensure_goes_on(last)?;
            self.follow(last).await
        };
        let caught_up = tokio::time::timeout(Duration::from_secs(TRANSACTION_S), caught_up).await;
        match caught_up.unwrap_or_else(|_| Err(away("the server does not answer"))) {
            Ok(()) if was_lost => self.say_written(),
            Ok(()) => {}
            Err(error) => {
                let _nothing_was_to_be_written = self.say_not_written(Vec::new(), &error);
                self.after_failure(&error, &mut Vec::new()).await;
            }
        }
    }

    /// Tells all behind what was told, up to one.
    pub(super) async fn follow(&mut self, until: i64) -> sqlx::Result<()> {
        loop {
            let Some(seen) = self.remote.as_ref().map(|remote| remote.seen).filter(|seen| *seen < until)
            else {
                return Ok(());
            };
            let rows = query(
                "SELECT seq, at, fact FROM observations WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
            );
            let rows = rows.bind(seen).bind(until).bind(PAGE_ROWS).fetch_all(&mut self.connection).await?;
            let mut observations = Vec::with_capacity(rows.len());
            for row in &rows {
                match read_observation(row) {
                    Ok(observation) => observations.push(observation),
                    Err(ReplayError::Database(error)) => return Err(error),
                    Err(ReplayError::Line(reason)) => {
                        tracing::error!("{reason}; does another node run a later version?");
                        self.condition.set(Some(Trouble::NotFollowed(reason)));
                    }
                }
            }
            let is_all = i64::try_from(rows.len()).is_ok_and(|rows| rows < PAGE_ROWS);
            let last = rows.last().map(|row| row.try_get::<i64, _>(0)).transpose()?.unwrap_or(until);
            self.rows = self.rows.with(&observations);
            observations.iter().for_each(|observation| self.tell(observation));
            if let Some(remote) = &mut self.remote {
                remote.seen = if is_all { until } else { last };
                remote.told = observations.pop().or(remote.told.take());
            }
        }
    }

    /// Begins to write. On a server nobody else writes from now on, and what others wrote before has been told.
    pub(super) async fn begin(&mut self) -> sqlx::Result<Written> {
        self.connection.begin().await?;
        let Some(node) = self.remote.as_ref().map(|remote| remote.node) else {
            return Ok(Written::default());
        };
        let mut last = self.take_turn().await?;
        if self.is_far_behind(last) {
            self.connection.rollback().await?;
            self.approach(last).await?;
            self.connection.begin().await?;
            // From here it is behind by no more than others wrote while it waited.
            last = self.take_turn().await?;
        }
        self.follow(last).await?;
        Ok(Written { last: Some(last), node, ..Written::default() })
    }

    /// Waits until nobody else writes; gives the last observation that there is.
    async fn take_turn(&mut self) -> sqlx::Result<i64> {
        let turn = query("SELECT last, octets, current_setting('fsync') FROM head FOR UPDATE");
        let head = turn.fetch_one(&mut self.connection).await?;
        // It is set for all sessions, and may have been set since this one began.
        if head.try_get::<&str, _>(2)? == "off" {
            return Err(away(
                "the database has `fsync = off`, so that what it confirms may be lost; set it to `on`",
            ));
        }
        if let Some(remote) = &mut self.remote {
            remote.octets = head.number(1)?;
        }
        let last = head.try_get(0)?;
        self.ensure_goes_on(last)?;
        Ok(last)
    }

    fn is_far_behind(&self, last: i64) -> bool {
        self.remote.as_ref().is_some_and(|remote| last - remote.seen > PAGE_ROWS)
    }

    /// Reads on while others may write, until little is left.
    async fn approach(&mut self, mut last: i64) -> sqlx::Result<()> {
        while self.is_far_behind(last) {
            self.follow(last).await?;
            last = query("SELECT last FROM head").scalar(&mut self.connection).await?;
        }
        Ok(())
    }

    /// Ends what [`Self::begin`] began: afterwards it is on disk, and is to be told.
    pub(super) async fn commit(&mut self, written: &mut Written) -> sqlx::Result<()> {
        flush(&mut self.connection, written).await?;
        let Some(remote) = &mut self.remote else { return self.connection.commit().await };
        let (last, octets) = (written.last.unwrap_or(remote.seen), written.stored_octets);
        // These are numbers of ours. What was counted is counted in the same transaction.
        let told = if written.observations.is_empty() {
            String::new()
        } else {
            format!("UPDATE head SET last = {last}, octets = octets + {octets}; NOTIFY {CHANNEL}; ")
        };
        let end =
            format!("{told}UPDATE nodes SET groups = groups + 1 WHERE number = {}; COMMIT", remote.node);
        remote.committing = true;
        self.connection.run(sqlx::AssertSqlSafe(end)).await?;
        remote.committing = false;
        remote.groups += 1;
        remote.seen = remote.seen.max(last);
        remote.told = written.observations.last().cloned().or(remote.told.take());
        remote.octets += octets;
        Ok(())
    }

    /// After a failure: nothing is under way any more. Where a COMMIT was not answered, what nobody waits for of `group` is in
    /// doubt until the server answers; whoever waits is told that nothing was noted, and comes again.
    pub(super) async fn after_failure(&mut self, error: &sqlx::Error, group: &mut Vec<Job>) {
        let word = Duration::from_secs(WORD_S);
        let rolled_back = tokio::time::timeout(word, self.connection.rollback()).await;
        // "No transaction is active" is the answer where SQLite was faster; both leave none.
        let Some(remote) = &mut self.remote else { return };
        let is_in_doubt = std::mem::take(&mut remote.committing);
        if (is_in_doubt || !matches!(rolled_back, Ok(Ok(())))) && remote.lost.is_none() {
            // The first attempt to connect again is made at once.
            remote.lost = Some((error.to_string(), None));
        }
        if is_in_doubt {
            remote.in_doubt.extend(group.extract_if(.., |job| job.answer.is_none()));
        }
    }
}
