//! To forget an address or a domain: its trials with all that belongs to them, and the checks of a domain.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::program::archive::{Archive, ArchiveError};
use crate::sending::history::NotRecorded;
use crate::sending::journal::{Journal, SentBy};
use crate::sending::trial::{Mailbox, TrialId};
use crate::sending::trials::{Erased, Trials};
use crate::shared::time::Timestamp;

use super::subject::Subject;

/// What came of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// How many trials are gone.
    pub trials: usize,
    /// How many still run, and go when they have ended and their verdict is told.
    pub running: usize,
    /// How many checks of a domain are gone.
    pub checks: u64,
}

impl Forgotten {
    /// Whether nothing is left to be done.
    pub fn is_done(&self) -> bool {
        self.running == 0
    }
}

/// Why something could not be forgotten; then it may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum NotForgotten {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] NotRecorded),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Whoever forgets.
pub struct Forgetting {
    archive: Arc<Archive>,
    journal: Arc<Journal>,
    trials: Arc<Trials>,
    secret: [u8; 32],
}

impl Forgetting {
    /// Of these stores; `secret` is the journal's.
    pub fn new(archive: Arc<Archive>, journal: Arc<Journal>, trials: Arc<Trials>, secret: [u8; 32]) -> Self {
        Self { archive, journal, trials, secret }
    }

    /// Forgets a subject, as far as that can be done now.
    ///
    /// # Errors
    ///
    /// If the journal or the archive does not answer.
    pub async fn forget(&self, now: Timestamp, subject: &Subject) -> Result<Forgotten, NotForgotten> {
        let mut forgotten = Forgotten::default();
        for trial in self.trials_of(subject).await? {
            match self.trials.erase(&trial, &self.journal, now).await? {
                Erased::Erased => forgotten.trials += 1,
                Erased::NotYet => forgotten.running += 1,
                Erased::Unknown => {}
            }
        }
        if let Subject::Domain(domain) = subject {
            forgotten.checks = self.archive.forget_checks_of(domain).await?;
            self.archive.forget_batch_results_of(domain).await?;
        }
        Ok(forgotten)
    }

    /// The trials that a subject sent, and names that may be trials'.
    async fn trials_of(&self, subject: &Subject) -> Result<BTreeSet<TrialId>, NotForgotten> {
        let sender = match subject {
            // The digest of a reverse-path is one of its local part as it was written.
            Subject::Address { local, domain } => {
                let written = [local.clone(), local.to_lowercase()];
                let id = |local: String| Mailbox::new(&self.secret, &format!("{local}@{domain}")).id;
                let mut ids: Vec<_> = written.into_iter().map(id).collect();
                ids.dedup();
                SentBy::Addresses(ids)
            }
            Subject::Domain(domain) => SentBy::Domain(domain.clone()),
        };
        let mut trials = BTreeSet::new();
        for sent in self.journal.reader().sent_by(&sender).await? {
            // A trial is named after the transaction that opened it; those in memory know of all their others.
            let opened = TrialId::new(&self.secret, sent.link, sent.number);
            let known = self.trials.trial_of(sent.link, sent.number);
            trials.extend([Some(opened), known, sent.trial].into_iter().flatten());
        }
        Ok(trials)
    }

    /// Carries out the oldest order that is not begun or not done; whether there was one. What of it has to wait is told,
    /// and done by [`Self::resume`].
    ///
    /// # Errors
    ///
    /// If the journal or the archive does not answer.
    pub async fn carry_out_next(&self, now: Timestamp) -> Result<bool, NotForgotten> {
        match self.archive.next_order_to_forget().await? {
            Some((number, subject)) => self.carry_out(now, number, &subject).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Goes on with the orders of which a part had to wait. To be called every few minutes.
    ///
    /// # Errors
    ///
    /// If the journal or the archive does not answer.
    pub async fn resume(&self, now: Timestamp) -> Result<(), NotForgotten> {
        for (number, subject) in self.archive.begun_orders_to_forget().await? {
            self.carry_out(now, number, &subject).await?;
        }
        Ok(())
    }

    async fn carry_out(&self, now: Timestamp, number: i64, subject: &str) -> Result<(), NotForgotten> {
        let forgotten = match subject.parse() {
            Ok(subject) => self.forget(now, &subject).await?,
            Err(error) => {
                tracing::error!(%error, "an order to forget cannot be carried out");
                Forgotten::default()
            }
        };
        // Whom it was about is not logged.
        let Forgotten { trials, running, checks } = forgotten;
        tracing::info!(trials, running, checks, "something was forgotten by order of the operator");
        let outcome = serde_json::to_string(&forgotten).unwrap_or_default();
        Ok(self.archive.has_forgotten(number, &outcome, forgotten.is_done()).await?)
    }
}
