//! Supervision: no part of the service dies silently.
//!
//! Every task that lives as long as the service is spawned into a [`Crew`]. One that panics, or ends unasked, is a
//! [`Trouble`]: the service then ends in order, with an exit code of its own, and whoever started it starts it anew. What
//! a stranger can make panic - a link, a question, a visit, a trial, a scan, a verdict - is caught nearer to it, and ends
//! alone.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::sending::history::History;
use crate::sending::journal::{self, Journal};

/// The exit code of a service that ended because a part of it had died.
pub const TROUBLE_EXIT_CODE: u8 = 4;
/// What an operator does about it.
pub const TROUBLE_ADVICE: &str = "start it again, which systemd does by itself (Restart=on-failure); nothing that was \
     acknowledged is lost; please report this together with the lines above";
/// In debug builds the part that this variable of the environment names panics, so that tests see what becomes of it.
const PANIC_IN: &str = "MAILASSAY_PANIC_IN";
/// What is done for one sender panics only where its domain begins so.
pub(super) const PANICS: &str = "panic.";

/// A part of the service died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub part: &'static str,
    pub how: Died,
}

/// How a part died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Died {
    /// It panicked; the standard error output says where.
    Panicked,
    /// It ended though nobody had asked it to.
    Ended,
    /// Only a new start mends the journal.
    Journal(journal::Trouble),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            Died::Panicked => write!(f, "{} panicked", self.part),
            Died::Ended => write!(f, "{} ended unasked", self.part),
            Died::Journal(trouble) => write!(f, "{trouble}"),
        }
    }
}

/// Knows whether a part has died. Clones share what they know.
#[derive(Clone, Debug)]
pub struct Supervision {
    first: Arc<watch::Sender<Option<Trouble>>>,
    /// The parts that were spawned, and whether they live.
    parts: Arc<Mutex<BTreeMap<&'static str, bool>>>,
}

impl Default for Supervision {
    fn default() -> Self {
        Self { first: Arc::new(watch::Sender::new(None)), parts: Arc::default() }
    }
}

impl Supervision {
    /// The first part that died; none while all live.
    pub fn trouble(&self) -> Option<Trouble> {
        self.first.borrow().clone()
    }

    /// Every part that lives as long as the service, and whether it does.
    pub fn parts(&self) -> BTreeMap<&'static str, bool> {
        self.parts.lock().clone()
    }

    /// Waits until a part dies.
    pub async fn died(&self) -> Trouble {
        let mut seen = self.first.subscribe();
        loop {
            if let Some(trouble) = &*seen.borrow_and_update() {
                return trouble.clone();
            }
            // The sender lives as long as `self`.
            let _ = seen.changed().await;
        }
    }

    fn tell(&self, trouble: Trouble) {
        tracing::error!(part = trouble.part, "{trouble}; the service ends");
        self.parts.lock().insert(trouble.part, false);
        self.first.send_if_modified(|first| {
            let is_first = first.is_none();
            first.get_or_insert(trouble);
            is_first
        });
    }
}

/// Tasks that are supervised, and stop together.
pub struct Crew {
    tasks: TaskTracker,
    supervision: Supervision,
    /// Asks them to stop.
    pub stop: CancellationToken,
}

impl Crew {
    /// A crew without anybody.
    pub fn new(supervision: &Supervision) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        Self { tasks, supervision: supervision.clone(), stop }
    }

    /// Runs a task that is to live until [`Self::stop`].
    pub fn spawn(&self, part: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (supervision, stop) = (self.supervision.clone(), self.stop.clone());
        supervision.parts.lock().insert(part, true);
        self.tasks.spawn(async move {
            let task = async {
                panic_if_told(part);
                task.await;
            };
            match AssertUnwindSafe(task).catch_unwind().await {
                Ok(()) if stop.is_cancelled() => {}
                Ok(()) => supervision.tell(Trouble { part, how: Died::Ended }),
                Err(_) => supervision.tell(Trouble { part, how: Died::Panicked }),
            }
        });
    }

    /// Tells of a trouble of the journal that only a new start mends.
    pub fn watch(&self, journal: &Journal) {
        let (supervision, stop, lasting) =
            (self.supervision.clone(), self.stop.clone(), journal.lasting_trouble());
        self.tasks.spawn(async move {
            if let Some(trouble) = stop.run_until_cancelled(lasting).await {
                supervision.tell(Trouble { part: "journal", how: Died::Journal(trouble) });
            }
        });
    }

    /// Asks all to stop, and waits until they have.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Panics where this is a debug build and `MAILASSAY_PANIC_IN` names `part`.
pub(super) fn panic_if_told(part: &str) {
    if cfg!(debug_assertions) && std::env::var_os(PANIC_IN).is_some_and(|told| told == part) {
        panic!("as {PANIC_IN} says");
    }
}

/// The same at the trial of a sender that tests call so.
pub(super) fn panic_if_told_at(history: &History, part: &str) {
    if cfg!(debug_assertions) && history.reverse_paths().iter().any(|path| path.domain.starts_with(PANICS)) {
        panic_if_told(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_ends_unasked_is_told_of_and_whoever_is_asked_is_not() {
        let supervision = Supervision::default();
        let crew = Crew::new(&supervision);
        let stop = crew.stop.clone();
        crew.spawn("patient", async move { stop.cancelled().await });
        crew.stop().await;
        assert_eq!(supervision.trouble(), None);

        let crew = Crew::new(&supervision);
        crew.spawn("hasty", async {});
        assert_eq!(supervision.died().await, Trouble { part: "hasty", how: Died::Ended });
        crew.spawn("second", async { panic!("a test") });
        crew.stop().await;
        assert_eq!(supervision.died().await.part, "hasty", "the first is the cause");
        assert_eq!(supervision.parts(), [("hasty", false), ("patient", true), ("second", false)].into());
    }
}
