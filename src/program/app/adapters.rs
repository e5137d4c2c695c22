//! What one room asks of another that it may not import: small ports, answered here.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::program::config;
use crate::program::config::Settings;
use crate::program::reply;
use crate::program::reply::Relay;
use crate::program::report;
use crate::program::report::Account;
use crate::program::report::half_of;
use crate::program::site::{Health, Html, Results};
use crate::receiving::grades::Receiving;
use crate::receiving::request::Request;
use crate::receiving::scan::Scanner;
use crate::sending::desk::{NotForwarded, Onward, OperatorMail, OperatorMaildir, OperatorSpool};
use crate::sending::history::{Fact, History, Observation, SelfChecked};
use crate::sending::identities::Identities;
use crate::sending::journal::{Follower, Journal, Maildir, Reader};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Pace, TrialId};
use crate::sending::trials::Trials;
use crate::sending::verdict::judge;
use crate::shared::evidence::scan::Evidence;
use crate::shared::text::Page;
use crate::shared::time::Timestamp;

use super::clock::Clock;
use super::error::StartError;
use super::orders::Scans;
use super::parts::expiry_warnings;
use super::supervision::{self, Supervision, panic_if_told, panic_if_told_at};

/// The last self-check, as the journal has it.
#[derive(Default)]
pub(super) struct LastSelfCheck(Mutex<Option<(Timestamp, SelfChecked)>>);

impl Follower for LastSelfCheck {
    fn committed(&self, observation: &Observation) {
        if let Fact::SelfChecked(checked) = &observation.fact {
            *self.0.lock() = Some((observation.at, checked.clone()));
        }
    }
}

impl LastSelfCheck {
    pub(super) fn last(&self) -> Option<(Timestamp, SelfChecked)> {
        self.0.lock().clone()
    }
}

/// What the service knows of itself.
pub(super) struct Condition {
    pub(super) checked: Arc<LastSelfCheck>,
    pub(super) supervision: Supervision,
    pub(super) journal: Arc<Journal>,
    pub(super) identities: Arc<Identities>,
    pub(super) clock: Clock,
}

impl Health for Condition {
    fn last_self_check(&self) -> Option<(Timestamp, SelfChecked)> {
        self.checked.last()
    }

    fn trouble(&self) -> Option<String> {
        let died = self.supervision.trouble().map(|trouble| trouble.to_string());
        died.or_else(|| self.journal.trouble().map(|trouble| trouble.to_string()))
    }

    fn warnings(&self) -> Vec<String> {
        expiry_warnings(&self.identities, (self.clock)())
    }
}

/// A follower of the journal for tests of those who follow: it panics at a mail, once the replay is over, if it is told
/// to.
#[derive(Default)]
pub(super) struct PanicsIfTold(AtomicBool);

impl PanicsIfTold {
    /// The replay is over.
    pub(super) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Follower for PanicsIfTold {
    fn committed(&self, observation: &Observation) {
        if self.0.load(Ordering::Relaxed) && matches!(observation.fact, Fact::Received(_)) {
            panic_if_told("follower");
        }
    }
}

/// Scans, and panics instead if it is told to.
pub(super) struct ScanIfNotTold(pub(super) Scanner);

impl Scans for ScanIfNotTold {
    fn scan(&self, request: Request) -> Pin<Box<dyn Future<Output = Evidence> + Send + '_>> {
        Box::pin(async move {
            if request.domain.starts_with(supervision::PANICS) {
                panic_if_told("scan");
            }
            Scans::scan(&self.0, request).await
        })
    }
}

/// The open and ended trials, for the reply mailer and the site.
pub(super) struct KnownTrials {
    pub(super) trials: Arc<Trials>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) pace: Pace,
    pub(super) report: report::Settings,
    pub(super) journal: Arc<Journal>,
    pub(super) clock: Clock,
    /// Places for those who make pages.
    pub(super) pages: Semaphore,
}

/// How many pages are made at a time.
pub(super) const PAGES_AT_ONCE_MAX: usize = 1;

impl KnownTrials {
    /// Every trial, in the order of their opening; none where the journal cannot be read.
    pub(super) async fn all(&self) -> Vec<History> {
        self.trials.read_all(self.journal.reader()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the trials could not be read");
            Vec::new()
        })
    }

    /// A trial that is in memory, or the journal's.
    async fn read(&self, trial: &TrialId) -> Option<History> {
        self.trials.read(trial, self.journal.reader()).await.unwrap_or_else(|error| {
            tracing::error!(trial = trial.log_name(), %error, "a trial could not be read");
            None
        })
    }
}

impl reply::Trials for KnownTrials {
    fn history(&self, trial: &TrialId) -> Option<History> {
        let history = self.trials.history(trial);
        if let Some(history) = &history {
            panic_if_told_at(history, "verdict");
        }
        history
    }
}

impl Results for KnownTrials {
    fn page<'a>(&'a self, trial: &'a TrialId) -> Pin<Box<dyn Future<Output = Option<Html>> + Send + 'a>> {
        Box::pin(async move {
            // So few at a time that pages leave a core to the mail.
            let _place = self.pages.acquire().await.ok()?;
            let history = self.read(trial).await?;
            let evidence = evidence(self.journal.reader(), &history).await;
            let (catalogue, pace, settings) =
                (Arc::clone(&self.catalogue), self.pace.clone(), self.report.clone());
            let now = (self.clock)();
            let page = tokio::task::spawn_blocking(move || {
                let verdict = judge(&catalogue, &pace, &history);
                let receiving = evidence.as_ref().map(|evidence| Receiving::of(evidence, evidence.to));
                let receiving = half_of(&history, &settings, receiving.as_ref());
                let account =
                    Account { catalogue: &catalogue, history: &history, verdict: &verdict, receiving, now };
                Html(Page::whole(account, account.language(), &settings).html())
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

/// Hands the operator's mail to a smarthost. It goes with the null reverse-path: SPF of the original one would not vouch
/// for us.
pub(super) struct Forwarder {
    pub(super) relay: Relay,
    pub(super) to: String,
}

impl Onward for Forwarder {
    fn forward<'a>(
        &'a self,
        message: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<(), NotForwarded>> + Send + 'a>> {
        Box::pin(async move {
            let sent = self.relay.send(None, std::slice::from_ref(&self.to), message).await;
            sent.map_err(|error| NotForwarded { lasting: error.lasting, reason: error.reason })
        })
    }
}

/// Where the operator's mail goes.
pub(super) struct ToOperator {
    pub(super) mail: Arc<dyn OperatorMail>,
    /// What is to be run where it goes on from here.
    pub(super) spool: Option<Arc<OperatorSpool>>,
}

fn no_place(place: &Path) -> impl Fn(io::Error) -> StartError {
    let place = place.to_owned();
    move |source| StartError::OperatorMail { source, place: place.clone() }
}

/// Opens the place for the operator's mail.
pub(super) fn operator_mail(settings: &Settings) -> Result<ToOperator, StartError> {
    let config::OperatorMail { maildir: place, forward_to } = &settings.operator_mail;
    let maildir = || Maildir::open(place).map_err(no_place(place));
    let Some(to) = forward_to else {
        return Ok(ToOperator { mail: Arc::new(OperatorMaildir(maildir()?)), spool: None });
    };
    let reply = &settings.reply;
    let relay = Relay::open(&reply.smarthost, &settings.origin, reply.hand_over_timeout_s)?;
    let onward = Arc::new(Forwarder { relay, to: to.clone() });
    let spool = Arc::new(OperatorSpool::open(maildir()?, onward).map_err(no_place(place))?);
    Ok(ToOperator { mail: spool.clone(), spool: Some(spool) })
}
