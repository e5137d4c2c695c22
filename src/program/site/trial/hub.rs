//! Who watches a trial: for each that somebody watches one task makes its frames, which all share.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::program::site::Site;
use crate::sending::trial::{Places, TrialId};
use crate::sending::web::Settings;
use crate::shared::text::Language;

use super::frame::Frame;

/// What is watched.
type Key = (TrialId, Language);

/// Frames as they come; a slow watcher sees only the latest.
pub(super) type Frames = watch::Receiver<Arc<Frame>>;

/// Everybody who watches.
pub(in crate::program::site) struct Hub {
    watched: Mutex<HashMap<Key, watch::Sender<Arc<Frame>>>>,
    /// Places for watchers.
    pub(super) places: Places,
    per_trial_max: usize,
}

impl Hub {
    pub(in crate::program::site) fn new(settings: &Settings) -> Self {
        let (places, per_trial_max) = (settings.stream_places(), settings.streams_per_trial_max);
        Self { watched: Mutex::default(), places, per_trial_max }
    }

    /// The frames of a trial; none where too many watch it.
    pub(super) fn watch(site: &Arc<Site>, trial: &TrialId, language: Language) -> Option<Frames> {
        let key = (trial.clone(), language);
        let mut watched = site.hub.watched.lock();
        if let Some(sender) = watched.get(&key) {
            return (sender.receiver_count() < site.hub.per_trial_max).then(|| sender.subscribe());
        }
        let (sender, receiver) = watch::channel(Arc::default());
        watched.insert(key.clone(), sender.clone());
        drop(watched);
        let site = Arc::clone(site);
        tokio::spawn(async move {
            let _leaves = Leaves { site: &site, key: &key };
            follow(&site, &key, &sender).await;
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
}

/// Takes a trial off the list however its task ends.
struct Leaves<'a> {
    site: &'a Site,
    key: &'a Key,
}

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.site.hub.watched.lock().remove(self.key);
    }
}

/// Makes frames of a trial until its last, or until nobody watches.
async fn follow(site: &Site, key: &Key, sender: &watch::Sender<Arc<Frame>>) {
    let (trial, language) = key;
    let Some(mut changes) = site.parts.results.follow(trial) else { return };
    loop {
        // Marked before it is read: what comes meanwhile is new.
        changes.borrow_and_update();
        let report = site.parts.results.report(trial, Some(*language)).await;
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
            () = sender.closed() => if site.hub.is_left(key) { return },
        }
    }
}
