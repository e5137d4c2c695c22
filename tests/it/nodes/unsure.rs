//! What a node does not know for sure: whether another saw more than is written, whether the database has all that it
//! confirmed, and whether this process is still the node.

use mailassay::sending::history::{Lost, TrialEnd, TrialEnded};
use mailassay::sending::journal::{Lease as _, Task, Trouble, drain};
use mailassay::sending::trial::TrialId;
use mailassay::shared::database::postgres::ensure_durable;
use mailassay::shared::time::after;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::postgres::Server;

async fn order(address: &Address, sql: &'static str) {
    let mut connection = address.connect().await.unwrap();
    sqlx::raw_sql("SET search_path = journal").execute(&mut connection).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
}

/// Ends the session that writes as the node of this number, as a server does that is restarted.
async fn cut_off(address: &Address, number: u16) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1298953070 \
        AND objid::bigint = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut connection = address.connect().await.unwrap();
    let ended: bool =
        sqlx::query_scalar(end).bind(i64::from(number)).fetch_one(&mut connection).await.unwrap();
    assert!(ended);
}

/// How often each kind of fact says that something is missing.
fn losses(told: &Told) -> [usize; 3] {
    let told = told.0.lock();
    let count = |is: fn(&Fact) -> bool| told.iter().filter(|observation| is(&observation.fact)).count();
    [
        count(|fact| matches!(fact, Fact::QueriesLost(lost) if lost.why == Lost::Dropped)),
        count(|fact| matches!(fact, Fact::FetchesLost(lost) if lost.why == Lost::Dropped)),
        count(|fact| matches!(fact, Fact::ContactsLost(_))),
    ]
}

async fn end_trial(node: &Node, place: u64) {
    let trial = TrialId::new(&SECRET, node.link(place), 0);
    node.journal.end_trial(at(), TrialEnded { trial, end: TrialEnd::Settled }, at()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_that_ends_while_a_node_is_not_heard_of_takes_no_absence_for_silence() {
    let Some(server) = Server::shared("a node that is not heard of") else { return };
    let address = server.address("unheard");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    end_trial(&one, 1).await;
    assert_eq!(losses(&one.told), [0; 3]);
    let gone = "INSERT INTO nodes (number, name, version, seen_at, has_left) VALUES (9, 'mx09', '', 0, 0)";
    order(&address, gone).await;
    one.commit(2).await;
    assert_eq!(losses(&one.told), [0; 3], "it matters where a trial ends");
    end_trial(&one, 3).await;
    assert_eq!(losses(&one.told), [1; 3]);
    let last = one.told.0.lock().last().unwrap().fact.clone();
    assert!(matches!(last, Fact::TrialEnded(_)), "whoever judges knows of it: {last:?}");
    end_trial(&one, 3).await;
    assert_eq!(losses(&one.told), [1; 3], "it ends once");
    // An operator says that it does not come back.
    assert!(drain(&address, &"mx09".parse().unwrap()).await.unwrap());
    end_trial(&one, 4).await;
    assert_eq!(losses(&one.told), [1; 3]);
    // One that runs is waited for all the same, until it has finished.
    assert!(drain(&address, &"mx05".parse().unwrap()).await.unwrap());
    let mut connection = address.connect().await.unwrap();
    let mut left = async |name: &str| {
        let left = "SELECT has_left FROM journal.nodes WHERE name = $1";
        sqlx::query_scalar::<_, i64>(left).bind(name.to_owned()).fetch_one(&mut connection).await.unwrap()
    };
    assert_eq!((left("mx05").await, left("mx09").await), (0, 1));
    // The clock of the server was set back since.
    let ahead = "UPDATE nodes SET has_left = 0, seen_at = (SELECT max(seen_at) FROM nodes) + 3600000000 WHERE number = 9";
    order(&address, ahead).await;
    end_trial(&one, 5).await;
    assert_eq!(losses(&one.told), [2; 3]);
    // Whoever leaves in order has written all.
    order(&address, "DELETE FROM nodes WHERE number = 9").await;
    other.journal.close().await;
    assert_eq!(left("mx05").await, 1);
    order(&address, "UPDATE nodes SET seen_at = 0 WHERE name = 'mx05'").await;
    end_trial(&one, 6).await;
    assert_eq!(losses(&one.told), [2; 3]);
}

/// The same folder, another process.
async fn start_again(node: Node, address: &Address, name: &str) -> Node {
    let Node { folder, journal, .. } = node;
    journal.close().await;
    drop(journal);
    let opened = Opened::open(settings(&folder, address, name), || SECRET).await.unwrap();
    let told = Arc::new(Told::default());
    let journal = Arc::new(opened.start(vec![told.clone()]).await.unwrap());
    Node { folder, journal, told }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_node_held_when_it_was_ended_is_missing_and_no_absence_is_silence() {
    let Some(mut server) = Server::start("a node that ends while the database is away") else { return };
    let address = server.address("held");
    let one = Node::join(&address, "mx04").await;
    one.commit(1).await;
    server.kill();
    one.journal.note(at(), queried("held.example.org"));
    let refused = one.journal.commit(at(), irregular(one.link(9))).await;
    assert!(refused.is_err(), "what came before it is held");
    // It ends, and what it held with it; nobody has its time any more.
    one.journal.close().await;
    assert_eq!(one.journal.dropped_facts(), 1);
    server.go_on(&[]);
    let one = start_again(one, &address, "mx04").await;
    one.commit(2).await;
    assert_eq!(losses(&one.told), [1; 3]);
    let one = start_again(one, &address, "mx04").await;
    one.commit(3).await;
    assert_eq!(losses(&one.told), [1; 3], "it is said once");
    // As a process leaves it that is killed.
    one.journal.close().await;
    order(&address, "UPDATE nodes SET has_left = 0").await;
    let one = start_again(one, &address, "mx04").await;
    one.commit(4).await;
    assert_eq!(losses(&one.told), [2; 3]);
    one.journal.close().await;
}

/// What nobody waits for lies in memory for some milliseconds, also where the journal is a file.
#[tokio::test]
async fn a_process_that_was_killed_leaves_no_silence_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let open = async || {
        let settings = Settings { path: path.clone(), ..Settings::default() };
        let told = Arc::new(Told::default());
        let opened = Opened::open(settings, || SECRET).await.unwrap();
        (opened.start(vec![told.clone()]).await.unwrap(), told)
    };
    for round in 0..2 {
        let (journal, told) = open().await;
        journal.commit(at(), irregular(LinkId(round))).await.unwrap();
        assert_eq!(losses(&told), [0; 3]);
        journal.close().await;
    }
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut file = sqlx::ConnectOptions::connect(&file).await.unwrap();
    sqlx::raw_sql("INSERT INTO meta VALUES ('served', X'')").execute(&mut file).await.unwrap();
    sqlx::Connection::close(file).await.unwrap();
    for round in 2..4 {
        let (journal, told) = open().await;
        journal.commit(at(), irregular(LinkId(round))).await.unwrap();
        assert_eq!(losses(&told), [1; 3], "it is said once");
        journal.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_has_less_than_it_confirmed_or_other_ends_a_node_which_notes_so_at_its_start() {
    let Some(server) = Server::shared("a database that went back") else { return };
    let went_back = [
        (
            "less",
            "UPDATE journal.head SET last = last - 2; DELETE FROM journal.observations WHERE seq > 3; \
             UPDATE journal.nodes SET groups = groups - 2",
        ),
        ("fewer commits", "UPDATE journal.nodes SET groups = groups - 1"),
        (
            "another end",
            "UPDATE journal.observations SET at = at + 1 WHERE seq = (SELECT last FROM journal.head)",
        ),
    ];
    for (name, sql) in went_back {
        let address = server.address(name);
        let one = Node::join(&address, "mx04").await;
        for place in 1..=5 {
            one.commit(place).await;
        }
        order(&address, sql).await;
        cut_off(&address, 1).await;
        until(name, async || matches!(one.journal.trouble(), Some(Trouble::WentBack(_)))).await;
        let lasting = tokio::time::timeout(PATIENCE, one.journal.lasting_trouble()).await;
        assert!(matches!(lasting, Ok(Trouble::WentBack(_))), "{name}: the service ends");
        let refused = one.journal.commit(at(), irregular(one.link(6))).await;
        assert!(refused.is_err(), "{name}: nothing is acknowledged");
        let one = start_again(one, &address, "mx04").await;
        one.commit(7).await;
        assert_eq!(losses(&one.told), [1; 3], "{name}");
        assert!(one.journal.trouble().is_none(), "{name}");
    }
}

/// Where the connection stays, as through a proxy, each turn looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_before_what_was_told_is_noticed_on_the_same_connection() {
    let Some(server) = Server::shared("an end before what was told") else { return };
    let address = server.address("before");
    let one = Node::join(&address, "mx04").await;
    one.commit(1).await;
    order(&address, "UPDATE journal.head SET last = 0").await;
    until("it looks", async || matches!(one.journal.trouble(), Some(Trouble::WentBack(_)))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_another_took_the_place_of_writes_nothing_and_does_nothing_for_all() {
    let Some(server) = Server::shared("two processes of one name") else { return };
    let address = server.address("twins");
    let one = Node::join(&address, "mx04").await;
    one.commit(1).await;
    let nodes = Arc::clone(one.journal.nodes());
    assert!(nodes.holds(Task::Scans).await);
    // As a start does, of a copy of this machine for example, while this process stood still.
    order(&address, "UPDATE journal.nodes SET joins = joins + 1").await;
    assert!(!nodes.holds(Task::Scans).await);
    let stop = CancellationToken::new();
    let _beating = tokio::spawn({
        let (nodes, stop) = (Arc::clone(&nodes), stop.clone());
        async move { nodes.run(stop).await }
    });
    tokio::time::timeout(PATIENCE, nodes.drained().cancelled()).await.expect("it takes nothing new");
    cut_off(&address, 1).await;
    until("it is told", async || matches!(one.journal.trouble(), Some(Trouble::Replaced(_)))).await;
    assert!(one.journal.commit(at(), irregular(one.link(2))).await.is_err());
    stop.cancel();
    // The tasks of whoever is the node now are left alone.
    order(&address, "INSERT INTO journal.tasks VALUES ('keys', 1, 0)").await;
    one.journal.close().await;
    let mut connection = address.connect().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM journal.tasks WHERE task = 'keys'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(left, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_is_taken_during_a_beat_is_kept_and_one_of_a_clock_that_was_set_back_is_free() {
    let Some(server) = Server::shared("a task during a beat") else { return };
    let address = server.address("during");
    let one = Node::join(&address, "mx04").await;
    let (mut other, mut watcher) = (address.connect().await.unwrap(), address.connect().await.unwrap());
    let nodes = Arc::clone(one.journal.nodes());
    let _beating = tokio::spawn({
        let nodes = Arc::clone(&nodes);
        async move { nodes.run(CancellationToken::new()).await }
    });
    assert!(nodes.holds(Task::Scans).await);
    // The beat waits for this row; whoever takes another task does not.
    sqlx::raw_sql("BEGIN; UPDATE journal.tasks SET until = until").execute(&mut other).await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
        AND datname = current_database() AND query LIKE 'UPDATE tasks%'";
    until("a beat is under way", async || {
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watcher).await.unwrap() == 1
    })
    .await;
    assert!(nodes.holds(Task::Keys).await);
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let mut lasts = async || {
        let lasts = "SELECT until FROM journal.tasks WHERE task = 'keys'";
        sqlx::query_scalar::<_, i64>(lasts).fetch_one(&mut other).await.unwrap()
    };
    let first = lasts().await;
    until("it is prolonged", async || lasts().await > first).await;

    order(&address, "INSERT INTO journal.nodes (number, name, version, seen_at) VALUES (9, 'mx09', '', 0)")
        .await;
    order(
        &address,
        "INSERT INTO tasks SELECT 'certificates', 9, until + 3600000000 FROM tasks WHERE task = 'scans'",
    )
    .await;
    assert!(nodes.holds(Task::Certificates).await, "nobody can hold it for an hour");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_would_lose_what_is_confirmed_are_noticed_while_it_runs() {
    let Some(mut server) = Server::start("settings that would lose") else { return };
    let address = server.address("settings");
    let one = Node::join(&address, "mx04").await;
    one.commit(1).await;
    assert!(one.journal.nodes().holds(Task::Keys).await);
    let mut connection = address.connect().await.unwrap();
    ensure_durable(&mut connection).await.unwrap();
    let mut asked = address.connect().await.unwrap();
    let mut of_others = async || -> (String, String) {
        let both = "SELECT current_setting('synchronous_commit'), current_setting('fsync')";
        sqlx::query_as(both).fetch_one(&mut asked).await.unwrap()
    };
    for setting in ["ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET fsync = off"] {
        order(&address, setting).await;
    }
    order(&address, "SELECT pg_reload_conf()").await;
    let off = ("off".to_owned(), "off".to_owned());
    until("others have it", async || of_others().await == off).await;
    let kept: String =
        sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut connection).await.unwrap();
    assert_eq!(kept, "on");
    let mut refused = None;
    until("nothing is acknowledged", async || {
        refused = one.journal.commit(at(), irregular(one.link(2))).await.err();
        refused.is_some()
    })
    .await;
    let told = refused.unwrap().to_string();
    assert!(told.contains("fsync"), "{told}");
    for setting in ["ALTER SYSTEM RESET synchronous_commit", "ALTER SYSTEM RESET fsync"] {
        order(&address, setting).await;
    }
    order(&address, "SELECT pg_reload_conf()").await;
    until("it goes on", async || one.journal.commit(at(), irregular(one.link(3))).await.is_ok()).await;

    // A connection of before a restart is no reason to take a task for another's.
    server.kill();
    let expired = one.journal.expire(at()).await;
    let told = expired.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(!told.is_empty() && !told.contains("closed"), "what is wrong: {told}");
    server.go_on(&[]);
    assert!(one.journal.nodes().holds(Task::Keys).await);
}

/// Only one of the nodes deletes what is old: the others count on, until they look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_that_another_node_deleted_are_not_deleted_once_more() {
    let Some(server) = Server::shared("questions of others") else { return };
    let address = server.address("capped");
    let (folder, settings) = Node::settings_of(&address, "mx04");
    let opened = Opened::open(Settings { queries_rows: 100, ..settings }, || SECRET).await.unwrap();
    let told = Arc::new(Told::default());
    let one = Node { folder, journal: Arc::new(opened.start(vec![told.clone()]).await.unwrap()), told };
    let ask = async |round: u64| {
        (0..90).for_each(|n| one.journal.note(at(), queried(&format!("{n}.{round}.example.org"))));
        one.commit(round).await;
    };
    ask(1).await;
    order(&address, "DELETE FROM journal.observations WHERE kind = 'queried'").await;
    ask(2).await;
    let cuts = || one.told.0.lock().iter().filter(|seen| matches!(&seen.fact, Fact::QueriesLost(_))).count();
    assert_eq!(cuts(), 0, "there are no more than may be");
    ask(3).await;
    let mut connection = address.connect().await.unwrap();
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM journal.observations WHERE kind = 'queried'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!((100..=105).contains(&stored), "of 180, as many as may be kept: {stored}");
    assert!(cuts() > 0);
}

/// What is dropped comes after what is held, and is missing up to its own time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_dropped_is_missing_until_its_own_time() {
    let Some(mut server) = Server::start("more than a node can hold") else { return };
    let address = server.address("dropped");
    let (folder, settings) = Node::settings_of(&address, "mx04");
    let opened = Opened::open(Settings { queue_facts: 8, ..settings }, || SECRET).await.unwrap();
    let told = Arc::new(Told::default());
    let one = Node { folder, journal: Arc::new(opened.start(vec![told.clone()]).await.unwrap()), told };
    one.commit(1).await;
    server.kill();
    let later = after(at(), 600);
    for place in 2..6 {
        (0..20).for_each(|n| one.journal.note(at(), queried(&format!("{n}.{place}.example.org"))));
        assert!(one.journal.commit(at(), irregular(one.link(place))).await.is_err());
    }
    let dropped = one.journal.dropped_facts();
    one.journal.note(later, queried("later.example.org"));
    until("it is too much", async || one.journal.dropped_facts() > dropped).await;
    server.go_on(&[]);
    until("it is noted", async || losses(&one.told)[0] > 0).await;
    let noted = one.told.0.lock();
    let lost = noted.iter().find_map(|seen| match &seen.fact {
        Fact::QueriesLost(lost) => Some(lost.until),
        _ => None,
    });
    assert_eq!(lost, Some(later));
    let held = noted.iter().position(|seen| matches!(seen.fact, Fact::Queried(_)));
    let said = noted.iter().position(|seen| matches!(seen.fact, Fact::QueriesLost(_)));
    assert!(said < held, "before what was held");
}
