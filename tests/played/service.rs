//! The service, with paces of seconds.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use mailassay::program::app::{Clock, Service, parts, system_clock};
use mailassay::program::config::Settings;
use mailassay::program::demo::{Places, Played, World, strangers};
use mailassay::sending::deliver::{self, Delivery, Mail, Sender};
use mailassay::sending::history::History;
use mailassay::sending::persona::Catalogue;
use mailassay::sending::trial::{Pace, Settle};
use mailassay::sending::verdict::{Judgement, judge};
use mailassay::shared::dns::{Resolver, ResolverSettings};
use mailassay::shared::tls::client::Roots;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::players::{Player, lot};

/// How long a trial waits for evidence, in seconds.
const EARLY_S: u32 = 25;
const PATIENCE_S: u32 = 20;

/// A running service with what a sender must know.
pub(super) struct Stage {
    pub(super) settle: Settle,
    world: World,
    pace: Pace,
    clock: Clock,
    catalogue: Arc<Catalogue>,
    roots: Roots,
    trust_anchors: String,
    service: Service,
    others: TaskTracker,
    closing: CancellationToken,
    histories: std::sync::Mutex<Vec<History>>,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// Strangers scan it where it is `scanned`.
    pub(super) async fn start(settle: Settle, scanned: bool) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let places = Places { smtp: port(), dns: port(), policy_host: port(), site: port() };
        let world = World {
            folder: folder.path().to_owned(),
            places,
            played: Played::Classic,
            samples: Vec::new(),
            hosts: Vec::new(),
        };
        let clock = system_clock();
        let mut settings = world.settings();
        settings.scan.enabled = false;
        // A year of senders within minutes, all from one network.
        settings.dns.notes_per_s_max = 100_000;
        settings.dns.notes_per_network_s_max = 0;
        settings.dns.notes_per_network_hour_max = 0;
        settings.smtp.links_per_network_hour_max = 0;
        settings.web.visits_noted_per_minute_max = 0;
        settings.web.visits_noted_per_network_minute_max = 0;
        let patience_s = if settle == Settle::Early { EARLY_S } else { PATIENCE_S };
        // Attempts of a busy machine last longer than the demo's: they must still be told apart.
        settings.pace = Pace { settle, patience_s, attempt_gap_s: 2, ..settings.pace };
        let (pace, now) = (settings.pace.clone(), clock());
        let catalogue = Arc::new(parts::catalogue(&settings).unwrap());
        let (roots, trust_anchors) = trusted(&settings, &catalogue, now);
        settings.resolver = world.resolver(Vec::new(), trust_anchors.clone());
        let service = Service::start(settings, Arc::clone(&clock), || [7; 32]).await.unwrap();
        while service.self_checked().is_none() {
            tokio::task::yield_now().await;
        }
        let (others, closing) = (TaskTracker::new(), CancellationToken::new());
        if scanned {
            strangers(&world, &roots, clock(), &others, &closing);
        }
        let histories = std::sync::Mutex::default();
        Arc::new(Self {
            settle,
            world,
            pace,
            clock,
            catalogue,
            roots,
            trust_anchors,
            service,
            others,
            closing,
            histories,
            _folder: folder,
        })
    }

    /// Lets those play who find a place in time, until each has its verdict or its time is over.
    pub(super) async fn play(
        self: &Arc<Self>,
        players: &[Player],
        places: &Arc<Semaphore>,
        begin_until: Instant,
    ) {
        let mut playing = JoinSet::new();
        for player in players {
            let (stage, places, player) = (Arc::clone(self), Arc::clone(places), player.clone());
            playing.spawn(async move {
                let Ok(_place) = tokio::time::timeout_at(begin_until, places.acquire()).await else { return };
                // More than the trial has: then it ends by itself.
                let limit = Duration::from_secs(u64::from(stage.pace.patience_s) + 5);
                let _over = tokio::time::timeout(limit, stage.send(&player)).await;
            });
        }
        playing.join_all().await;
        let histories = self.service.histories().await;
        *self.histories.lock().unwrap() = histories;
    }

    async fn send(&self, player: &Player) {
        let address = player.address.into();
        let resolver = self.world.resolver(vec![address], self.trust_anchors.clone());
        // Orders of MX records last a second by their own TTL; all else may be kept.
        let resolver = ResolverSettings { cache_ttl_max_s: 60, ..resolver };
        let lookup = Arc::new(Resolver::new(resolver, Arc::clone(&self.clock)).unwrap());
        let sender = |(model, habit)| {
            let settings = deliver::Settings {
                ehlo: format!("mail.{}", player.domain()),
                dial: self.world.dial(vec![address]),
                ..deliver::Settings::default()
            };
            Sender::new(model, settings, lookup.clone(), self.roots.clone()).with_habit(habit)
        };
        let origin = self.world.settings().origin;
        let from = format!("jim@{}", player.domain());
        let to = ["et", "ut"].map(|case| format!("en@{case}.{origin}"));
        let message = format!(
            "From: {from}\r\nTo: {}\r\nDate: Fri, 27 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@{}>\r\n\r\nx\r\n",
            to.join(", "),
            player.domain()
        );
        tokio::time::sleep(Duration::from_millis(lot(player.number, 0) % 4_000)).await;
        // A queue runner of its own for each destination; what one has delivered the other soon will, or never.
        let taken = tokio::sync::SetOnce::new();
        let queue = async |to: &str, sender: Sender, salt: u64| {
            let mail = Mail { from: Some(&from), to, message: message.as_bytes() };
            let mut n = salt;
            loop {
                n += 2;
                let attempt = sender.attempt(&mail, lot(player.number, n), (self.clock)()).await;
                if !matches!(attempt.delivery, Delivery::Transient(_)) {
                    let _ = taken.set(());
                    return;
                }
                let pause = 2_300 + lot(player.number, n) % 900;
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        };
        let both = async {
            tokio::join!(queue(&to[0], sender(player.et), 1), queue(&to[1], sender(player.ut), 2));
        };
        let late = async {
            taken.wait().await;
            tokio::time::sleep(Duration::from_secs(4)).await;
        };
        tokio::select! { () = both => {}, () = late => {} }
    }

    /// What is said of a player, if he has a trial, and what it is said of.
    pub(super) fn judgement(&self, player: &Player) -> Option<(Judgement, History)> {
        let domain = player.domain();
        let histories = self.histories.lock().unwrap();
        let history = histories
            .iter()
            .find(|history| history.reverse_paths().iter().any(|path| path.domain == domain))?;
        Some((judge(&self.catalogue, &self.pace, history).overall, history.clone()))
    }

    pub(super) async fn stop(self: Arc<Self>) {
        let stage = Arc::into_inner(self).expect("all have played");
        stage.closing.cancel();
        stage.others.close();
        stage.others.wait().await;
        stage.service.stop().await;
    }
}

/// What a sender trusts: the private CA, and the keys of the private root.
fn trusted(
    settings: &Settings,
    catalogue: &Arc<Catalogue>,
    now: mailassay::shared::time::Timestamp,
) -> (Roots, String) {
    let keeping = mailassay::shared::keyfile::Keeping::in_files();
    let identities = parts::identities(settings, catalogue, &keeping, now).unwrap();
    let root = identities.ca_root_pem().unwrap();
    std::fs::write(settings.self_check.sender_roots.as_ref().unwrap(), root).unwrap();
    let keys = parts::own_keys(settings, &keeping).unwrap();
    let authority = parts::authority(settings, catalogue, &identities, &keys, &keeping, now).unwrap();
    (Roots::from_pem(root.as_bytes()).unwrap(), authority.trust_anchors().join("\n"))
}

/// A port that is free on loopback, for UDP and TCP, and stays so: below those that the system gives to whoever
/// connects, and no other stage of this run has it.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 100).expect("below 100") * 100;
    let free = || {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        let place = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let is_free = std::net::TcpListener::bind(place).is_ok() && std::net::UdpSocket::bind(place).is_ok();
        is_free.then_some(port)
    };
    (0..100).find_map(|_| free()).expect("a free port")
}
