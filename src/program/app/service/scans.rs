//! The one scanner of the service, and what it scans for: trials that end, and whoever asks for a domain. What it allows
//! a server is for all together.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::program::app::orders::{self, Orders};
use crate::program::app::parts::{self, PartError, ScanPlaces};
use crate::program::app::supervision::Crew;
use crate::program::domains::{self, Domains};
use crate::receiving::places::{
    DatabasePlaces, FolderPlaces, OPERATOR_AT_ONCE_MAX, Operators, Places, Turnstile,
};
use crate::receiving::scan::{Ports, Scanner};

use super::Assembly;
use super::faults::ScanIfNotTold;

/// How often results are looked for that are older than they may be, in seconds.
const EXPIRY_S: u64 = 3_600;

impl Assembly {
    /// The scanner. It shows an operator two connections at a time, together with all who scan for this service.
    #[expect(clippy::disallowed_methods, reason = "the roof draws")]
    pub(super) async fn scanner(&self, crew: &Crew) -> Result<Arc<Scanner>, PartError> {
        let scan = parts::scan(&self.settings, &self.authority);
        let resolver = parts::scan_resolver(&scan, &self.authority, &self.clock)?;
        let mut ports = Ports::of(&scan, resolver, Arc::clone(&self.clock), rand::random)?;
        let turnstile = Turnstile::new(ports.calls, Operators::embedded(), OPERATOR_AT_ONCE_MAX);
        ports.calls = Arc::new(turnstile.among(Some(self.places(crew).await)));
        Ok(Arc::new(Scanner::new(scan, ports)))
    }

    /// What this process shares with others of an operator's places.
    async fn places(&self, crew: &Crew) -> Arc<dyn Places> {
        let address = match parts::scan_places(&self.settings) {
            ScanPlaces::Folder(folder) => return Arc::new(FolderPlaces::make(&folder)),
            ScanPlaces::Database(address) => *address,
        };
        let places = Arc::new(DatabasePlaces::new(address));
        // Whatever keeps it from being opened is told by whoever tries it again.
        let _ = places.open().await;
        let (keeping, stop) = (Arc::clone(&places), crew.stop.clone());
        crew.spawn("places", async move {
            stop.run_until_cancelled(keeping.keep()).await;
        });
        places
    }

    /// What orders scans for trials; none where these are off.
    pub(super) fn orders(&self, scanner: &Arc<Scanner>) -> Option<Orders> {
        let scan = &self.settings.scan;
        scan.enabled.then(|| {
            Orders::new(orders::Parts {
                trials: Arc::clone(&self.trials),
                ends: Arc::clone(&self.ends),
                journal: Arc::clone(&self.journal),
                helo: scan.helo.clone(),
                at_once_max: scan.scans_at_once_max,
                scan: Arc::new(ScanIfNotTold(Arc::clone(scanner))),
                verdict_delay_s: self.settings.review.verdict_delay_s,
                clock: Arc::clone(&self.clock),
                lease: Arc::clone(self.journal.nodes()) as _,
            })
        })
    }

    /// What checks domains on request.
    #[expect(clippy::disallowed_methods, reason = "the roof draws")]
    pub(super) fn domains(&self, scanner: &Arc<Scanner>) -> Arc<Domains> {
        Arc::new(Domains::new(domains::Parts {
            settings: self.settings.checks.clone(),
            archive: Arc::clone(&self.archive),
            scan: Arc::clone(scanner) as _,
            draw: Box::new(rand::random),
        }))
    }

    /// Deletes results that are older than they may be.
    pub(super) fn expire_checks(
        &self,
        domains: Arc<Domains>,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let clock = Arc::clone(&self.clock);
        async move {
            let expiring = async {
                loop {
                    match domains.expire(clock()).await {
                        Ok(0) => {}
                        Ok(checks) => tracing::info!(checks, "results of checks were old and are deleted"),
                        Err(error) => {
                            tracing::error!(%error, "old results could not be deleted; it is tried again")
                        }
                    }
                    tokio::time::sleep(Duration::from_secs(EXPIRY_S)).await;
                }
            };
            stop.run_until_cancelled(expiring).await;
        }
    }
}
