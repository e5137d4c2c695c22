//! What is told to those who watch the service: its state at the moment they ask.

mod clock_watch;
mod disks;
mod health;
mod rounds;

use std::collections::BTreeMap;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::{fs, io};

use tokio::net::{TcpListener, UnixListener};

use crate::operations::metrics::{self, Ending, Log, Monitor, Outbox, Process, Snapshot, Tally, Watched};
use crate::program::app::logging;
use crate::program::app::supervision::{Crew, Supervision};
use crate::program::app::{Clock, StartError};
use crate::program::config::Settings;
use crate::program::domains::Domains;
use crate::program::site::Health as _;
use crate::sending::authority::Authority;
use crate::sending::identities::Identities;
use crate::sending::journal::{Journal, Reader};
use crate::sending::trials::Trials;
use crate::shared::time::Timestamp;

use super::Assembly;

use health::Condition;
pub(super) use health::LastSelfCheck;
pub(super) use rounds::Rounds;

/// Where the service that writes a journal tells how it is.
pub(in crate::program::app) fn socket(journal: &Path) -> PathBuf {
    journal.with_added_extension("sock")
}

/// Everything that is looked at.
struct Watch {
    started: Timestamp,
    settings: Arc<Settings>,
    clock: Clock,
    condition: Arc<Condition>,
    supervision: Supervision,
    rounds: Arc<Rounds>,
    tally: Arc<Tally>,
    trials: Arc<Trials>,
    domains: Arc<Domains>,
    journal: Arc<Journal>,
    reader: Reader,
    identities: Arc<Identities>,
    authority: Arc<Authority>,
}

impl Assembly {
    /// What the service knows of itself.
    pub(super) fn condition(&self, supervision: &Supervision) -> Arc<Condition> {
        Arc::new(Condition {
            checked: Arc::clone(&self.health),
            supervision: supervision.clone(),
            journal: Arc::clone(&self.journal),
            identities: Arc::clone(&self.identities),
            rounds: Arc::clone(&self.rounds),
            clock: Arc::clone(&self.clock),
        })
    }

    /// Looks around while the service runs, and tells whoever asks.
    pub(super) async fn spawn_monitor(
        &self,
        domains: &Arc<Domains>,
        listening: Vec<TcpListener>,
        supervision: &Supervision,
        crew: &Crew,
    ) -> Result<(), StartError> {
        let journal = &self.settings.journal.path;
        // Counting rows takes a while in a large journal, and has a connection of its own for that.
        let open = async || {
            let reader = Reader::of(&self.settings.journal).await;
            reader.map_err(|source| StartError::Journal { source, place: journal.clone() })
        };
        let (reader, counting) = (open().await?, open().await?);
        let watch = Watch {
            started: (self.clock)(),
            settings: Arc::clone(&self.settings),
            clock: Arc::clone(&self.clock),
            condition: self.condition(supervision),
            supervision: supervision.clone(),
            rounds: Arc::clone(&self.rounds),
            tally: Arc::clone(&self.tally),
            trials: Arc::clone(&self.trials),
            domains: Arc::clone(domains),
            journal: Arc::clone(&self.journal),
            reader,
            identities: Arc::clone(&self.identities),
            authority: Arc::clone(&self.authority),
        };
        let watch = Arc::new(watch);
        let (rounds, clock) = (Arc::clone(&self.rounds), Arc::clone(&self.clock));
        let stop = crew.stop.clone();
        crew.spawn("watch", async move { rounds.run(&counting, clock, stop).await });
        let monitor = Arc::new(Monitor::new(watch, self.settings.web.clone()));
        for listener in listening {
            crew.spawn("metrics", Arc::clone(&monitor).serve(listener, crew.stop.clone()));
        }
        match bind(&socket(journal)) {
            Ok(listener) => {
                let orders = self.orders_of_operator();
                crew.spawn("status", monitor.serve_socket(listener, orders, crew.stop.clone()));
            }
            Err(error) => {
                let socket = socket(journal);
                tracing::warn!(%error, socket = %socket.display(), "`mailassay status` cannot ask this service");
            }
        }
        Ok(())
    }
}

/// Makes the socket, for its owner and root. Whoever holds the journal's lock may take the place of one that was left.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

impl Watched for Watch {
    fn health(&self) -> metrics::Health {
        self.condition.health()
    }

    fn snapshot(&self) -> Pin<Box<dyn Future<Output = Snapshot> + Send + '_>> {
        Box::pin(async move {
            let now = (self.clock)();
            let logged = logging::lines();
            Snapshot {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                at: now,
                started: self.started,
                health: self.condition.health(),
                parts: self
                    .supervision
                    .parts()
                    .into_iter()
                    .map(|(part, lives)| (part.to_owned(), lives))
                    .collect(),
                process: Process::this(),
                trials: self.trials(),
                counted: self.tally.counted(),
                checks_waiting: self.domains.waiting() as u64,
                outbox: self.outbox(now).await,
                journal: self.journal(),
                disks: self.rounds.disks(),
                certificates: endings(self.identities.ends()),
                signatures: endings(self.authority.signatures_end()),
                log: Log { errors: logged.errors, warnings: logged.warnings, panics: logged.panics },
                clock_jumps: self.rounds.clock_jumps(),
            }
        })
    }
}

fn endings(ends: Vec<(String, Timestamp)>) -> Vec<Ending> {
    ends.into_iter().map(|(name, at)| Ending { name, at }).collect()
}

impl Watch {
    fn trials(&self) -> metrics::Trials {
        let counts = self.trials.counts();
        let remembered =
            [("links", counts.links), ("questions", counts.questions), ("fetches", counts.fetches)];
        metrics::Trials {
            open: counts.open as u64,
            open_max: self.settings.trials.open_trials_max as u64,
            ended: counts.kept.saturating_sub(counts.open) as u64,
            past: counts.past as u64,
            remembered: remembered.map(|(what, count)| (what.to_owned(), count as u64)).into(),
        }
    }

    async fn outbox(&self, now: Timestamp) -> Option<Outbox> {
        let figures = self.reader.outbox_figures().await.ok()?;
        let overdue_s = figures.due_longest.map_or(0, |due| now.as_second() - due.as_second());
        Some(Outbox {
            by_state: figures.by_state.into_iter().collect(),
            overdue_s: u64::try_from(overdue_s).unwrap_or(0),
        })
    }

    fn journal(&self) -> metrics::Journal {
        let path = &self.settings.journal.path;
        let files = [("database", path.clone()), ("log", path.with_file_name(wal(path)))];
        let octets = |(kind, file): (&str, PathBuf)| Some((kind.to_owned(), fs::metadata(file).ok()?.len()));
        metrics::Journal {
            octets: files.into_iter().filter_map(octets).collect::<BTreeMap<_, _>>(),
            octets_max: Some(u64::from(self.settings.journal.size_mib) << 20),
            rows: self.rounds.rows(),
            figures: self.journal.figures(),
        }
    }
}

/// SQLite's name of the write-ahead log.
fn wal(path: &Path) -> std::ffi::OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push("-wal");
    name
}
