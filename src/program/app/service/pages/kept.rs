//! Pages that are kept in memory: as many as there is room for, each as long as nothing has changed.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::program::site::{Report, Stage};
use crate::sending::history::Seq;
use crate::sending::trial::TrialId;
use crate::shared::text::Language;

/// How much all of them may hold, in octets.
const KEPT_OCTETS_MAX: u64 = 32 << 20;
/// How often a page is made anew at most while its trial changes, in milliseconds.
const MADE_EVERY_MS: u64 = 300;
/// How long a page is kept whose changes nobody tells, since too many follow, in seconds.
const UNTOLD_KEPT_S: u64 = 10;
/// What a page takes beside its texts, in octets.
const PAGE_OCTETS: usize = 1_024;
/// What a step takes beside its texts, in octets.
const STEP_OCTETS: usize = 128;

/// What a page is of: a trial, in a language or else in its own.
pub(super) type Key = (TrialId, Option<Language>);

/// What a page's steps rest on: how much up to which place belongs to the trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    pub(super) last: Seq,
    pub(super) attributed: usize,
}

/// A page and whether it still holds.
pub(super) struct Page {
    pub(super) report: Arc<Report>,
    pub(super) basis: Basis,
    made: Instant,
    changes: Option<watch::Receiver<Seq>>,
}

impl Page {
    /// A page of what was known when `changes` had been seen last.
    pub(super) fn new((report, basis): (Report, Basis), changes: Option<watch::Receiver<Seq>>) -> Self {
        Self { report: Arc::new(report), basis, made: Instant::now(), changes }
    }

    /// Whether something has come since; a page whose trial was deleted has.
    fn is_stale(&self) -> bool {
        match &self.changes {
            Some(changes) => changes.has_changed().unwrap_or(true),
            None => self.made.elapsed() > Duration::from_secs(UNTOLD_KEPT_S),
        }
    }

    fn octets(&self) -> u32 {
        let report = &self.report;
        let steps = report.steps.iter();
        let steps = steps.map(|step| STEP_OCTETS + step.did.len() + step.seen.len() + step.follows.len());
        let all = PAGE_OCTETS + report.html.len() + report.title.len() + steps.sum::<usize>();
        u32::try_from(all).unwrap_or(u32::MAX)
    }
}

/// The pages that are kept.
pub(super) struct Kept {
    pages: Cache<Key, Arc<Page>>,
}

impl Default for Kept {
    fn default() -> Self {
        let weigh = |_: &Key, page: &Arc<Page>| page.octets();
        Self { pages: Cache::builder().max_capacity(KEPT_OCTETS_MAX).weigher(weigh).build() }
    }
}

impl Kept {
    /// The page of `key` as it is now, made by `make` where it is not kept or does not hold any more, whoever asks; `make`
    /// is given the one before.
    pub(super) async fn page<F, Made>(&self, key: &Key, make: F) -> Option<Arc<Page>>
    where
        F: Fn(Option<Arc<Page>>) -> Made,
        Made: Future<Output = Option<Arc<Page>>>,
    {
        let before = self.pages.get(key).await;
        if let Some(page) = &before {
            if !page.is_stale() {
                return before;
            }
            // A finished trial changes seldom, and a running one all the time: then all wait for the same next page.
            tokio::time::sleep_until(page.made + Duration::from_millis(MADE_EVERY_MS)).await;
            let kept = self.pages.get(key).await;
            if kept.is_some_and(|kept| Arc::ptr_eq(&kept, page)) {
                self.pages.invalidate(key).await;
            }
        }
        let running = before.filter(|page| page.report.stage == Stage::Running);
        self.pages.optionally_get_with(key.clone(), make(running)).await
    }

    /// Lets go of a trial.
    pub(super) async fn forget(&self, trial: &TrialId) {
        for language in [None].into_iter().chain(Language::ALL.map(Some)) {
            self.pages.invalidate(&(trial.clone(), language)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::sending::trial::LinkId;

    use super::*;

    fn report() -> (Report, Basis) {
        let report = Report {
            title: String::new(),
            html: "x".repeat(1_000_000),
            language: Language::En,
            stage: Stage::Finished,
            about: String::new(),
            steps: Vec::new(),
            awaited: Vec::new(),
        };
        (report, Basis { last: Seq(0), attributed: 0 })
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_is_made_once_for_each_state_whoever_asks() {
        let (kept, made) = (Kept::default(), AtomicUsize::new(0));
        let changes = watch::Sender::new(Seq(0));
        let key = (TrialId::new(b"secret", LinkId(1), 0), None);
        let make = |_| async {
            made.fetch_add(1, Ordering::Relaxed);
            let changes = changes.subscribe();
            tokio::task::yield_now().await;
            Some(Arc::new(Page::new(report(), Some(changes))))
        };
        let ask = || kept.page(&key, make);
        for state in 1..=3 {
            let asked = futures_util::future::join_all((0..100).map(|_| ask())).await;
            assert!(asked.iter().all(Option::is_some));
            assert_eq!(made.load(Ordering::Relaxed), state);
            changes.send_replace(Seq(1));
        }
    }

    #[tokio::test]
    async fn pages_take_no_more_than_their_room() {
        let kept = Kept::default();
        for link in 0..100 {
            let key = (TrialId::new(b"secret", LinkId(link), 0), None);
            let changes = watch::Sender::new(Seq(0)).subscribe();
            kept.page(&key, |_| async { Some(Arc::new(Page::new(report(), Some(changes.clone())))) }).await;
        }
        kept.pages.run_pending_tasks().await;
        assert!(kept.pages.weighted_size() <= KEPT_OCTETS_MAX, "{}", kept.pages.weighted_size());
        assert!(kept.pages.entry_count() > 10);
    }
}
