//! Domains checked on request: the service with a scanner that is played, its pages, and what follows from evidence.

mod outlook;
mod pages;
mod service;
mod since;
mod trimmed;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mailassay::program::archive::Archive;
use mailassay::program::domains::{CheckId, Domains, Parts, Scans, Settings, Stage};
use mailassay::receiving::request::{Progress, Request, Step};
use mailassay::shared::evidence::scan::Evidence;
use mailassay::shared::time::{Timestamp, after};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A scanner that is played: what it sees of a domain is what was last said, at the time that was last said.
pub(crate) struct Played {
    pub(crate) seen: Mutex<BTreeMap<String, Evidence>>,
    pub(crate) at: Mutex<Timestamp>,
    /// The domains that were scanned, in their order.
    pub(crate) scanned: Mutex<Vec<String>>,
    /// One is taken by each scan before it ends.
    pub(crate) ends: Semaphore,
}

impl Scans for Played {
    fn scan<'a>(
        &'a self,
        request: &'a Request,
        progress: &'a dyn Progress,
    ) -> Pin<Box<dyn Future<Output = Evidence> + Send + 'a>> {
        Box::pin(async move {
            self.scanned.lock().unwrap().push(request.domain.clone());
            progress.step(Step::Name { question: "<b>example.org</b> MX".to_owned() });
            progress.step(Step::Servers { addresses: 2 });
            let ip = "192.0.2.1".parse().unwrap();
            progress.step(Step::Server { ip, step: "tls13".to_owned(), connections: 3, of: 17 });
            let why = "450 \u{202e}slow <script>".to_owned();
            progress.step(Step::Waiting { ip: "2001:db8::1".parse().unwrap(), seconds: 30, why });
            self.ends.acquire().await.unwrap().forget();
            assert!(!request.domain.starts_with("panics"), "as the test wants it");
            let at = *self.at.lock().unwrap();
            let seen = self.seen.lock().unwrap().get(&request.domain).cloned();
            let mut evidence =
                seen.unwrap_or_else(|| Evidence::not_gathered(&request.domain, &request.helo, at));
            (evidence.from, evidence.to) = (at, at);
            evidence
        })
    }
}

pub(crate) struct World {
    pub(crate) domains: Arc<Domains>,
    pub(crate) archive: Arc<Archive>,
    pub(crate) played: Arc<Played>,
    pub(crate) folder: TempDir,
    _stop: DropGuard,
}

/// A service whose scans end as soon as `ends` of them may.
pub(crate) async fn world(settings: Settings, ends: usize) -> World {
    world_in(tempfile::tempdir().unwrap(), settings, ends).await
}

pub(crate) async fn world_in(folder: TempDir, settings: Settings, ends: usize) -> World {
    let archive = Arc::new(Archive::open(&folder.path().join("site.sqlite")).await.unwrap());
    let played = Arc::new(Played {
        seen: Mutex::default(),
        at: Mutex::new(now()),
        scanned: Mutex::default(),
        ends: Semaphore::new(ends),
    });
    // No two worlds draw the same.
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    let draw = Box::new(|| u128::from(DRAWN.fetch_add(1, Ordering::Relaxed)).to_le_bytes());
    let domains = Arc::new(Domains::new(Parts {
        settings: Settings { helo: "scan.example.org".to_owned(), ..settings },
        archive: Arc::clone(&archive),
        scan: Arc::clone(&played) as _,
        draw,
    }));
    let stop = CancellationToken::new();
    tokio::spawn(Arc::clone(&domains).run(stop.clone()));
    World { domains, archive, played, folder, _stop: stop.drop_guard() }
}

/// A service that nobody uses, for sites of other tests.
pub(crate) async fn nobodys() -> World {
    world(Settings { enabled: false, ..Settings::default() }, 0).await
}

impl World {
    /// Starts a check and waits until it has ended.
    pub(crate) async fn check(&self, domain: &str, minutes: u32) -> CheckId {
        let at = after(now(), 60 * minutes);
        *self.played.at.lock().unwrap() = at;
        let id = self.domains.start(domain, [192, 0, 2, 99].into(), at).await.unwrap();
        self.ended(&id).await;
        id
    }

    pub(crate) async fn ended(&self, id: &CheckId) {
        if let Some(mut following) = self.domains.follow(id) {
            following.wait_for(|stage| *stage == Stage::Ended).await.unwrap();
        }
    }
}
