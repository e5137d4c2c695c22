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

impl Assembly {
    /// Asks the parents of zones whose key-signing key is being rolled over.
    pub(super) fn look_at_parents(
        &self,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
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
