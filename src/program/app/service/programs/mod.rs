//! What the API asks of the service: documents of trials, and the worker of its batches.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::program::api::{Api, Parts, VerdictDocument, Verdicts};
use crate::program::domains::Domains;
use crate::program::report::{Account, half_of, json_for_sender, json_text};
use crate::receiving::grades::Receiving;
use crate::sending::trial::TrialId;
use crate::sending::verdict::judge;

use super::Assembly;
use super::pages::{Pages, evidence};

impl Verdicts for Pages {
    fn verdict<'a>(
        &'a self,
        trial: &'a TrialId,
    ) -> Pin<Box<dyn Future<Output = Option<VerdictDocument>> + Send + 'a>> {
        Box::pin(async move {
            let _place = self.places.acquire().await.ok()?;
            let history = self.trials.read(trial, self.journal.reader()).await.unwrap_or_else(|error| {
                tracing::error!(trial = trial.log_name(), %error, "a trial could not be read");
                None
            })?;
            let evidence = evidence(self.journal.reader(), &history).await;
            let (catalogue, pace, settings) =
                (Arc::clone(&self.catalogue), self.pace.clone(), self.report.clone());
            let now = (self.clock)();
            let made = tokio::task::spawn_blocking(move || {
                let verdict = judge(&catalogue, &pace, &history);
                let receiving = evidence.as_ref().map(|evidence| Receiving::of(evidence, evidence.to));
                let receiving = half_of(&history, &settings, receiving.as_ref());
                let account =
                    Account { catalogue: &catalogue, history: &history, verdict: &verdict, receiving, now };
                let text = json_text(&json_for_sender(account, &settings));
                VerdictDocument { text, ended: history.ended.is_some() }
            });
            made.await
                .map_err(
                    |error| tracing::error!(trial = trial.log_name(), %error, "a document could not be made"),
                )
                .ok()
        })
    }
}

impl Assembly {
    /// The API for programs.
    #[expect(clippy::disallowed_methods, reason = "the roof draws")]
    pub(super) fn api(&self, domains: &Arc<Domains>) -> Arc<Api> {
        Arc::new(Api::new(Parts {
            settings: self.settings.api.clone(),
            archive: Arc::clone(&self.archive),
            domains: Arc::clone(domains),
            verdicts: self.pages(),
            clock: Arc::clone(&self.clock),
            draw: Box::new(rand::random),
        }))
    }
}
