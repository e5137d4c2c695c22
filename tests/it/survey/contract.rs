//! What every store of a survey does: one suite, played on a file of SQLite and on a database of PostgreSQL; and what
//! several workers on a database do besides.

use std::fs;
use std::sync::Arc;

use futures_util::FutureExt;
use mailassay::receiving::places::Sign;
use mailassay::receiving::scan::{Certificates, Seen};
use mailassay::receiving::survey::{
    Claimed, Entry, LEASE_S_MIN, List, Measured, NewSurvey, PostgresStore, SqliteStore, Store, StoreError,
    Task, Worker,
};
use mailassay::shared::database::postgres::Address;
use mailassay::shared::evidence::scan::{Depth, Evidence};
use mailassay::shared::time::Timestamp;

use crate::domains::evidence_of;
use crate::postgres::Server;

fn at(minute: u8) -> Timestamp {
    format!("2026-11-22T00:{minute:02}:00Z").parse().unwrap()
}

/// Names whose order differs between languages and octets.
const NAMES: [&str; 5] = ["b-a.example", "ba.example", "a1.example", "b.example", "a-1.example"];

fn survey(names: &[&str]) -> NewSurvey {
    let entry = |name: &&str| Entry { domain: (*name).to_owned(), values: vec![format!("of {name}")] };
    let list = List { attributes: vec!["sector".to_owned()], entries: names.iter().map(entry).collect() };
    NewSurvey { list, listed: 9, seed: Some(u64::MAX), dns_only: false }
}

fn evidence(task: &Task, minute: u8) -> Evidence {
    Evidence { domain: task.domain.clone(), to: at(minute), ..evidence_of("sound") }
}

async fn tasks(store: &dyn Store, at_most: usize) -> Vec<Task> {
    match store.claim(at_most).await.unwrap() {
        Claimed::Tasks(tasks) => tasks,
        other => panic!("{other:?}"),
    }
}

fn names(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.domain.as_str()).collect()
}

/// A server of a sound domain under a name, and an address.
fn seen(host: &str, ip: &str) -> Seen {
    seen_with(host, ip, "cafe")
}

/// The same, with a certificate of this digest.
fn seen_with(host: &str, ip: &str, sha256: &str) -> Seen {
    let mut server = evidence_of("sound").servers[0].clone();
    (server.host, server.ip, server.at) = (host.to_owned(), ip.parse().unwrap(), at(0));
    let certificates = [(sha256.to_owned(), vec![1, 2, 3].into())];
    (server, Certificates::from(certificates))
}

async fn suite(store: Arc<dyn Store>) {
    assert!(matches!(store.begun().await, Err(StoreError::NotBegun { .. })));
    let begun = store.begin(&survey(&NAMES), at(0)).await.unwrap();
    assert_eq!((begun.domains, begun.ended, begun.listed, begun.began), (5, 0, 9, at(0)));
    assert_eq!(
        (begun.seed, begun.dns_only, begun.attributes.as_slice()),
        (Some(u64::MAX), false, &["sector".to_owned()][..])
    );
    // Again, it goes on; another one is another one.
    assert_eq!(store.begin(&survey(&NAMES), at(1)).await.unwrap(), begun);
    for (other, said) in [
        (survey(&NAMES[..4]), "the list or the sample has changed"),
        (NewSurvey { dns_only: true, ..survey(&NAMES) }, "it was begun without --dns-only"),
    ] {
        let error = store.begin(&other, at(1)).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }

    // Each domain is given out once, in its order.
    let first = tasks(&*store, 2).await;
    assert_eq!(names(&first), NAMES[..2]);
    let rest = tasks(&*store, 9).await;
    assert_eq!(names(&rest), NAMES[2..]);
    assert_eq!(store.claim(9).await.unwrap(), Claimed::Nothing);
    store.finish(&first[1], &evidence(&first[1], 5)).await.unwrap();
    store.finish(&rest[0], &evidence(&rest[0], 9)).await.unwrap();
    assert_eq!(store.begun().await.unwrap().ended, 2);

    // What was not finished is given back, and what is old is measured again.
    store.give_back().await.unwrap();
    assert_eq!(names(&tasks(&*store, 9).await), [NAMES[0], NAMES[3], NAMES[4]]);
    store.give_back().await.unwrap();
    assert_eq!(store.reopen(at(9), at(11)).await.unwrap(), 1);
    // What stays was measured at 9 at the earliest, and the survey is of that moment now.
    assert_eq!(store.begun().await.unwrap().began, at(9));
    let all = tasks(&*store, 9).await;
    assert_eq!(names(&all), [NAMES[0], NAMES[1], NAMES[3], NAMES[4]]);

    // Pages are in the order of the list, and in that of the names' octets.
    let page = store.page(i64::MIN, 3).await.unwrap();
    let rest_of_it = store.page(page[2].place, 9).await.unwrap();
    let both: Vec<_> = page.iter().chain(&rest_of_it).map(|measured| measured.domain.as_str()).collect();
    assert_eq!(both, NAMES);
    assert_eq!(page[2].values, ["of a1.example"]);
    let kept = page[2].evidence.as_deref().unwrap();
    assert_eq!((kept.domain.as_str(), kept.to), ("a1.example", at(9)));
    assert!(!kept.servers.is_empty());
    assert!(page[0].evidence.is_none());
    // What is to be measured again is not measured until it was.
    assert!(page[1].evidence.is_none());
    let mut sorted = NAMES;
    sorted.sort_unstable();
    let page = store.page_by_name("", 2).await.unwrap();
    let rest_of_it = store.page_by_name(&page[1].domain, 9).await.unwrap();
    let both: Vec<_> = page.iter().chain(&rest_of_it).map(|measured| measured.domain.as_str()).collect();
    assert_eq!(both, sorted);
    let measured = |page: &[Measured]| page.iter().filter(|measured| measured.evidence.is_some()).count();
    assert_eq!(measured(&page) + measured(&rest_of_it), 1);

    // What a server showed is found under its name, under others of its address, and no more once it is forgotten.
    let shelf = Arc::clone(&store).shelf().unwrap();
    shelf.keep(seen("mx1.example", "192.0.2.1"), Depth::Verdict);
    shelf.keep(seen("mx2.example", "192.0.2.1"), Depth::Verdict);
    let mut borrowed = seen("mx3.example", "192.0.2.1");
    borrowed.0.probed_as = Some("mx1.example".to_owned());
    shelf.keep(borrowed, Depth::Verdict);
    store.flush().await.unwrap();
    let hosts = async |ip: &str, host: &str, depth| {
        let found = shelf.seen(ip.parse().unwrap(), host, depth).await;
        assert!(found.iter().all(|(_, certificates)| certificates["cafe"].as_ref() == [1, 2, 3]));
        found.into_iter().map(|(server, _)| server.host).collect::<Vec<_>>()
    };
    assert_eq!(hosts("192.0.2.1", "mx2.example", Depth::Verdict).await, ["mx2.example", "mx1.example"]);
    assert_eq!(hosts("192.0.2.1", "mx3.example", Depth::Verdict).await[0], "mx3.example");
    assert!(hosts("192.0.2.1", "mx2.example", Depth::Full).await.is_empty());
    assert!(hosts("192.0.2.2", "mx2.example", Depth::Verdict).await.is_empty());
    store.forget_servers(at(1)).await.unwrap();
    assert!(hosts("192.0.2.1", "mx2.example", Depth::Verdict).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("survey.sqlite");
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    suite(Arc::clone(&store) as _).await;

    // Once it is closed the file alone is the survey, and nothing more goes into it.
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert!(store.flush().await.is_ok() && store.begun().await.is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let copy = folder.path().join("copy.sqlite");
    fs::copy(&path, &copy).unwrap();
    let begun = SqliteStore::read(&copy).await.unwrap().begun().await.unwrap();
    assert_eq!((begun.domains, begun.ended), (5, 1));
    // It goes on where it was.
    drop(store);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(tasks(&store, 9).await.len(), 4);
}

fn operator() -> Sign {
    Sign::Operator("operator".to_owned())
}

async fn worker(address: &Address, id: i64) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::open(address, Worker { id, lease_s: LEASE_S_MIN }).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_a_store_of_several_workers() {
    let Some(server) = Server::start("surveys in PostgreSQL") else { return };
    suite(worker(&server.address("suite"), 1).await).await;

    let address = server.address("workers");
    let error = PostgresStore::join(&address, Worker { id: 1, lease_s: 3 }).await.err().unwrap();
    assert!(error.to_string().contains("it has no schema `survey` yet"), "{error}");
    let (one, two) = tokio::join!(worker(&address, 1), worker(&address, 2));
    let new = survey(&NAMES);
    let (begun, again) = tokio::join!(one.begin(&new, at(0)), two.begin(&new, at(0)));
    assert_eq!(begun.unwrap(), again.unwrap());

    // What one has the other does not get, until the lease of one that says nothing runs out.
    let (of_one, of_two) = (tasks(&*one, 3).await, tasks(&*two, 3).await);
    assert_eq!((names(&of_one), names(&of_two)), (NAMES[..3].to_vec(), NAMES[3..].to_vec()));
    two.finish(&of_two[0], &evidence(&of_two[0], 1)).await.unwrap();
    two.finish(&of_two[1], &evidence(&of_two[1], 1)).await.unwrap();
    assert_eq!(two.claim(9).await.unwrap(), Claimed::Elsewhere);
    let taken_up = loop {
        if let Claimed::Tasks(tasks) = two.claim(9).await.unwrap() {
            break tasks;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(taken_up, of_one);
    // Who was late has nothing to say.
    one.finish(&of_one[0], &evidence(&of_one[0], 2)).await.unwrap();
    assert_eq!(two.begun().await.unwrap().ended, 2);

    // An address is one worker's, and what it saw there is found by the next.
    let shelves = [Arc::clone(&one).shelf().unwrap(), Arc::clone(&two).shelf().unwrap()];
    let ip = "192.0.2.7".parse().unwrap();
    let door = shelves[0].door(ip).await;
    let next = Arc::clone(&shelves[1]);
    let waiting = tokio::spawn(async move {
        let _door = next.door(ip).await;
        next.seen(ip, "mx.example", Depth::Verdict).await.len()
    });
    let _others_are_free = shelves[1].door("192.0.2.8".parse().unwrap()).await;
    assert!(!waiting.is_finished());
    shelves[0].keep(seen("mx.example", "192.0.2.7"), Depth::Verdict);
    drop(door);
    assert_eq!(waiting.await.unwrap(), 1);

    // An operator has two places, whoever takes them, and those of a worker that is gone are free.
    let places = [Arc::clone(&one).places().unwrap(), Arc::clone(&two).places().unwrap()];
    let _first = places[0].take(&operator(), 2).await;
    let second = places[1].take(&operator(), 2).await;
    let third = Arc::clone(&places[1]);
    let mut third = tokio::spawn(async move { drop(third.take(&operator(), 2).await) });
    drop(places[1].take(&Sign::Operator("another".to_owned()), 2).await);
    assert!((&mut third).now_or_never().is_none());
    drop(second);
    third.await.unwrap();
    let _second = places[1].take(&operator(), 2).await;
    let fourth = Arc::clone(&places[1]);
    let fourth = tokio::spawn(async move { drop(fourth.take(&operator(), 2).await) });
    drop(places[1].take(&Sign::Operator("another".to_owned()), 2).await);
    assert!(!fourth.is_finished());
    let mut connection = address.connect().await.unwrap();
    // The session of the first worker, which has the place that it took first.
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN
         (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)
         AND pid <> (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted GROUP BY pid ORDER BY count(*) DESC LIMIT 1)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let lost = one.hold().await.unwrap_err().to_string();
    assert!(lost.contains("the connection by which workers keep apart was lost"), "{lost}");
    fourth.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_who_saw_the_same_certificates_lose_nothing_to_each_other() {
    let Some(server) = Server::start("surveys that write the same") else { return };
    let address = server.address("crossed");
    let store = worker(&address, 1).await;
    store.begin(&survey(&NAMES), at(0)).await.unwrap();
    let shelf = Arc::clone(&store).shelf().unwrap();

    // Another worker has written the one, and will write the other.
    let insert = "INSERT INTO survey.certificates (sha256, der) VALUES ($1, '') ON CONFLICT DO NOTHING";
    let mut other = address.connect().await.unwrap();
    sqlx::query("BEGIN").execute(&mut other).await.unwrap();
    sqlx::query(insert).bind("b").execute(&mut other).await.unwrap();
    // This one met them in the other order.
    shelf.keep(seen_with("mx1.example", "192.0.2.1", "c"), Depth::Verdict);
    shelf.keep(seen_with("mx2.example", "192.0.2.2", "b"), Depth::Verdict);
    let flushed = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.flush().await }
    });
    let mut looking = address.connect().await.unwrap();
    let waits = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut looking).await.unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    sqlx::query(insert).bind("c").execute(&mut other).await.unwrap();
    sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    flushed.await.unwrap().unwrap();
    for (host, ip) in [("mx1.example", "192.0.2.1"), ("mx2.example", "192.0.2.2")] {
        assert_eq!(shelf.seen(ip.parse().unwrap(), host, Depth::Verdict).await.len(), 1, "{host}");
    }
}

/// Whatever else a worker asks, and however long that takes: its domains stay its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_says_that_it_lives_while_it_waits_for_other_answers() {
    let Some(server) = Server::shared("a busy worker") else { return };
    let address = server.address("busy_worker");
    let one = worker(&address, 1).await;
    one.begin(&survey(&NAMES), at(0)).await.unwrap();
    assert_eq!(tasks(&*one, 9).await.len(), NAMES.len());
    let mut other = address.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE survey.servers IN ACCESS EXCLUSIVE MODE")
        .execute(&mut other)
        .await
        .unwrap();
    // More than it has connections for, and none comes to an end.
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let one = Arc::clone(&one);
            tokio::spawn(async move { one.forget_servers(at(0)).await })
        })
        .collect();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
        AND datname = current_database()";
    let mut watcher = address.connect().await.unwrap();
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watcher).await.unwrap() < 4 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let holding = {
        let one = Arc::clone(&one);
        tokio::spawn(async move { one.hold().await })
    };
    let until = "SELECT extract(epoch FROM min(leased_until))::bigint FROM survey.domains";
    let mut leased_until =
        async || sqlx::query_scalar::<_, i64>(until).fetch_one(&mut watcher).await.unwrap();
    let begun = leased_until().await;
    while leased_until().await <= begun + i64::from(LEASE_S_MIN) {
        assert!(!holding.is_finished(), "it cannot say that it lives");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    holding.abort();
    asking.iter().for_each(tokio::task::JoinHandle::abort);
}
