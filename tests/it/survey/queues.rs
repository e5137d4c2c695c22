//! Whose turn it is in a survey, in played time: an operator whose servers are slow ends all of its visits, and holds up
//! nobody else's; and what this host could not measure is given back.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use mailassay::receiving::places::{Operators, Places, Turnstile};
use mailassay::receiving::request::{Progress, Request, Step};
use mailassay::receiving::scan::{Calls, Scanner, Settings, Shelf};
use mailassay::receiving::survey::{
    Begun, Board, Claimed, Doing, Measured, Measures, Never, NewSurvey, Run, RunError, Snapshot, Store, Task,
    Why,
};
use mailassay::shared::evidence::scan::{Evidence, Stopped};
use mailassay::shared::time::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domains::evidence_of;
use crate::scan::lab::{Host, Lab, Made, ports};
use crate::scan::simulated::Model;

/// A survey in memory: while a database's thread is waited for, played time would run on.
struct Memory {
    names: Vec<String>,
    given_out: Mutex<usize>,
    kept: Mutex<Vec<(Evidence, Instant)>>,
}

impl Memory {
    fn of(names: &[String]) -> Arc<Self> {
        Arc::new(Self { names: names.to_vec(), given_out: Mutex::default(), kept: Mutex::default() })
    }
}

impl Store for Memory {
    fn begin<'a>(&'a self, _: &'a NewSurvey, _: Timestamp) -> Doing<'a, Begun> {
        unreachable!()
    }

    fn begun(&self) -> Doing<'_, Begun> {
        unreachable!()
    }

    fn claim(&self, at_most: usize) -> Doing<'_, Claimed> {
        let mut given_out = self.given_out.lock();
        let names = self.names.iter().enumerate().skip(*given_out).take(at_most);
        let task = |(nth, name): (usize, &String)| Task { place: nth as i64, domain: name.clone() };
        let tasks: Vec<Task> = names.map(task).collect();
        *given_out += tasks.len();
        let claimed = if tasks.is_empty() { Claimed::Nothing } else { Claimed::Tasks(tasks) };
        Box::pin(std::future::ready(Ok(claimed)))
    }

    fn hold(&self) -> Doing<'_, Never> {
        Box::pin(std::future::pending())
    }

    fn finish<'a>(&'a self, _: &'a Task, evidence: &'a Evidence) -> Doing<'a, ()> {
        self.kept.lock().push((evidence.clone(), Instant::now()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn give_back(&self) -> Doing<'_, ()> {
        *self.given_out.lock() = 0;
        Box::pin(std::future::ready(Ok(())))
    }

    fn reopen(&self, _: Timestamp, _: Timestamp) -> Doing<'_, u64> {
        unreachable!()
    }

    fn forget_servers(&self, _: Timestamp) -> Doing<'_, ()> {
        unreachable!()
    }

    fn page(&self, _: i64, _: usize) -> Doing<'_, Vec<Measured>> {
        unreachable!()
    }

    fn page_by_name<'a>(&'a self, _: &'a str, _: usize) -> Doing<'a, Vec<Measured>> {
        unreachable!()
    }

    fn flush(&self) -> Doing<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn close(&self) -> Doing<'_, ()> {
        unreachable!()
    }

    fn shelf(self: Arc<Self>) -> Option<Arc<dyn Shelf>> {
        None
    }

    fn places(self: Arc<Self>) -> Option<Arc<dyn Places>> {
        None
    }
}

async fn run(
    store: &Arc<Memory>,
    measures: Arc<dyn Measures>,
    at_once_max: usize,
    stop: &CancellationToken,
) -> (Result<(), RunError>, Snapshot) {
    let board = Arc::new(Board::new(store.names.len() as u64, 0));
    let run = Run {
        store: Arc::clone(store) as _,
        measures,
        board: Arc::clone(&board),
        operators: Operators::embedded(),
        at_once_max,
        helo: "scanner.example".to_owned(),
        dns_only: false,
        clock: Arc::new(|| Timestamp::UNIX_EPOCH),
    };
    let ended = Arc::new(run).run(stop).await;
    (ended, board.snapshot(&[]))
}

/// A world of domains: each with the address of its only server, and how long that takes for a connection, in seconds.
fn world(domains: &[(String, IpAddr, u64)]) -> (Arc<Lab>, Arc<Scanner>) {
    world_with(domains, None)
}

/// The same, where nobody comes to one of them.
fn world_with(domains: &[(String, IpAddr, u64)], dead: Option<IpAddr>) -> (Arc<Lab>, Arc<Scanner>) {
    let mut zone = String::from("example. SOA ns.nic.example. ; insecure\n");
    let mut hosts = BTreeMap::new();
    for (name, ip, seconds) in domains {
        let IpAddr::V4(v4) = ip else { panic!("of one kind") };
        let host = format!("mx{}.operator{}.example.", v4.octets()[3], v4.octets()[2]);
        writeln!(zone, "{name}. SOA ns.nic.example. ; insecure\n{name}. MX 10 {host}").unwrap();
        let latency = Duration::from_secs(*seconds);
        let model = Model::hardened_postfix();
        if hosts
            .insert(*ip, Arc::new(Host { latency, dead: dead == Some(*ip), ..Host::new(model) }))
            .is_none()
        {
            writeln!(zone, "{host} A {ip}").unwrap();
        }
    }
    let lab = Arc::new(Lab { hosts, ..Lab::default() });
    let turnstile = Turnstile::new(Arc::clone(&lab) as Arc<dyn Calls>, Operators::embedded(), 2);
    let settings = Settings {
        cache_s: 86_400,
        scan_s: 900,
        shares_addresses: true,
        is_patient: true,
        scans_at_once_max: 440,
        ..Settings::default()
    };
    let scanner = Scanner::new(settings, ports(&zone, Arc::new(turnstile)));
    (lab, Arc::new(scanner))
}

fn most_at_once(lab: &Lab) -> usize {
    let made = lab.made.lock().unwrap();
    let open_with = |one: &Made| made.iter().filter(|it| it.from <= one.from && one.from < it.to).count();
    made.iter().map(open_with).max().unwrap_or(0)
}

fn names(domains: &[(String, IpAddr, u64)]) -> Vec<String> {
    domains.iter().map(|(name, ..)| name.clone()).collect()
}

/// Twenty connections to each of these addresses, two at a time, take longer than a scan may.
#[tokio::test(start_paused = true)]
async fn many_slow_addresses_of_an_operator_all_come_to_their_end() {
    let domain = |nth: u8| (format!("d{nth}.example"), IpAddr::from([192, 0, 2, 1 + nth]), 6);
    let domains: Vec<_> = (0..24).map(domain).collect();
    let (lab, scanner) = world(&domains);
    let (store, began) = (Memory::of(&names(&domains)), Instant::now());
    let (ended, snapshot) = run(&store, scanner, 40, &CancellationToken::new()).await;
    ended.unwrap();
    assert!(began.elapsed() > Duration::from_secs(900), "{:?}", began.elapsed());
    assert_eq!((snapshot.done, snapshot.given_back.len(), store.kept.lock().len()), (24, 0, 24));
    for (evidence, _) in store.kept.lock().iter() {
        let server = &evidence.servers[0];
        assert!(server.stopped.is_none() && !server.probes.is_empty(), "{}: {server:?}", evidence.domain);
    }
    assert_eq!(most_at_once(&lab), 2);
}

/// Whoever has a whole scan's time for one address and does not come to its end finds no more the next time: what it found
/// holds for the address's other domains.
#[tokio::test(start_paused = true)]
async fn an_address_that_takes_too_long_is_asked_once_all_the_same() {
    let domain = |nth: u8| (format!("d{nth}.example"), IpAddr::from([192, 0, 2, 1]), 100);
    let domains: Vec<_> = (0..5).map(domain).collect();
    let (lab, scanner) = world(&domains);
    let store = Memory::of(&names(&domains));
    let (ended, snapshot) = run(&store, scanner, 40, &CancellationToken::new()).await;
    ended.unwrap();
    assert_eq!(snapshot.done, 5);
    for (evidence, _) in store.kept.lock().iter() {
        assert_eq!(evidence.servers[0].stopped, Some(Stopped::OutOfTime), "{}", evidence.domain);
    }
    assert_eq!(lab.made.lock().unwrap().len(), 900 / 100);
}

#[tokio::test(start_paused = true)]
async fn domains_that_wait_for_a_slow_operator_hold_up_no_others() {
    let slow = |nth: u8| (format!("slow{nth}.example"), IpAddr::from([192, 0, 2, 1 + nth]), 30);
    let fast = |nth: u8| (format!("fast{nth}.example"), IpAddr::from([198, 51, 100 + nth, 1]), 1);
    let domains: Vec<_> = (0..20).map(slow).chain((0..20).map(fast)).collect();
    let (_, scanner) = world(&domains);
    let store = Memory::of(&names(&domains));
    run(&store, scanner, 4, &CancellationToken::new()).await.0.unwrap();
    let kept = store.kept.lock();
    let first: Vec<&str> = kept.iter().take(20).map(|(evidence, _)| evidence.domain.as_str()).collect();
    assert_eq!(kept.len(), 40);
    assert!(first.iter().all(|domain| domain.starts_with("fast")), "{first:?}");
}

/// Measures what its function says, which hears how often each domain was measured before.
struct Played(fn(&str, usize) -> Option<Evidence>, Mutex<BTreeMap<String, usize>>, bool);

impl Measures for Played {
    fn measure<'a>(&'a self, request: &'a Request, _: &'a dyn Progress) -> BoxFuture<'a, Evidence> {
        Box::pin(async move {
            let before = {
                let mut times = self.1.lock();
                let times = times.entry(request.domain.clone()).or_default();
                *times += 1;
                *times - 1
            };
            // Others come between, as in the world.
            tokio::task::yield_now().await;
            let evidence = (self.0)(&request.domain, before).expect("a fault of the program");
            Evidence { domain: request.domain.clone(), ..evidence }
        })
    }

    fn has_dns(&self) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(self.2))
    }
}

async fn played(
    names: &[String],
    world: fn(&str, usize) -> Option<Evidence>,
) -> (Arc<Memory>, Result<(), RunError>, Snapshot) {
    played_with(names, world, true).await
}

async fn played_with(
    names: &[String],
    world: fn(&str, usize) -> Option<Evidence>,
    has_dns: bool,
) -> (Arc<Memory>, Result<(), RunError>, Snapshot) {
    let store = Memory::of(names);
    let measures = Arc::new(Played(world, Mutex::default(), has_dns));
    let (ended, snapshot) = run(&store, measures, 4, &CancellationToken::new()).await;
    (store, ended, snapshot)
}

/// Many domains after each other that this host cannot measure end the run, and stay to be measured.
#[tokio::test]
async fn a_host_that_can_measure_nothing_is_told_so() {
    let names: Vec<String> = (0..100).map(|nth| format!("d{nth}.example")).collect();
    let (store, ended, snapshot) = played(&names, |_, _| Some(evidence_of("port-25-closed-here"))).await;
    let error = ended.unwrap_err();
    assert!(matches!(error, RunError::Here { why: Why::Port25ClosedHere, .. }), "{error}");
    assert!(error.to_string().contains("see whether this host may call port 25"), "{error}");
    assert_eq!((store.kept.lock().len(), snapshot.done, snapshot.under_way), (0, 0, 0));
    assert!((30..40).contains(&snapshot.given_back["port-25-closed-here"]), "{snapshot:?}");
    assert!(snapshot.not_measured.is_empty());

    // Where others are measured between them it goes on.
    let (store, ended, snapshot) = played(&names, |name, _| match name.ends_with("7.example") {
        true => Some(evidence_of("sound")),
        false => None,
    })
    .await;
    ended.unwrap();
    assert_eq!((store.kept.lock().len(), snapshot.done, snapshot.in_this_run.measured), (10, 10, 10));
    assert_eq!(snapshot.given_back, BTreeMap::from([("failed-here", 90)]));
}

/// A network that breaks down in the midst of a run looks as if all name servers had failed.
#[tokio::test]
async fn whose_name_servers_failed_is_known_while_others_answer() {
    let names: Vec<String> = (0..70).map(|nth| format!("d{nth}.example")).collect();
    let servfail: fn(&str, usize) -> Option<Evidence> = |_, _| Some(evidence_of("servfail"));
    let (store, ended, snapshot) = played_with(&names, servfail, false).await;
    let error = ended.unwrap_err();
    assert!(matches!(error, RunError::Here { why: Why::NoDnsHere, domains: 30 }), "{error}");
    assert_eq!((store.kept.lock().len(), snapshot.given_back["no-dns-here"]), (0, 30));
    let (store, ended, snapshot) = played_with(&names, servfail, true).await;
    ended.unwrap();
    assert_eq!((store.kept.lock().len(), snapshot.done, snapshot.not_measured["dns-failed"]), (70, 70, 70));
    assert_eq!(snapshot.in_this_run.not_at_all, 70);
}

/// The first domains may be those whose servers are dead: once another's was reached it is theirs.
#[tokio::test]
async fn whose_servers_are_dead_is_known_once_others_were_reached() {
    let names: Vec<String> = ["dead1", "dead2", "sound"].map(|name| format!("{name}.example")).to_vec();
    let (store, ended, snapshot) = played(&names, |name, before| match (name, before) {
        ("sound.example", _) => Some(evidence_of("sound")),
        (_, 0) => Some(evidence_of("port-25-closed-here")),
        _ => {
            let mut dead = evidence_of("port-25-closed-here");
            dead.control.port_25 = Some(true);
            Some(dead)
        }
    })
    .await;
    ended.unwrap();
    assert_eq!((store.kept.lock().len(), snapshot.done), (3, 3));
    assert!(snapshot.given_back.is_empty() && snapshot.not_measured["unreachable"] == 2, "{snapshot:?}");
}

/// What could not be reached before anything was is not known of its server: it is called again.
#[tokio::test(start_paused = true)]
async fn a_server_is_not_taken_for_dead_before_another_was_reached() {
    let (dead, live) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([198, 51, 100, 1]));
    let domains = [("dead.example".to_owned(), dead, 1), ("live.example".to_owned(), live, 1)];
    let (lab, scanner) = world_with(&domains, Some(dead));
    let first = Memory::of(&names(&domains[..1]));
    let (ended, snapshot) = run(&first, Arc::clone(&scanner) as _, 1, &CancellationToken::new()).await;
    ended.unwrap();
    assert_eq!((snapshot.done, snapshot.given_back["port-25-closed-here"]), (0, 1));
    let both = Memory::of(&names(&domains));
    let (ended, snapshot) = run(&both, scanner, 1, &CancellationToken::new()).await;
    ended.unwrap();
    assert_eq!((snapshot.done, snapshot.given_back.len()), (2, 0));
    assert_eq!(snapshot.not_measured["unreachable"], 1);
    assert_eq!(lab.made.lock().unwrap().iter().filter(|made| made.ip == dead).count(), 3);
}

/// What is broken off has cost its servers something all the same.
#[tokio::test]
async fn what_was_under_way_is_counted_in_what_a_run_cost() {
    struct Stopping(CancellationToken);
    impl Measures for Stopping {
        fn measure<'a>(&'a self, _: &'a Request, progress: &'a dyn Progress) -> BoxFuture<'a, Evidence> {
            Box::pin(async move {
                for connections in 1..=3 {
                    let ip = IpAddr::from([192, 0, 2, 1]);
                    progress.step(Step::Server { ip, step: "session".to_owned(), connections, of: 20 });
                }
                self.0.cancel();
                std::future::pending().await
            })
        }

        fn has_dns(&self) -> BoxFuture<'_, bool> {
            unreachable!()
        }
    }
    let stop = CancellationToken::new();
    let store = Memory::of(&["d.example".to_owned()]);
    let (ended, snapshot) = run(&store, Arc::new(Stopping(stop.clone())), 4, &stop).await;
    ended.unwrap();
    assert_eq!((snapshot.done, snapshot.connections, snapshot.under_way), (0, 3, 0));
}
