//! What becomes of TLS reports: how right each is, is kept for the table of reporters; and whoever wished is told, once.

mod scoring;
mod waiting;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::program::archive::{Archive, ArchiveError};
use crate::program::reply::{Postscripts, Untold};
use crate::sending::history::{History, NotRecorded};
use crate::sending::journal::{Journal, Reader};
use crate::sending::persona::{Addresses, Catalogue};
use crate::sending::trial::{Label, TrialId};
use crate::sending::trials::Trials;
use crate::sending::verdict::{Reported, compare_reports, labels_of};
use crate::shared::time::{Timestamp, before};

use scoring::Looked;
use waiting::{sites_of, waits};

/// How often reports are looked at, in seconds.
const LOOK_S: u64 = 600;
/// For how long it is known that a wish was fulfilled, in seconds: as long as a result's page at most.
const FULFILLED_KEPT_S: u32 = 400 * DAY_S;
const DAY_S: u32 = 86_400;

/// Why reports could not be looked at.
#[derive(Debug, thiserror::Error)]
enum NotLooked {
    #[error(transparent)]
    Journal(#[from] NotRecorded),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Looks at reports.
struct ReportCare {
    catalogue: Arc<Catalogue>,
    addresses: Addresses,
    trials: Arc<Trials>,
    journal: Arc<Journal>,
    archive: Arc<Archive>,
    secret: [u8; 32],
    postscripts: Postscripts,
}

impl Assembly {
    /// Looks at reports over and over.
    pub(super) fn care_for_reports(
        &self,
        postscripts: Postscripts,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let care = ReportCare {
            catalogue: Arc::clone(&self.catalogue),
            addresses: self.settings.addresses.clone(),
            trials: Arc::clone(&self.trials),
            journal: Arc::clone(&self.journal),
            archive: Arc::clone(&self.archive),
            secret: self.secret,
            postscripts,
        };
        let clock = Arc::clone(&self.clock);
        async move {
            let pause = || tokio::time::sleep(Duration::from_secs(LOOK_S));
            let mut looked_at = Looked::default();
            while stop.run_until_cancelled(pause()).await.is_some() {
                let looked = async {
                    care.score(&mut looked_at, clock()).await?;
                    care.tell(clock()).await
                };
                if let Err(error) = looked.await {
                    looked_at = Looked::default();
                    tracing::error!(%error, "TLS reports could not be looked at; it is tried again");
                }
            }
        }
    }
}

impl ReportCare {
    /// Tells whoever wished, when no more reports are to be expected.
    async fn tell(&self, now: Timestamp) -> Result<(), NotLooked> {
        for wish in self.archive.postscripts().await? {
            let Ok(trial) = wish.trial.parse::<TrialId>() else { continue };
            let Some(history) = self.trials.read(&trial, self.journal.reader()).await? else {
                self.archive.end_postscript(&wish.trial).await?;
                continue;
            };
            let reader = self.journal.reader();
            let reported = reported(&self.catalogue, &self.addresses, reader, &history).await?;
            if waits(wish.asked, &sites_of(&history), &reported, now) {
                continue;
            }
            // Before it is sent: rather no mail than two.
            self.archive.end_postscript(&wish.trial).await?;
            match self.postscripts.tell(&history, &reported, &wish.address, now).await {
                Ok(()) => tracing::info!(trial = trial.log_name(), "its sender was told of TLS reports"),
                Err(Untold::Nothing | Untold::Objected) => {}
                Err(Untold::Failed(reason)) => {
                    tracing::warn!(trial = trial.log_name(), %reason, "its sender could not be told of TLS reports");
                }
            }
        }
        self.archive.expire_postscripts(before(now, FULFILLED_KEPT_S)).await?;
        Ok(())
    }
}

/// What the TLS reports about a trial are worth: those that name one of its labels.
pub(super) async fn reported(
    catalogue: &Catalogue,
    addresses: &Addresses,
    reader: &Reader,
    history: &History,
) -> Result<Reported, NotRecorded> {
    let labels: Vec<Label> = labels_of(history).into_values().flatten().collect();
    if labels.is_empty() {
        return Ok(Reported::default());
    }
    let reports = reader.reports_about(&labels, history.opened).await?;
    Ok(compare_reports(catalogue, addresses, history, &reports))
}
