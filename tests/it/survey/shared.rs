//! What the tenants of an operator cost it, in a world that is played.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mailassay::receiving::places::{Operators, Turnstile};
use mailassay::receiving::scan::{Call, Calls, Scanner, Settings, limiter_group};
use mailassay::receiving::survey::{Board, Entry, List, NewSurvey, Run, Sample, SqliteStore, Store};
use mailassay::shared::time::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::scan::lab::{Host, Lab, Made, ports};
use crate::scan::simulated::Model;

const TENANTS: usize = 24;

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// Domains of two operators: half of them have a host name of the operator's in common, the others each one of their own
/// at its addresses.
fn zone() -> String {
    let mut zone = String::from("example. SOA ns.nic.example. ; insecure\n");
    for operator in [1, 2] {
        let addresses =
            [format!("192.0.{operator}.1"), format!("192.0.{operator}.2"), format!("192.0.{operator}.3")];
        let mut host = |name: &str| {
            for address in &addresses {
                zone.push_str(&format!("{name} A {address}\n"));
            }
        };
        host(&format!("mx.op{operator}.example."));
        for nth in 0..TENANTS / 2 {
            host(&format!("mx.own{nth}-{operator}.example."));
        }
        for nth in 0..TENANTS / 2 {
            zone.push_str(&format!("own{nth}-{operator}.example. SOA ns.nic.example. ; insecure\n"));
            zone.push_str(&format!("own{nth}-{operator}.example. MX 10 mx.own{nth}-{operator}.example.\n"));
            zone.push_str(&format!("in{nth}-{operator}.example. SOA ns.nic.example. ; insecure\n"));
            zone.push_str(&format!("in{nth}-{operator}.example. MX 10 mx.op{operator}.example.\n"));
        }
    }
    zone
}

fn lab() -> Arc<Lab> {
    let address = |operator: u8, nth: u8| IpAddr::from([192, 0, operator, nth]);
    let hosts = [1, 2].into_iter().flat_map(|operator| (1..=3).map(move |nth| address(operator, nth)));
    let host =
        |_| Arc::new(Host { latency: Duration::from_millis(3), ..Host::new(Model::hardened_postfix()) });
    Arc::new(Lab { hosts: hosts.map(|ip| (ip, host(ip))).collect(), ..Lab::default() })
}

async fn measure(path: &std::path::Path, lab: &Arc<Lab>, of: impl Fn(usize, usize) -> String) -> u64 {
    let domains = [1, 2].into_iter().flat_map(|operator| (0..TENANTS / 2).map(move |nth| (nth, operator)));
    let entry = |(nth, operator)| Entry { domain: of(nth, operator), values: Vec::new() };
    let list = List { attributes: Vec::new(), entries: domains.map(entry).collect() };
    let list = list.drawn(Sample { size: None, seed: 0 });
    let survey = NewSurvey { listed: list.entries.len(), list, seed: None, dns_only: false };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path).await.unwrap());
    let begun = store.begin(&survey, now()).await.unwrap();
    let calls: Arc<dyn Calls> = Arc::clone(lab) as _;
    let turnstile = Turnstile::new(calls, Operators::embedded(), 2);
    let settings = Settings {
        cache_s: 86_400,
        shares_addresses: true,
        is_patient: true,
        cached_max: 2,
        ..Settings::default()
    };
    let scanner = Scanner::new(settings, ports(&zone(), Arc::new(turnstile)));
    let board = Arc::new(Board::new(begun.domains, begun.ended));
    let run = Run {
        store: Arc::clone(&store),
        measures: Arc::new(scanner.with_shelf(Arc::clone(&store).shelf().unwrap())),
        board: Arc::clone(&board),
        operators: Operators::embedded(),
        at_once_max: 10,
        helo: "scanner.example".to_owned(),
        dns_only: false,
        clock: Arc::new(now),
    };
    Arc::new(run).run(&CancellationToken::new()).await.unwrap();
    let snapshot = board.snapshot(&[]);
    assert_eq!((snapshot.done, snapshot.of, snapshot.under_way), (TENANTS as u64, TENANTS as u64, 0));
    for measured in store.page(i64::MIN, 1000).await.unwrap() {
        let evidence = measured.evidence.unwrap();
        assert_eq!(evidence.servers.len(), 3, "{}", measured.domain);
        for server in &evidence.servers {
            assert!(server.stopped.is_none() && !server.probes.is_empty(), "{}: {server:?}", measured.domain);
            assert_eq!(server.host, evidence.mx[0].host);
        }
    }
    snapshot.connections
}

/// How many connections each address saw.
fn connections(lab: &Lab) -> BTreeMap<IpAddr, usize> {
    let mut count = BTreeMap::new();
    for made in lab.made.lock().unwrap().iter() {
        *count.entry(made.ip).or_default() += 1;
    }
    count
}

/// How many connections to one network were open at the same time, at most.
fn at_once(lab: &Lab) -> usize {
    let made = lab.made.lock().unwrap();
    let open_with = |one: &Made| {
        let same = |other: &&Made| limiter_group(other.ip) == limiter_group(one.ip);
        made.iter().filter(same).filter(|other| other.from <= one.from && one.from < other.to).count()
    };
    made.iter().map(open_with).max().unwrap_or(0)
}

#[tokio::test]
async fn tenants_with_the_operators_host_cost_it_what_one_costs() {
    let (folder, lab) = (tempfile::tempdir().unwrap(), lab());
    let path = folder.path().join("survey.sqlite");
    let made = measure(&path, &lab, |nth, operator| format!("in{nth}-{operator}.example")).await;
    let seen = connections(&lab);
    assert_eq!(seen.len(), 6);
    // As many as one scan of one address takes at most.
    assert!(seen.values().all(|count| (2..=20).contains(count)), "{seen:?}");
    assert_eq!(made, seen.values().sum::<usize>() as u64);
    assert!(at_once(&lab) <= 2, "never more than two");
}

/// A name of its own costs one connection: which certificate is shown hangs on it.
#[tokio::test]
async fn tenants_with_hosts_of_their_own_cost_one_connection_each() {
    let (folder, alone, lab) = (tempfile::tempdir().unwrap(), lab(), lab());
    measure(&folder.path().join("alone"), &alone, |nth, operator| format!("in{nth}-{operator}.example"))
        .await;
    measure(&folder.path().join("own"), &lab, |nth, operator| format!("own{nth}-{operator}.example")).await;
    let (alone, own) = (connections(&alone), connections(&lab));
    for (ip, count) in &own {
        assert_eq!(*count, alone[ip] + TENANTS / 2 - 1, "{ip}");
    }
    assert!(at_once(&lab) <= 2, "never more than two");
}

/// What was seen of servers is on the shelf: a survey that is measured again within the window makes no connection.
#[tokio::test]
async fn what_is_fresh_is_not_asked_again() {
    let (folder, lab) = (tempfile::tempdir().unwrap(), lab());
    let path = folder.path().join("survey.sqlite");
    let of = |nth, operator| format!("in{nth}-{operator}.example");
    assert!(measure(&path, &lab, of).await > 0);
    let store = SqliteStore::open(&path).await.unwrap();
    let later: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    assert_eq!(store.reopen(later, later).await.unwrap(), TENANTS as u64);
    drop(store);
    let before = lab.made.lock().unwrap().len();
    assert_eq!(measure(&path, &lab, of).await, 0);
    assert_eq!(lab.made.lock().unwrap().len(), before);
}

/// Whatever is asked at the same time, an operator sees two connections: in one network by whatever names, and in several
/// networks by its own name.
#[tokio::test(start_paused = true)]
async fn an_operator_sees_two_connections_at_a_time() {
    for by_name in [false, true] {
        let lab = lab();
        let turnstile = Turnstile::new(Arc::clone(&lab) as Arc<dyn Calls>, Operators::embedded(), 2);
        let call = |nth: u8| Call {
            ip: IpAddr::from([192, 0, if by_name { 1 + nth % 2 } else { 1 }, 1 + nth % 3]),
            host: if by_name { format!("mx{nth}.example.net") } else { format!("mx.tenant{nth}.example") },
            helo: "scanner.example".to_owned(),
            intrusive: None,
        };
        let calls: Vec<Call> = (0..12).map(call).collect();
        let asked = join_all(calls.iter().map(|call| async {
            let _turn = turnstile.turn(call).await;
            turnstile.first(call).await
        }));
        let watched = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            turnstile.queues()
        };
        let (_, queues) = tokio::join!(asked, watched);
        let made = lab.made.lock().unwrap();
        assert_eq!(made.len(), 12);
        let open_with =
            |one: &Made| made.iter().filter(|other| other.from <= one.from && one.from < other.to).count();
        assert_eq!(made.iter().map(open_with).max(), Some(2), "by name: {by_name}");
        assert_eq!(queues.iter().map(|queue| queue.waiting).sum::<usize>(), 10, "{queues:?}");
        assert!(turnstile.queues().is_empty());
    }
}
