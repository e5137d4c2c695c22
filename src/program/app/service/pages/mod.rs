//! The pages of trials: made once for each state, on a thread of their own, and kept in memory as far as there is room.

mod kept;
mod making;

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::program::app::Clock;
use crate::program::archive::{Archive, PostscriptRow};
use crate::program::report;
use crate::program::seal::SealKey;
use crate::program::site::{Asked, Comparison, Deleted, Document, Format, Report, Results, Wanted};
use crate::sending::history::{History, Seq, addressee};
use crate::sending::journal::{Journal, Reader};
use crate::sending::persona::{Addresses, Catalogue};
use crate::sending::trial::{Mailbox, Pace, TrialId, is_writable};
use crate::sending::trials::{Erased, Trials};
use crate::sending::verdict::{Reported, labels_of};
use crate::shared::evidence::scan::Evidence;
use crate::shared::text::Language;

use super::Assembly;
use super::reports::reported;

use kept::{Kept, Key, Page};
use making::Making;

/// How many pages are made at a time.
const PAGES_AT_ONCE_MAX: usize = 1;

/// What pages are made of.
pub(super) struct Sources {
    pub(super) trials: Arc<Trials>,
    pub(super) catalogue: Arc<Catalogue>,
    /// The addresses of our hosts.
    pub(super) addresses: Addresses,
    pub(super) pace: Pace,
    pub(super) report: report::Settings,
    /// The address in From of verdict mails.
    pub(super) from: String,
    pub(super) journal: Arc<Journal>,
    pub(super) clock: Clock,
    /// The key of files that are handed on.
    pub(super) seal: Arc<SealKey>,
    pub(super) archive: Arc<Archive>,
    /// The journal's secret.
    pub(super) secret: [u8; 32],
}

/// The pages of trials.
pub(super) struct Pages {
    sources: Sources,
    kept: Kept,
    /// Places for those who make one.
    places: Semaphore,
}

impl Pages {
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources, kept: Kept::default(), places: Semaphore::new(PAGES_AT_ONCE_MAX) }
    }

    /// Everything that is known of a trial.
    async fn making(&self, trial: &TrialId) -> Option<Making> {
        let Sources { trials, journal, .. } = &self.sources;
        let history = trials.read(trial, journal.reader()).await.unwrap_or_else(|error| {
            tracing::error!(trial = trial.log_name(), %error, "a trial could not be read");
            None
        })?;
        let evidence = evidence(journal.reader(), &history).await;
        Some(Making {
            catalogue: Arc::clone(&self.sources.catalogue),
            pace: self.sources.pace.clone(),
            settings: self.sources.report.clone(),
            from: self.sources.from.clone(),
            now: (self.sources.clock)(),
            history,
            evidence,
            seal: Arc::clone(&self.sources.seal),
        })
    }

    /// What the TLS reports about a trial are worth, which its page alone says once it has ended; nothing where the journal
    /// cannot be read.
    async fn reported(&self, history: &History) -> Reported {
        let Sources { catalogue, addresses, journal, .. } = &self.sources;
        let reported = reported(catalogue, addresses, journal.reader(), history).await;
        reported.unwrap_or_else(|error| {
            tracing::error!(trial = history.id.log_name(), %error, "the TLS reports about a trial could not be read");
            Reported::default()
        })
    }

    /// Keeps the wish of whoever sent a trial to be told of the TLS reports about it. His address is known by its digest
    /// alone, so he names it.
    async fn want(&self, trial: &TrialId, address: &str) -> Wanted {
        let Sources { trials, journal, archive, clock, secret, .. } = &self.sources;
        let history = match trials.read(trial, journal.reader()).await {
            Ok(Some(history)) => history,
            Ok(None) => return Wanted::Unknown,
            Err(error) => {
                tracing::error!(trial = trial.log_name(), %error, "a trial could not be read");
                return Wanted::Failed;
            }
        };
        let named = Mailbox::new(secret, address);
        let is_sender = addressee(&history).is_ok_and(|(to, _)| to.id == named.id);
        if !is_sender || !is_writable(address) || labels_of(&history).is_empty() {
            return Wanted::NotSender;
        }
        let row =
            PostscriptRow { trial: trial.as_str().to_owned(), address: address.to_owned(), asked: clock() };
        match archive.keep_postscript(&row).await {
            Ok(true) => Wanted::Kept,
            Ok(false) => Wanted::Before,
            Err(error) => {
                tracing::error!(trial = trial.log_name(), %error, "a wish could not be kept");
                Wanted::Failed
            }
        }
    }

    /// Makes something of a trial, on a thread of its own: to judge and to rate takes milliseconds.
    async fn make<T: Send + 'static>(
        &self,
        trial: &TrialId,
        make: impl FnOnce(Making) -> T + Send + 'static,
    ) -> Option<T> {
        // So few at a time that pages leave a core to the mail.
        let _place = self.places.acquire().await.ok()?;
        let making = self.making(trial).await?;
        self.make_of(making, make).await
    }

    async fn make_of<T: Send + 'static>(
        &self,
        making: Making,
        make: impl FnOnce(Making) -> T + Send + 'static,
    ) -> Option<T> {
        let trial = making.history.id.clone();
        let made = tokio::task::spawn_blocking(move || make(making)).await;
        made.map_err(|error| tracing::error!(trial = trial.log_name(), %error, "a page could not be made"))
            .ok()
    }

    async fn page(&self, key: Key, before: Option<Arc<Page>>) -> Option<Arc<Page>> {
        // Followed before it is read: what comes meanwhile makes it stale.
        let changes = self.sources.trials.follow(&key.0);
        let language = key.1;
        let _place = self.places.acquire().await.ok()?;
        let making = self.making(&key.0).await?;
        let reported = match making.history.ended {
            Some(_) => self.reported(&making.history).await,
            None => Reported::default(),
        };
        let report =
            self.make_of(making, move |making| making.report(language, &reported, before.as_deref()));
        Some(Arc::new(Page::new(report.await?, changes)))
    }
}

impl Results for Pages {
    fn want_postscript<'a>(&'a self, trial: &'a TrialId, address: &'a str) -> Asked<'a, Wanted> {
        Box::pin(self.want(trial, address))
    }

    fn report<'a>(
        &'a self,
        trial: &'a TrialId,
        language: Option<Language>,
    ) -> Asked<'a, Option<Arc<Report>>> {
        Box::pin(async move {
            let key = (trial.clone(), language);
            let page = self.kept.page(&key, |before| self.page(key.clone(), before)).await?;
            Some(Arc::clone(&page.report))
        })
    }

    fn follow(&self, trial: &TrialId) -> Option<watch::Receiver<Seq>> {
        self.sources.trials.follow(trial)
    }

    fn document<'a>(&'a self, trial: &'a TrialId, format: Format) -> Asked<'a, Document> {
        Box::pin(async move {
            let made = self.make(trial, move |making| making.document(format)).await;
            made.unwrap_or(Document::Unknown)
        })
    }

    fn delete<'a>(&'a self, trial: &'a TrialId) -> Asked<'a, Deleted> {
        Box::pin(async move {
            let Sources { trials, journal, clock, .. } = &self.sources;
            let deleted = match trials.erase(trial, journal, clock()).await {
                Ok(Erased::Erased) => Deleted::Gone,
                Ok(Erased::NotYet) => Deleted::NotYet,
                Ok(Erased::Unknown) => Deleted::Unknown,
                Err(error) => {
                    tracing::error!(trial = trial.log_name(), %error, "a trial could not be deleted");
                    Deleted::Failed
                }
            };
            if deleted == Deleted::Gone {
                tracing::info!(trial = trial.log_name(), "trial deleted by who has its address");
                self.kept.forget(trial).await;
            }
            deleted
        })
    }

    fn compare<'a>(
        &'a self,
        trial: &'a TrialId,
        earlier: &'a TrialId,
        language: Language,
    ) -> Asked<'a, Comparison> {
        Box::pin(async move {
            let told = |trial| self.make(trial, move |making| making.told(language));
            let (Some(now), Some(before)) = (told(trial).await, told(earlier).await) else {
                return Comparison::Unknown;
            };
            making::compared(before, now)
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

impl Assembly {
    /// The pages of trials: one for the site and the API, so that what is made one at a time is.
    pub(super) fn pages(&self) -> Arc<Pages> {
        Arc::clone(self.pages.get_or_init(|| self.new_pages()))
    }

    fn new_pages(&self) -> Arc<Pages> {
        let origin = self.catalogue.origin();
        Arc::new(Pages::new(Sources {
            trials: Arc::clone(&self.trials),
            catalogue: Arc::clone(&self.catalogue),
            addresses: self.settings.addresses.clone(),
            pace: self.settings.pace.clone(),
            report: self.settings.report.clone(),
            from: self.settings.reply.from.clone().unwrap_or_else(|| format!("verdict@{origin}")),
            journal: Arc::clone(&self.journal),
            clock: Arc::clone(&self.clock),
            seal: Arc::clone(&self.keys.seal),
            archive: Arc::clone(&self.archive),
            secret: self.secret,
        }))
    }
}
