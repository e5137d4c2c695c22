//! What is published of providers is looked after: domains are checked again, rows follow evidence, age and rules, and the
//! operator is told what changed.

mod figures;
mod notice;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::program::app::Clock;
use crate::program::domains::{Domains, Stage};
use crate::program::providers::{Change, Document, ProviderName, Register, RegisterError, tell};
use crate::sending::desk::OperatorMail;

use super::Assembly;
use super::monitor::LastSelfCheck;
use figures::Figures;
use notice::Notice;

/// How often it is looked after, in seconds.
const EVERY_S: u64 = 3_600;
/// How many domains are checked again in one go: the rest waits for the next.
const CHECKS_MAX: usize = 20;
/// How long one check is waited for, in seconds.
const CHECK_S: u64 = 900;

/// Whoever looks after what is published.
struct Caretaker {
    register: Arc<Register>,
    domains: Arc<Domains>,
    health: Arc<LastSelfCheck>,
    notice: Notice,
    clock: Clock,
}

impl Assembly {
    /// Looks after what is published, at the start and then every hour.
    pub(super) fn care_for_published(
        &self,
        domains: &Arc<Domains>,
        operator: Arc<dyn OperatorMail>,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let caretaker = Caretaker {
            register: self.register(),
            domains: Arc::clone(domains),
            health: Arc::clone(&self.health),
            notice: Notice { mail: operator, origin: self.settings.origin.clone() },
            clock: Arc::clone(&self.clock),
        };
        let mut figures = Figures::new(self);
        async move {
            let caring = async {
                loop {
                    if let Err(error) = caretaker.round().await {
                        tracing::error!(%error, "what is published could not be looked after; it is tried again");
                    }
                    tokio::time::sleep(Duration::from_secs(EVERY_S)).await;
                }
            };
            // Beside it: counting many trials takes longer than an hour, and rows do not wait for it.
            let counting = async {
                loop {
                    figures.round(&caretaker.register).await;
                    tokio::time::sleep(Duration::from_secs(EVERY_S)).await;
                }
            };
            stop.run_until_cancelled(async { tokio::join!(caring, counting) }).await;
        }
    }
}

impl Caretaker {
    async fn round(&self) -> Result<(), RegisterError> {
        let now = (self.clock)();
        if let Some((at, checked)) = self.health.last()
            && !checked.is_green()
        {
            self.register.red_day(&tell::day(at)).await?;
        }
        for (name, domain) in self.register.due(now).await?.into_iter().take(CHECKS_MAX) {
            self.check(&name, &domain).await?;
        }
        let mut changes: Vec<Change> = Vec::new();
        for published in self.register.published(now).await? {
            changes.extend(self.register.refresh(&published.provider.name, (self.clock)()).await?);
        }
        if !changes.is_empty() {
            self.notice.send(&self.register, &changes, (self.clock)()).await;
        }
        self.register.drop_unpublished(now).await?;
        Ok(())
    }

    /// Checks a domain again, within the budgets of all checks. One that cannot be made now is tried the next time.
    async fn check(&self, name: &ProviderName, domain: &str) -> Result<(), RegisterError> {
        let begun = match self.domains.start_trusted(domain, (self.clock)()).await {
            Ok(begun) => begun,
            Err(refused) => {
                tracing::debug!(?refused, "a published domain is not checked again now");
                return Ok(());
            }
        };
        if let Some(mut following) = self.domains.follow(&begun) {
            let ended = following.wait_for(|stage| *stage == Stage::Ended);
            if tokio::time::timeout(Duration::from_secs(CHECK_S), ended).await.is_err() {
                tracing::warn!("the check of a published domain lasts too long; it is tried again");
                return Ok(());
            }
        }
        let Some(kept) = self.domains.evidence(&begun).await? else { return Ok(()) };
        let document = Document::check(kept.evidence).map_err(RegisterError::Unwritable)?;
        self.register.add(name, &document, &[], true).await?;
        Ok(())
    }
}
