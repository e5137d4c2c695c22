//! What becomes of TLS reports: how right each is, is kept for the table of reporters; and whoever wished is told, once.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::program::archive::{Archive, ArchiveError, ReportScoreRow};
use crate::program::providers::{SCORES_KEPT_DAYS, joined, score};
use crate::program::reply::{Postscripts, Untold};
use crate::sending::history::{History, NotRecorded, Noted, ReportReceived};
use crate::sending::journal::{Journal, Reader};
use crate::sending::persona::{Addresses, Catalogue};
use crate::sending::trial::{Label, TrialId};
use crate::sending::trials::Trials;
use crate::sending::verdict::{Reported, compare_reports, labels_of};
use crate::shared::time::{Timestamp, after, before};

/// How often reports are looked at, in seconds.
const LOOK_S: u64 = 600;
/// For how long after it came a report is looked at, in seconds: until its trial has ended, and others have come.
const LOOKED_AT_S: u32 = 3 * DAY_S;
/// How many trials are looked at in one go.
const TRIALS_MAX: usize = 2_000;
/// How long after the last report whoever wished is told, in seconds: more may come.
const GATHER_S: u32 = 6 * 3_600;
/// How long a wish is kept where no report comes, in seconds.
const WISH_KEPT_S: u32 = 7 * DAY_S;
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
            while stop.run_until_cancelled(pause()).await.is_some() {
                let looked = async {
                    care.score(clock()).await?;
                    care.tell(clock()).await
                };
                if let Err(error) = looked.await {
                    tracing::error!(%error, "TLS reports could not be looked at; it is tried again");
                }
            }
        }
    }
}

impl ReportCare {
    /// Keeps what the reports of the last days are worth.
    async fn score(&self, now: Timestamp) -> Result<(), NotLooked> {
        let reports = self.journal.reader().reports_since(before(now, LOOKED_AT_S), |_| true).await?;
        let vouched = reports.iter().filter(|noted| noted.what.vouched_by().is_some());
        let mut trials: BTreeMap<TrialId, Vec<Noted<ReportReceived>>> = BTreeMap::new();
        for noted in vouched {
            for trial in self.trials_of(noted).await? {
                if trials.contains_key(&trial) || trials.len() < TRIALS_MAX {
                    trials.entry(trial).or_default().push(noted.clone());
                }
            }
        }
        let mut rows: BTreeMap<i64, ReportScoreRow> = BTreeMap::new();
        for (trial, reports) in &trials {
            let Some(history) = self.trials.read(trial, self.journal.reader()).await? else { continue };
            let compared = compare_reports(&self.catalogue, &self.addresses, &history, reports);
            for row in compared.reports.iter().filter_map(score) {
                // A report about several trials has a part in each of them.
                match rows.entry(row.seq) {
                    Entry::Occupied(mut known) => *known.get_mut() = joined(known.get(), &row),
                    Entry::Vacant(place) => drop(place.insert(row)),
                }
            }
        }
        for row in rows.values() {
            self.archive.keep_report_score(row).await?;
        }
        self.archive.expire_report_scores(before(now, SCORES_KEPT_DAYS * DAY_S)).await?;
        Ok(())
    }

    /// The trials whose labels a report names. Those of the pool are nobody's for ever: who had them then is in the journal.
    async fn trials_of(&self, noted: &Noted<ReportReceived>) -> Result<BTreeSet<TrialId>, NotRecorded> {
        let Some(report) = noted.what.report() else { return Ok(BTreeSet::new()) };
        let named = report
            .policies
            .iter()
            .filter_map(|policy| self.catalogue.read_name(policy.policy_domain.as_deref()?)?.1.label);
        let labels: BTreeSet<Label> = named.collect();
        let mut trials = BTreeSet::new();
        for label in labels {
            let until = report.end.unwrap_or(noted.at);
            let root = self.journal.reader().issued_with(&label, until).await?.unwrap_or(label);
            trials.insert(TrialId::of_label(&self.secret, &root));
        }
        Ok(trials)
    }

    /// Tells whoever wished, when no more reports are to be expected.
    async fn tell(&self, now: Timestamp) -> Result<(), NotLooked> {
        for wish in self.archive.postscripts().await? {
            let is_over = after(wish.asked, WISH_KEPT_S) <= now;
            let Ok(trial) = wish.trial.parse::<TrialId>() else { continue };
            let Some(history) = self.trials.read(&trial, self.journal.reader()).await? else {
                self.archive.end_postscript(&wish.trial).await?;
                continue;
            };
            let reader = self.journal.reader();
            let reported = reported(&self.catalogue, &self.addresses, reader, &history).await?;
            let last = reported.reports.iter().map(|report| report.at).max();
            let is_due = last.is_some_and(|last| after(last, GATHER_S) <= now);
            if !is_due && !is_over {
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
    let names = |fact: &str| labels.iter().any(|label| fact.contains(label.as_str()));
    let reports = reader.reports_since(history.opened, names).await?;
    Ok(compare_reports(catalogue, addresses, history, &reports))
}
