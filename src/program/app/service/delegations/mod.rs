//! What parents say of keys that wait for them: the roll of a key-signing key goes on when the parent has its DS record.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::operations::delegation::{self, Seen};
use crate::sending::authority::KeyFolder;
use crate::sending::journal::{Lease, Task};

/// How often parents are asked, in seconds, where a key waits for them.
const PARENTS_S: u64 = 3_600;

/// How often it is asked whose the keys are, in seconds.
const KEYS_S: u64 = 10;

impl Assembly {
    /// Brings the keys of zones on, and asks the parents of those that wait for them.
    pub(super) fn keep_keys(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (rolling, asking) = (self.roll_keys(stop.clone()), self.look_at_parents(stop));
        async move {
            tokio::join!(rolling, asking);
        }
    }

    /// Has one node alone bring the keys of zones on: two that draw keys at the same time would each sign with its own.
    fn roll_keys(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (authority, journal) = (Arc::clone(&self.authority), Arc::clone(&self.journal));
        async move {
            let asking = async {
                loop {
                    authority.set_rolls_keys(journal.nodes().holds(Task::Keys).await);
                    tokio::time::sleep(Duration::from_secs(KEYS_S)).await;
                }
            };
            if journal.nodes().is_on_server() {
                authority.set_rolls_keys(false);
                stop.run_until_cancelled(asking).await;
            } else {
                stop.cancelled().await;
            }
        }
    }

    /// Asks the parents of zones whose key-signing key is being rolled over.
    fn look_at_parents(&self, stop: CancellationToken) -> impl Future<Output = ()> + Send + 'static {
        let (authority, lookup, clock) =
            (Arc::clone(&self.authority), Arc::clone(&self.lookup), Arc::clone(&self.clock));
        let journal = Arc::clone(&self.journal);
        let folder = KeyFolder::new(&self.settings.zone.authority.keys);
        async move {
            loop {
                let is_ours = journal.nodes().holds(Task::Keys).await;
                for announced in authority.announced().into_iter().filter(|_| is_ours) {
                    let Some(seen) = stop.run_until_cancelled(delegation::seen(&*lookup, &announced)).await
                    else {
                        return;
                    };
                    if seen != Seen::Alone {
                        tracing::warn!(zone = announced.zone, "{}", delegation::told(&announced, &seen));
                        continue;
                    }
                    let noted = folder.parent_has_ds(&announced.zone, clock());
                    if let Err(error) = noted.and_then(|_| authority.refresh(clock())) {
                        tracing::error!(%error, "the parent has the new DS record, and that could not be noted");
                    }
                }
                let pause = tokio::time::sleep(Duration::from_secs(PARENTS_S));
                if stop.run_until_cancelled(pause).await.is_none() {
                    return;
                }
            }
        }
    }
}
