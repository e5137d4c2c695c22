//! What the API asks of the service: documents of trials.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::program::api::{Api, Parts, Settings, VerdictDocument, Verdicts};
use crate::program::domains::Domains;
use crate::program::site::{Document, Format, Results};
use crate::sending::trial::TrialId;

use super::Assembly;
use super::pages::Pages;

impl Verdicts for Pages {
    fn verdict<'a>(
        &'a self,
        trial: &'a TrialId,
    ) -> Pin<Box<dyn Future<Output = VerdictDocument> + Send + 'a>> {
        Box::pin(async move {
            match self.document(trial, Format::Json).await {
                Document::Whole(text) => VerdictDocument::Whole(text),
                Document::NotYet => VerdictDocument::NotYet,
                Document::Unknown => VerdictDocument::Unknown,
            }
        })
    }
}

impl Assembly {
    /// The API for programs.
    #[expect(clippy::disallowed_methods, reason = "the roof draws")]
    pub(super) fn api(&self, domains: &Arc<Domains>) -> Arc<Api> {
        let settings = Settings {
            site_url: self.settings.report.site_url.clone(),
            retention_days: self.settings.checks.retention_days,
            ..self.settings.api.clone()
        };
        Arc::new(Api::new(Parts {
            settings,
            archive: Arc::clone(&self.archive),
            domains: Arc::clone(domains),
            verdicts: self.pages(),
            providers: Some(self.register()),
            clock: Arc::clone(&self.clock),
            draw: Box::new(rand::random),
        }))
    }
}
