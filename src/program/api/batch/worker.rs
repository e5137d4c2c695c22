//! The worker: checks the domains of the lists whose turn it is, and writes their results.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use crate::program::api::parts::Api;
use crate::program::archive::{ArchiveError, OpenBatch};
use crate::program::domains::{CheckId, Refused, Stage, State};
use crate::program::report::json_compact;
use crate::receiving::grades::Receiving;
use crate::receiving::report::exists;
use crate::shared::time::{Timestamp, after, before};

use super::{results, state, technical};

/// How often old lists are looked for, in seconds; it is also the longest that the worker sleeps.
const EXPIRY_S: u32 = 3_600;
/// How long it waits where the service has no place for one more check, in seconds, at most.
const BUSY_S: u32 = 60;
/// How long it waits after the archive did not answer, in seconds.
const FAULT_S: u64 = 30;
const DAY_S: u32 = 86_400;

/// A check under way: of which list, at which place, and what came of it.
type Check = Pin<Box<dyn Future<Output = (i64, i64, bool)> + Send>>;

/// What one look at the lists came to.
enum Looked {
    /// Something was done, and there may be more to do.
    More,
    /// There is nothing to do before something ends or is new.
    Idle,
    /// The service is busy for so many seconds.
    Busy { for_s: u32 },
}

impl Api {
    /// Does what users' lists want, until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut checks: FuturesUnordered<Check> = FuturesUnordered::new();
        let working = async {
            while let Err(error) = self.parts.archive.resume_batches().await {
                self.pause_after(&error).await;
            }
            let mut expires = Timestamp::UNIX_EPOCH;
            loop {
                let looked = match self.expire_if_due(&mut expires).await {
                    Ok(()) => self.look(&mut checks).await,
                    Err(error) => Err(error),
                };
                let wait_s = match looked {
                    Ok(Looked::More) => 0,
                    Ok(Looked::Idle) => EXPIRY_S,
                    Ok(Looked::Busy { for_s }) => for_s,
                    Err(error) => {
                        self.pause_after(&error).await;
                        continue;
                    }
                };
                tokio::select! {
                    Some((batch, place, seen)) = checks.next(), if !checks.is_empty() => {
                        let state = if seen { "checked" } else { "failed" };
                        while let Err(error) =
                            self.parts.archive.move_batch_domain(batch, place, state, None).await
                        {
                            self.pause_after(&error).await;
                        }
                    }
                    () = self.batches_changed.notified() => {}
                    () = tokio::time::sleep(Duration::from_secs(wait_s.into())) => {}
                }
            }
        };
        stop.run_until_cancelled(working).await;
    }

    async fn pause_after(&self, error: &ArchiveError) {
        tracing::error!(%error, "lists of domains wait, and are looked at again");
        tokio::time::sleep(Duration::from_secs(FAULT_S)).await;
    }

    /// Deletes lists that are older than they may be, once in a while.
    async fn expire_if_due(&self, due: &mut Timestamp) -> Result<(), ArchiveError> {
        let now = self.now();
        if now >= *due {
            let kept_s = self.parts.settings.retention_days.saturating_mul(DAY_S);
            self.parts.archive.expire_batches(before(now, kept_s)).await?;
            *due = after(now, EXPIRY_S);
        }
        Ok(())
    }

    /// Does one thing: begins a check if there is a place for one, or else writes the results of a domain.
    async fn look(&self, checks: &mut FuturesUnordered<Check>) -> Result<Looked, ArchiveError> {
        let open = self.parts.archive.open_batches().await?;
        let mut nothing = Looked::Idle;
        // Of those whose turn it is, the one for which the least is done.
        let next = open.iter().filter(|batch| batch.waiting > 0).min_by_key(|batch| batch.checking);
        if let Some(batch) = next
            && checks.len() < self.parts.settings.batch_checks_at_once_max.max(1)
        {
            match self.begin(batch, checks).await? {
                None => return Ok(Looked::More),
                Some(for_s) => nothing = Looked::Busy { for_s: for_s.min(BUSY_S) },
            }
        }
        match open.iter().find(|batch| batch.waiting == 0 && batch.checking == 0) {
            Some(batch) => {
                self.generate_next(batch).await?;
                Ok(Looked::More)
            }
            None => Ok(nothing),
        }
    }

    /// Begins the check of a list's next domain; in how many seconds to try again, where the service is busy.
    async fn begin(
        &self,
        batch: &OpenBatch,
        checks: &mut FuturesUnordered<Check>,
    ) -> Result<Option<u32>, ArchiveError> {
        let archive = &self.parts.archive;
        let Some((place, domain, _)) = archive.first_of_batch(batch.number, "waiting").await? else {
            return Ok(None);
        };
        if batch.state == state::REGISTERING {
            archive.move_batch(batch.number, state::RUNNING, None).await?;
        }
        let domains = Arc::clone(&self.parts.domains);
        match domains.start_trusted(&domain, self.now()).await {
            Ok(id) => {
                archive.move_batch_domain(batch.number, place, "checking", Some(&id.to_string())).await?;
                let number = batch.number;
                checks.push(Box::pin(async move {
                    if let Some(mut stage) = domains.follow(&id) {
                        // Who follows is told of the end before the last who could tell is gone.
                        let _ = stage.wait_for(|stage| *stage == Stage::Ended).await;
                    }
                    let ended = domains.state(&id).await;
                    (number, place, matches!(ended, Ok(Some(State::Done { .. }))))
                }));
                Ok(None)
            }
            Err(Refused::Busy { retry_after_s }) => Ok(Some(retry_after_s)),
            Err(Refused::Unavailable(error)) => Err(error),
            Err(Refused::Domain { .. } | Refused::Client { .. } | Refused::NotADomain(_) | Refused::Off) => {
                archive.move_batch_domain(batch.number, place, "failed", None).await?;
                Ok(None)
            }
        }
    }

    /// Writes the results of the next domain of a list that is checked; after the last one it is done.
    async fn generate_next(&self, batch: &OpenBatch) -> Result<(), ArchiveError> {
        let archive = &self.parts.archive;
        if batch.state != state::GENERATING {
            archive.move_batch(batch.number, state::GENERATING, None).await?;
        }
        let Some((place, _, check)) = archive.first_of_batch(batch.number, "checked").await? else {
            return archive.move_batch(batch.number, state::DONE, Some(self.now())).await;
        };
        match self.made(check.as_deref()).await? {
            Some((results, technical)) => {
                archive.end_batch_domain(batch.number, place, &results, &technical).await
            }
            None => archive.move_batch_domain(batch.number, place, "failed", None).await,
        }
    }

    /// The results of a check; none: there are none, or the domain does not exist.
    async fn made(&self, check: Option<&str>) -> Result<Option<(String, String)>, ArchiveError> {
        let Some(id) = check.and_then(|id| id.parse::<CheckId>().ok()) else { return Ok(None) };
        let Some(seen) = self.parts.domains.evidence(&id).await? else { return Ok(None) };
        let url = format!("{}/d/{id}", self.parts.settings.site_url);
        let making = tokio::task::spawn_blocking(move || {
            let receiving = Receiving::of(&seen.evidence, seen.evidence.to);
            if !exists(&receiving) {
                return None;
            }
            let results = results::results(&receiving, &url)?;
            Some((json_compact(&results), json_compact(&technical::technical(&receiving))))
        });
        Ok(making.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the results of a domain in a list could not be written");
            None
        }))
    }
}
