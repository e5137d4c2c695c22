//! Parts that panic if they are told to, for tests of what becomes of the others.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::program::app::orders::Scans;
use crate::program::app::supervision::{self, panic_if_told, panic_if_told_at};
use crate::program::reply;
use crate::receiving::request::Request;
use crate::receiving::scan::Scanner;
use crate::sending::history::{Fact, History, Observation};
use crate::sending::journal::Subscriber;
use crate::sending::trial::TrialId;
use crate::sending::trials::Trials;
use crate::shared::evidence::scan::Evidence;

/// A subscriber of the journal for tests of those who follow: it panics at a mail, once the replay is over, if it is told
/// to.
#[derive(Default)]
pub(super) struct PanicsIfTold(AtomicBool);

impl PanicsIfTold {
    /// The replay is over.
    pub(super) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Subscriber for PanicsIfTold {
    fn committed(&self, observation: &Observation) {
        if self.0.load(Ordering::Relaxed) && matches!(observation.fact, Fact::Received(_)) {
            panic_if_told("follower");
        }
    }
}

/// Scans, and panics instead if it is told to.
pub(super) struct ScanIfNotTold(pub(super) Arc<Scanner>);

impl Scans for ScanIfNotTold {
    fn scan(&self, request: Request) -> Pin<Box<dyn Future<Output = Evidence> + Send + '_>> {
        Box::pin(async move {
            if request.domain.starts_with(supervision::PANICS) {
                panic_if_told("scan");
            }
            Scans::scan(&*self.0, request).await
        })
    }
}

/// Finds histories for the reply mailer, and panics instead if it is told to.
pub(super) struct HistoryIfNotTold(pub(super) Arc<Trials>);

impl reply::Trials for HistoryIfNotTold {
    fn history(&self, trial: &TrialId) -> Option<History> {
        let history = self.0.history(trial);
        if let Some(history) = &history {
            panic_if_told_at(history, "verdict");
        }
        history
    }
}
