//! The result pages.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::program::app::Clock;
use crate::program::report::{self, Account, half_of};
use crate::program::site::{Report, Results};
use crate::receiving::grades::Receiving;
use crate::sending::history::History;
use crate::sending::journal::{Journal, Reader};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Pace, TrialId};
use crate::sending::trials::Trials;
use crate::sending::verdict::judge;
use crate::shared::evidence::scan::Evidence;
use crate::shared::text::{Language, Page};

/// How many pages are made at a time.
pub(super) const PAGES_AT_ONCE_MAX: usize = 1;

/// The result pages, made when they are asked for.
pub(super) struct Pages {
    pub(super) trials: Arc<Trials>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
    pub(super) report: report::Settings,
    pub(super) journal: Arc<Journal>,
    pub(super) clock: Clock,
    /// Places for those who make one.
    pub(super) places: Semaphore,
}

impl Results for Pages {
    fn report<'a>(
        &'a self,
        trial: &'a TrialId,
        language: Option<Language>,
    ) -> Pin<Box<dyn Future<Output = Option<Report>> + Send + 'a>> {
        Box::pin(async move {
            // So few at a time that pages leave a core to the mail.
            let _place = self.places.acquire().await.ok()?;
            let history = self.trials.read(trial, self.journal.reader()).await.unwrap_or_else(|error| {
                tracing::error!(trial = trial.log_name(), %error, "a trial could not be read");
                None
            })?;
            let evidence = evidence(self.journal.reader(), &history).await;
            let (catalogue, pace, settings) =
                (Arc::clone(&self.catalogue), self.pace.clone(), self.report.clone());
            let now = (self.clock)();
            let page = tokio::task::spawn_blocking(move || {
                let verdict = judge(&catalogue, &pace, &history);
                let receiving = evidence.as_ref().map(|evidence| Receiving::of(evidence, evidence.to));
                let receiving = half_of(&history, &settings, receiving.as_ref());
                let account = Account {
                    catalogue: &catalogue,
                    history: &history,
                    verdict: &verdict,
                    pace: &pace,
                    receiving,
                    now,
                };
                let language = language.unwrap_or_else(|| account.language());
                let page = Page::whole(account, language, &settings);
                Report { title: page.subject.clone(), html: page.fragment(), language }
            });
            page.await
                .map_err(
                    |error| tracing::error!(trial = trial.log_name(), %error, "a page could not be made"),
                )
                .ok()
        })
    }
}

/// What the scan of a trial's sender saw; none while there is none, and where the journal cannot be read.
pub(super) async fn evidence(reader: &Reader, history: &History) -> Option<Evidence> {
    let scan = history.scan.as_ref()?;
    reader.evidence(scan.seq).await.unwrap_or_else(|error| {
        tracing::error!(trial = history.id.log_name(), %error, "the evidence of a scan could not be read");
        None
    })
}
