//! Documents of checks: made once for each scan, one at a time, and kept while there is room.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::program::domains::Kept;
use crate::program::report::json_text;
use crate::receiving::grades::Receiving;
use crate::receiving::report;

/// How many are made at the same time: a core stays for the mail.
const MADE_AT_ONCE_MAX: usize = 1;
/// How many octets of them are kept.
const KEPT_OCTETS_MAX: usize = 8 * 1024 * 1024;

/// Documents of checks, by the numbers of their scans.
pub(super) struct Documents {
    /// The last asked for is the first.
    kept: Mutex<VecDeque<(i64, Arc<str>)>>,
    makers: Semaphore,
}

impl Default for Documents {
    fn default() -> Self {
        Self { kept: Mutex::default(), makers: Semaphore::new(MADE_AT_ONCE_MAX) }
    }
}

impl Documents {
    /// What is kept of a scan.
    pub(super) fn of(&self, scan: i64) -> Option<Arc<str>> {
        let mut kept = self.kept.lock();
        let place = kept.iter().position(|(known, _)| *known == scan)?;
        let found = kept.remove(place)?;
        let text = Arc::clone(&found.1);
        kept.push_front(found);
        Some(text)
    }

    /// A place for whoever makes a document, to be had before anything large is read for it.
    pub(super) async fn place(&self) -> SemaphorePermit<'_> {
        self.makers.acquire().await.expect("the places are never closed")
    }

    /// Makes the document of what a scan saw, by the rules of this program, for whoever has the place; none if that fails,
    /// which the log says.
    pub(super) async fn make(&self, seen: Kept, _place: &SemaphorePermit<'_>) -> Option<Arc<str>> {
        let scan = seen.scan;
        let making = tokio::task::spawn_blocking(move || {
            let receiving = Receiving::of(&seen.evidence, seen.evidence.to);
            json_text(&report::json(&receiving, seen.evidence.to))
        });
        let text: Arc<str> = making
            .await
            .map_err(|error| tracing::error!(scan, %error, "the document of a check could not be made"))
            .ok()?
            .into();
        self.keep(scan, Arc::clone(&text));
        Some(text)
    }

    fn keep(&self, scan: i64, text: Arc<str>) {
        let mut kept = self.kept.lock();
        kept.push_front((scan, text));
        let mut octets = 0;
        kept.retain(|(_, text)| {
            octets += text.len();
            octets <= KEPT_OCTETS_MAX
        });
    }

    /// Keeps nothing of a scan any more: somebody deleted it.
    pub(super) fn forget(&self, scan: i64) {
        self.kept.lock().retain(|(known, _)| *known != scan);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_octets_are_kept() {
        let documents = Documents::default();
        let large: Arc<str> = "x".repeat(KEPT_OCTETS_MAX / 2).into();
        for scan in 1..=3 {
            documents.keep(scan, Arc::clone(&large));
        }
        assert_eq!([1, 2, 3].map(|scan| documents.of(scan).is_some()), [false, true, true]);
        documents.forget(3);
        assert!(documents.of(3).is_none());
    }
}
