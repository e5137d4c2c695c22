//! Who watches a trial: for each that somebody watches one task makes its frames, which all share.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::program::site::port::Results;
use crate::sending::trial::{Places, TrialId};
use crate::sending::web::Settings;
use crate::shared::text::Language;

use super::frame::Frame;

/// What is watched.
type Key = (TrialId, Language);

/// Frames as they come; a slow watcher sees only the latest.
pub(in crate::program::site) type Frames = watch::Receiver<Arc<Frame>>;

/// Everybody who watches.
pub(in crate::program::site) struct Hub {
    watched: Mutex<HashMap<Key, watch::Sender<Arc<Frame>>>>,
    results: Arc<dyn Results>,
    /// Places for watchers.
    pub(in crate::program::site) places: Places,
    per_trial_max: usize,
}

impl Hub {
    pub(in crate::program::site) fn new(results: Arc<dyn Results>, settings: &Settings) -> Self {
        let (places, per_trial_max) = (settings.stream_places(), settings.streams_per_trial_max);
        Self { watched: Mutex::default(), results, places, per_trial_max }
    }

    /// The frames of a trial; none where too many watch it.
    pub(in crate::program::site) fn watch(
        self: &Arc<Self>,
        trial: &TrialId,
        language: Language,
    ) -> Option<Frames> {
        let key = (trial.clone(), language);
        let mut watched = self.watched.lock();
        if let Some(sender) = watched.get(&key) {
            return (sender.receiver_count() < self.per_trial_max).then(|| sender.subscribe());
        }
        let (sender, receiver) = watch::channel(Arc::default());
        watched.insert(key.clone(), sender.clone());
        drop(watched);
        let hub = Arc::clone(self);
        tokio::spawn(async move {
            let _leaves = Leaves { hub: &hub, key: &key, sender: &sender };
            hub.follow(&key, &sender).await;
        });
        Some(receiver)
    }

    /// Whether nobody watches any more; then whoever comes begins anew.
    fn is_left(&self, key: &Key) -> bool {
        let mut watched = self.watched.lock();
        let left = watched.get(key).is_none_or(|sender| sender.receiver_count() == 0);
        if left {
            watched.remove(key);
        }
        left
    }

    /// Makes frames of a trial until its last, or until nobody watches.
    async fn follow(&self, key: &Key, sender: &watch::Sender<Arc<Frame>>) {
        let (trial, language) = key;
        let Some(mut changes) = self.results.follow(trial) else { return };
        loop {
            // Marked before it is read: what comes meanwhile is new.
            changes.borrow_and_update();
            let report = self.results.report(trial, Some(*language)).await;
            let frame = Frame::after(&sender.borrow(), report.as_ref());
            let is_last = frame.is_last();
            sender.send_replace(Arc::new(frame));
            if is_last {
                return;
            }
            tokio::select! {
                // A trial that was deleted has no more changes; what is read then says so.
                changed = changes.changed() => if changed.is_err() {
                    let gone = Frame::after(&sender.borrow(), None);
                    sender.send_replace(Arc::new(gone));
                    return;
                },
                () = sender.closed() => if self.is_left(key) { return },
            }
        }
    }
}

/// Takes a trial off the list however its task ends, unless another task has begun with it.
struct Leaves<'a> {
    hub: &'a Hub,
    key: &'a Key,
    sender: &'a watch::Sender<Arc<Frame>>,
}

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        let mut watched = self.hub.watched.lock();
        if watched.get(self.key).is_some_and(|sender| sender.same_channel(self.sender)) {
            watched.remove(self.key);
        }
    }
}
