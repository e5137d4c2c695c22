//! What turnstiles that share places do, by whatever they share them: one suite, played within a process, on a folder, on
//! sessions in a database, and on both at once; and what becomes of places in a database that goes away.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mailassay::receiving::places::{
    Both, DatabasePlaces, FolderPlaces, Gate, OPERATOR_AT_ONCE_MAX, Operators, Places, Sign, Turnstile,
};
use mailassay::receiving::request::{Request, Silent};
use mailassay::receiving::scan::{Answered, Call, Calling, Calls, First, Held, Scanner, Settings};
use mailassay::shared::evidence::scan::{NotTried, Question, Reach, Session, Stopped};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};

use crate::postgres::Server;
use crate::scan::lab::ports;

const CALLS: usize = 12;
/// The operator whose servers keep a connection until they are told to end one.
const SLOW: &str = "example.net";

/// Servers of two operators. Connections of the one end as they are told to, those of the other at once.
struct Servers {
    /// How many connections were made to the slow one, and how many of them have ended.
    counts: watch::Sender<(usize, usize)>,
    most: Mutex<usize>,
    may_end: Semaphore,
}

impl Servers {
    fn new() -> Arc<Self> {
        let counts = watch::Sender::new((0, 0));
        Arc::new(Self { counts, most: Mutex::default(), may_end: Semaphore::new(0) })
    }

    async fn until(&self, is: impl Fn((usize, usize)) -> bool) -> (usize, usize) {
        *self.counts.subscribe().wait_for(|counts| is(*counts)).await.unwrap()
    }
}

impl Calls for Servers {
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First> {
        Box::pin(async move {
            if call.host.ends_with(SLOW) {
                self.counts.send_modify(|(made, ended)| {
                    *made += 1;
                    let mut most = self.most.lock();
                    *most = (*most).max(*made - *ended);
                });
                self.may_end.acquire().await.unwrap().forget();
                self.counts.send_modify(|(_, ended)| *ended += 1);
            }
            let session = Session::default();
            First { reach: Reach::Refused, session, handshake: None, intrusive: None, chain: Vec::new() }
        })
    }

    fn ask<'a>(&'a self, _: &'a Call, _: &'a Question) -> Calling<'a, Answered> {
        unreachable!("nobody asks")
    }
}

fn turnstile(servers: &Arc<Servers>, places: Option<Arc<dyn Places>>) -> Arc<Turnstile> {
    let calls = Arc::clone(servers) as Arc<dyn Calls>;
    Arc::new(Turnstile::new(calls, Operators::embedded(), OPERATOR_AT_ONCE_MAX).among(places))
}

/// A connection, as whoever scans makes it.
async fn first(turnstile: &Turnstile, call: &Call) -> First {
    let _turn = turnstile.turn(call).await;
    turnstile.first(call).await
}

fn call(ip: [u8; 4], host: String) -> Call {
    Call { ip: IpAddr::from(ip), host, helo: "scanner.example".to_owned(), intrusive: None }
}

/// `by_name`: each host of the operator is in a network of its own.
async fn suite(servers: &Arc<Servers>, turnstiles: [Arc<Turnstile>; 2], by_name: bool) {
    let calls = (0..CALLS).map(|nth| {
        let (turnstile, octet) = (Arc::clone(&turnstiles[nth % 2]), u8::try_from(nth).unwrap());
        let ip = if by_name { [192, 0, octet, 1] } else { [192, 0, 2, octet] };
        let call = call(ip, format!("mx{nth}.{SLOW}"));
        tokio::spawn(async move { first(&turnstile, &call).await })
    });
    let calls: Vec<_> = calls.collect();
    for ended in 0..CALLS {
        let made = CALLS.min(ended + usize::from(OPERATOR_AT_ONCE_MAX));
        let counts = servers.until(|so_far| so_far.0 >= made && so_far.1 >= ended).await;
        // All have had their chance by the time another operator was reached, where nobody waits.
        for (nth, turnstile) in (1..).zip(&turnstiles) {
            first(turnstile, &call([198, 51, 100, nth], format!("mx{nth}.example.org"))).await;
        }
        assert_eq!((counts, *servers.counts.borrow()), ((made, ended), (made, ended)));
        servers.may_end.add_permits(1);
    }
    servers.until(|(_, ended)| ended == CALLS).await;
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(*servers.most.lock(), usize::from(OPERATOR_AT_ONCE_MAX));
}

async fn all(one: Option<Arc<dyn Places>>, other: Option<Arc<dyn Places>>) {
    for by_name in [false, true] {
        let servers = Servers::new();
        let turnstiles = [turnstile(&servers, one.clone()), turnstile(&servers, other.clone())];
        suite(&servers, turnstiles, by_name).await;
    }
}

fn folder(folder: &tempfile::TempDir) -> Arc<dyn Places> {
    Arc::new(FolderPlaces::make(&folder.path().join("places")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_shares_by_itself() {
    for by_name in [false, true] {
        let servers = Servers::new();
        let one = turnstile(&servers, None);
        suite(&servers, [Arc::clone(&one), one], by_name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_shared() {
    let shared = tempfile::tempdir().unwrap();
    all(Some(folder(&shared)), Some(folder(&shared))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_share_goes_on_with_two_of_his_own() {
    let gone = tempfile::tempdir().unwrap();
    let [places, others] = [folder(&gone), folder(&gone)];
    std::fs::remove_dir_all(gone.path().join("places")).unwrap();
    let sign = Sign::Operator(SLOW.to_owned());
    let _of_others = (others.take(&sign, 2).await, others.take(&sign, 2).await);
    for by_name in [false, true] {
        let servers = Servers::new();
        let one = turnstile(&servers, Some(Arc::clone(&places)));
        suite(&servers, [Arc::clone(&one), one], by_name).await;
    }
}

/// Who stands in a queue of his own process keeps nobody of another one waiting.
#[tokio::test]
async fn who_waits_for_the_operator_holds_no_place_of_the_network_that_others_share() {
    let shared = tempfile::tempdir().unwrap();
    let (servers, others) = (Servers::new(), folder(&shared));
    let one = turnstile(&servers, Some(folder(&shared)));
    let go = |ip: [u8; 4]| {
        let (one, call) = (Arc::clone(&one), call(ip, format!("mx.{SLOW}")));
        tokio::spawn(async move { first(&one, &call).await })
    };
    // Both places of the operator, each in a network of its own; and two who wait for them in a third.
    let mut calls = vec![go([192, 0, 2, 1]), go([198, 51, 100, 1])];
    servers.until(|(made, _)| made == 2).await;
    calls.extend([go([203, 0, 113, 1]), go([203, 0, 113, 2])]);
    let waiting = || one.queues().iter().map(|queue| queue.waiting).sum::<usize>();
    while waiting() < 2 {
        tokio::task::yield_now().await;
    }
    let network = Sign::Network("203.0.113.0/24".parse().unwrap());
    let both = [others.take(&network, 2).now_or_never(), others.take(&network, 2).now_or_never()];
    assert!(both.iter().all(Option::is_some), "nobody has a place of the network");
    drop(both);
    servers.may_end.add_permits(calls.len());
    for call in calls {
        call.await.unwrap();
    }
}

/// Nodes share with each other, and with a survey in the same database; a survey elsewhere takes places of both.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_shared() {
    let Some(server) = Server::shared("places in PostgreSQL") else { return };
    let (address, elsewhere) = (server.address("places"), server.address("places_elsewhere"));
    let node = async || {
        let places = DatabasePlaces::new(address.clone());
        places.open().await.unwrap();
        Arc::new(places)
    };
    let nodes = [node().await, node().await];
    let survey: Arc<dyn Places> = Arc::new(Gate::open(&address).await.unwrap());
    let other: Arc<dyn Places> = Arc::new(Gate::open(&elsewhere).await.unwrap());
    all(Some(Arc::clone(&nodes[0]) as _), Some(Arc::clone(&nodes[1]) as _)).await;
    all(Some(Arc::clone(&nodes[0]) as _), Some(Arc::clone(&survey))).await;
    let both: Arc<dyn Places> = Arc::new(Both { first: Arc::clone(&other), second: nodes[0].clone() });
    all(Some(Arc::clone(&both)), Some(Arc::clone(&nodes[1]) as _)).await;
    all(Some(both), Some(Arc::clone(&other))).await;

    // Whether two databases are one is seen by what is taken there.
    let sign = Sign::Operator("a probe".to_owned());
    assert!(!nodes[0].is_taken(&sign).await.unwrap());
    let _elsewhere = other.take(&sign, 1).await;
    assert!(!nodes[0].is_taken(&sign).await.unwrap());
    let _here = survey.take(&sign, 1).await;
    assert!(nodes[0].is_taken(&sign).await.unwrap());
}

/// A survey in a database beside a service with a folder.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_and_a_folder_are_shared_at_once() {
    let Some(server) = Server::shared("places of both kinds") else { return };
    let (shared, address) = (tempfile::tempdir().unwrap(), server.address("places_of_both"));
    let workers = [(); 2].map(|()| Gate::open(&address));
    let [one, two] = workers;
    let worker =
        |gate: Gate| -> Arc<dyn Places> { Arc::new(Both { first: Arc::new(gate), second: folder(&shared) }) };
    let (one, two) = (worker(one.await.unwrap()), worker(two.await.unwrap()));
    all(Some(Arc::clone(&one)), Some(two)).await;
    all(Some(one), Some(folder(&shared))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_keeps_nobody_waiting_and_is_shared_again() {
    let Some(mut server) = Server::start("places in a database that goes away") else { return };
    let address = server.address("places");
    let nodes = [(); 2].map(|()| Arc::new(DatabasePlaces::new(address.clone())));
    // Before there is a session.
    let sign = Sign::Operator(SLOW.to_owned());
    assert!(nodes[0].take(&sign, 1).now_or_never().is_some());
    let keeping = nodes.clone().map(|node| tokio::spawn(async move { node.keep().await }));
    until_shared(&nodes, &sign).await;

    let held = nodes[0].take(&sign, 1).await;
    let waiting = tokio::spawn({
        let (node, sign) = (Arc::clone(&nodes[1]), sign.clone());
        async move { drop(node.take(&sign, 1).await) }
    });
    drop(nodes[1].take(&Sign::Operator("another".to_owned()), 1).await);
    assert!(!waiting.is_finished());
    server.kill();
    waiting.await.unwrap();
    drop(held);
    for node in &nodes {
        drop(node.take(&sign, 1).await);
    }

    server.go_on(&[]);
    until_shared(&nodes, &sign).await;
    keeping.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Waits until what one node takes both of them hold to be taken, and the other way round.
async fn until_shared(nodes: &[Arc<DatabasePlaces>; 2], sign: &Sign) {
    let mut shared: BTreeMap<usize, bool> = BTreeMap::new();
    while !(shared.len() == 2 && shared.values().all(|is_shared| *is_shared)) {
        for (nth, node) in nodes.iter().enumerate() {
            let _place = node.take(sign, 1).await;
            shared.insert(nth, node.is_taken(sign).await.unwrap_or(false));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Places that others have for ever.
struct Never;

impl Places for Never {
    fn take<'a>(&'a self, _: &'a Sign, _: u8) -> BoxFuture<'a, Held> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_whose_turn_does_not_come_ends_in_time_and_says_so() {
    let zone = "example. SOA ns.nic.example. ; insecure\nsite.example. SOA ns.nic.example. ; insecure\nsite.example. MX 10 mx.site.example.\n\
                mx.site.example. A 192.0.2.1\nmx.site.example. A 192.0.2.2\n";
    let servers = Servers::new();
    let calls = turnstile(&servers, Some(Arc::new(Never)));
    let scanner = Scanner::new(Settings::default(), ports(zone, calls));
    let request = Request::of("site.example".to_owned(), "scanner.example".to_owned());
    let began = tokio::time::Instant::now();
    let evidence = scanner.scan(&request, &Silent).await;
    assert_eq!(began.elapsed().as_secs(), u64::from(Settings::default().scan_s));
    assert_eq!(evidence.servers.len(), 2, "{:?}", evidence.mx);
    for server in &evidence.servers {
        assert_eq!(server.reach, Reach::NotTried { why: NotTried::OutOfTime }, "{server:?}");
        assert_eq!((server.stopped.clone(), server.connections), (Some(Stopped::OutOfTime), 0));
    }
}
