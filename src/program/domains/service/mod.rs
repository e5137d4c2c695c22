//! Checks on request as a service: who may have one, when it is made, and what is kept of it.

mod board;
mod kept;

use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::program::archive::{Archive, ArchiveError, CheckRow, EndedScan};
use crate::receiving::request::{Progress, Request};
use crate::receiving::scan::Scanner;
use crate::shared::domain_name::{NotADomain, meant};
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::{Timestamp, before};

use super::id::CheckId;
use super::progress::{ScanProgress, Stage, Telling};
use super::settings::Settings;

use board::{Asker, Board, Flight};
use kept::{judged, packed};

pub use kept::{Kept, Past};

const DAY_S: u32 = 86_400;

/// Whoever gathers the evidence of a domain.
pub trait Scans: Send + Sync {
    /// Gathers it, and tells `progress` how far it is.
    fn scan<'a>(
        &'a self,
        request: &'a Request,
        progress: &'a dyn Progress,
    ) -> Pin<Box<dyn Future<Output = Evidence> + Send + 'a>>;
}

impl Scans for Scanner {
    fn scan<'a>(
        &'a self,
        request: &'a Request,
        progress: &'a dyn Progress,
    ) -> Pin<Box<dyn Future<Output = Evidence> + Send + 'a>> {
        Box::pin(self.scan(request, progress))
    }
}

/// What the service is made of.
pub struct Parts {
    pub settings: Settings,
    pub archive: Arc<Archive>,
    /// The scanner of trials, too: what it allows a server is for all together.
    pub scan: Arc<dyn Scans>,
    /// Draws identities.
    pub draw: Box<dyn Fn() -> [u8; 16] + Send + Sync>,
}

/// Why no check was begun.
#[derive(Debug)]
pub enum Refused {
    /// There is no domain in what was typed.
    NotADomain(NotADomain),
    /// The operator has turned checks on request off.
    Off,
    /// Whoever asks has asked as often as it may.
    Client { retry_after_s: u32 },
    /// The domain was scanned as often as it may be, for all who asked.
    Domain { retry_after_s: u32 },
    /// As much is asked for as this service can do.
    Busy { retry_after_s: u32 },
    /// The archive does not answer.
    Unavailable(ArchiveError),
}

impl Refused {
    /// After how many seconds it may be asked again, where that helps.
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Client { retry_after_s }
            | Self::Domain { retry_after_s }
            | Self::Busy { retry_after_s } => Some(*retry_after_s),
            Self::NotADomain(_) | Self::Off | Self::Unavailable(_) => None,
        }
    }
}

/// What there is of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits, and so many are before it.
    Queued {
        domain: String,
        ahead: usize,
    },
    Running {
        domain: String,
        progress: ScanProgress,
    },
    /// [`Domains::kept`] has what was seen, by the number of the scan, which other links may lead to as well.
    Done {
        domain: String,
        asked: Timestamp,
        scan: i64,
    },
    /// It was cut off: the service stopped, or something of it failed.
    Failed {
        domain: String,
        asked: Timestamp,
    },
}

/// Checks of domains on request.
pub struct Domains {
    parts: Parts,
    board: Board,
}

impl Domains {
    /// Ready to take requests; [`Self::run`] makes the scans.
    pub fn new(parts: Parts) -> Self {
        let board = Board::new(&parts.settings);
        Self { parts, board }
    }

    /// How many scans wait for a place.
    pub fn waiting(&self) -> usize {
        self.board.waiting()
    }

    /// What it is set to.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// What is left to whoever asks from an address: how many checks, and in how many seconds all of them again.
    pub fn quota(&self, client: IpAddr, now: Timestamp) -> (u32, u32) {
        self.board.quota(client, now)
    }

    /// Begins a check of the domain in `text` for whoever asks from an address. A result of the last minutes is used
    /// again, under a link of its own.
    ///
    /// # Errors
    ///
    /// Why none was begun.
    pub async fn start(&self, text: &str, client: IpAddr, now: Timestamp) -> Result<CheckId, Refused> {
        let domain = self.domain(text)?;
        self.board.charge(client, now)?;
        self.begin(domain, Asker::Stranger, now).await
    }

    /// The same for whom the operator trusts: nothing but the budgets of the domain and of the service count.
    ///
    /// # Errors
    ///
    /// Why none was begun.
    pub async fn start_trusted(&self, text: &str, now: Timestamp) -> Result<CheckId, Refused> {
        let domain = self.domain(text)?;
        self.begin(domain, Asker::Trusted, now).await
    }

    fn domain(&self, text: &str) -> Result<String, Refused> {
        if !self.parts.settings.enabled {
            return Err(Refused::Off);
        }
        meant(text).map_err(Refused::NotADomain)
    }

    async fn begin(&self, domain: String, asker: Asker, now: Timestamp) -> Result<CheckId, Refused> {
        let id = CheckId::new((self.parts.draw)());
        let archive = &self.parts.archive;
        let since = before(now, self.parts.settings.reuse_s);
        let scan = archive.fresh_scan(&domain, since).await.map_err(Refused::Unavailable)?;
        if scan.is_none() {
            self.board.may_join(&domain, asker, now)?;
        }
        let row = CheckRow { domain: domain.clone(), asked: now, scan };
        archive.note_check(&id.to_string(), &row).await.map_err(Refused::Unavailable)?;
        if scan.is_none()
            && let Err(refused) = self.board.join(id, &domain, asker, now)
        {
            let _ = archive.delete_check(&id.to_string()).await;
            return Err(refused);
        }
        Ok(id)
    }

    /// What there is of a check; none if there is no such check.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn state(&self, id: &CheckId) -> Result<Option<State>, ArchiveError> {
        if let Some(state) = self.board.state(id) {
            return Ok(Some(state));
        }
        let row = self.parts.archive.check(&id.to_string()).await?;
        Ok(row.map(|CheckRow { domain, asked, scan }| match scan {
            Some(scan) => State::Done { domain, asked, scan },
            None => State::Failed { domain, asked },
        }))
    }

    /// How far a check is, now and whenever that changes; none if it is not under way.
    pub fn follow(&self, id: &CheckId) -> Option<watch::Receiver<Stage>> {
        self.board.follow(id)
    }

    /// What was seen; none if the check has not ended, or there is none.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn evidence(&self, id: &CheckId) -> Result<Option<Kept>, ArchiveError> {
        match self.parts.archive.check(&id.to_string()).await? {
            Some(CheckRow { scan: Some(scan), .. }) => self.kept(scan).await,
            Some(_) | None => Ok(None),
        }
    }

    /// What a scan saw, by its number.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn kept(&self, scan: i64) -> Result<Option<Kept>, ArchiveError> {
        Ok(self.parts.archive.scan(scan).await?.and_then(Kept::read))
    }

    /// What the last scan of the domain saw before that one; whoever asked for it.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn before(&self, domain: &str, at: Timestamp) -> Result<Option<Kept>, ArchiveError> {
        Ok(self.parts.archive.last_scan(domain, at).await?.and_then(Kept::read))
    }

    /// The scans of a domain that are kept, the youngest first; without the links that lead to them, which are others'.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn history(&self, domain: &str) -> Result<Vec<Past>, ArchiveError> {
        Ok(self.parts.archive.past_scans(domain).await?.into_iter().filter_map(Past::read).collect())
    }

    /// Deletes a check for whoever has its link, and what it saw, unless other links lead there. Says whether there was
    /// one.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn delete(&self, id: &CheckId) -> Result<bool, ArchiveError> {
        let deleted = self.parts.archive.delete_check(&id.to_string()).await?;
        self.board.leave(id);
        Ok(deleted)
    }

    /// Deletes all checks of a domain, whoever asked for them. Says how many.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn forget(&self, domain: &str) -> Result<u64, ArchiveError> {
        self.parts.archive.forget_checks_of(domain).await
    }

    /// Deletes what is older than it may be, and the oldest where the archive is too large. Says how many.
    ///
    /// # Errors
    ///
    /// If the archive does not answer.
    pub async fn expire(&self, now: Timestamp) -> Result<u64, ArchiveError> {
        let kept_s = self.parts.settings.retention_days.saturating_mul(DAY_S);
        let expired = self.parts.archive.expire_checks(before(now, kept_s)).await?;
        let octets_max = u64::from(self.parts.settings.archive_mib) << 20;
        let trimmed = self.parts.archive.trim_checks(octets_max).await?;
        if trimmed > 0 {
            tracing::warn!(
                checks = trimmed,
                "the site's archive is as large as `site.checks.archive_mib` allows: the oldest results of checks were \
                 deleted before their time; raise it if the disk has room, or lower `site.checks.retention_days`"
            );
        }
        Ok(expired + trimmed)
    }

    /// Makes the scans that wait, until `stop`. One that is under way then is given up.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.parts.settings.at_once_max.max(1)));
        let begun = TaskTracker::new();
        loop {
            let next = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, self.board.next().await)
            };
            let Some((place, flight)) = stop.run_until_cancelled(next).await else { break };
            let (domains, stopping) = (Arc::clone(&self), stop.clone());
            begun.spawn(async move {
                let _place = place;
                stopping.run_until_cancelled(domains.fly(flight)).await;
            });
        }
        begun.close();
        begun.wait().await;
    }

    /// Makes one scan. Nobody waits for ever: whatever becomes of it, it ends for those who follow.
    async fn fly(&self, flight: Arc<Flight>) {
        let flown = AssertUnwindSafe(self.scanned(&flight)).catch_unwind().await;
        match flown {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "what a scan on request saw could not be kept"),
            Err(_) => tracing::error!(
                "a scan on request panicked, and its page says that it failed; please report this together with the \
                 lines above"
            ),
        }
        self.board.land(&flight);
    }

    async fn scanned(&self, flight: &Arc<Flight>) -> Result<(), ArchiveError> {
        let request = Request::of(flight.domain.clone(), self.parts.settings.helo.clone());
        let evidence = self.parts.scan.scan(&request, &Telling(&flight.stage)).await;
        // Seconds of computing, at the worst: not where others wait.
        let judging =
            tokio::task::spawn_blocking(move || (judged(&evidence), packed(&evidence), evidence.to));
        let (verdict, evidence, at) = match judging.await {
            Ok(judged) => judged,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        // Whoever asks from now on begins a scan, or finds this one in the archive.
        let links: Vec<String> = self.board.close(flight).iter().map(ToString::to_string).collect();
        let ended =
            EndedScan { domain: &flight.domain, at, verdict: &verdict, evidence: &evidence, links: &links };
        self.parts.archive.note_scan(&ended).await
    }
}
