//! The end of the journal is one node's at a time: what each does while it has its turn, and what not.

use std::sync::Condvar;

use mailassay::sending::history::Lost;
use mailassay::sending::journal::Reader;
use mailassay::shared::time::after;
use sqlx::PgConnection;

use super::*;
use crate::postgres::Server;

/// Stands still at some facts until it may go on.
#[derive(Default)]
struct Slow {
    closed: std::sync::Mutex<Vec<Fact>>,
    opened: Condvar,
    /// Where it stands.
    at: Mutex<Option<Fact>>,
}

impl Subscriber for Slow {
    fn committed(&self, observation: &Observation) {
        // Others of this process go on meanwhile, and a test that fails ends all the same.
        tokio::task::block_in_place(|| {
            let closed = self.closed.lock().unwrap();
            if closed.contains(&observation.fact) {
                *self.at.lock() = Some(observation.fact.clone());
            }
            let is_closed = |closed: &mut Vec<Fact>| closed.contains(&observation.fact);
            drop(self.opened.wait_timeout_while(closed, PATIENCE, is_closed).unwrap());
        });
    }
}

impl Slow {
    fn open(&self) {
        self.closed.lock().unwrap().remove(0);
        self.opened.notify_all();
    }
}

/// A node that is far behind reads on before it takes its turn, so that others write meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_far_behind_keeps_nobody_from_writing() {
    let Some(server) = Server::shared("a node that is far behind") else { return };
    let address = server.address("behind");
    let other = Node::join(&address, "mx05").await;
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::open(settings(&folder, &address, "mx04"), || SECRET).await.unwrap();
    let slow = Arc::new(Slow::default());
    let journal = Arc::new(opened.start(vec![slow.clone()]).await.unwrap());
    let link = |place| LinkId::of_node(journal.nodes().number(), place);
    let (own, far) = (irregular(link(1)), irregular(other.link(1)));
    *slow.closed.lock().unwrap() = vec![own.clone(), far.clone()];

    // It stands still at its own fact, while the other writes much, and while it is to write again.
    let commit = |fact: Fact| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move { journal.commit(at(), fact).await })
    };
    let first = commit(own.clone());
    until("it stands at its own", async || *slow.at.lock() == Some(own.clone())).await;
    other.commit(1).await;
    (0..1_000).for_each(|n| other.journal.note(at(), queried(&format!("{n}.example.org"))));
    other.commit(2).await;
    let second = commit(irregular(link(2)));
    until("it is to write", async || journal.figures().waiting > 0).await;
    slow.open();
    until("it reads what the other wrote", async || *slow.at.lock() == Some(far.clone())).await;

    let third = other.journal.commit(at(), irregular(other.link(3))).await;
    assert!(third.is_ok(), "who reads on does not keep the other from writing: {third:?}");
    slow.open();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
}

/// Locks the end of the journal until it is rolled back.
async fn hold_the_end(address: &Address) -> PgConnection {
    let mut holder = address.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT last FROM journal.head FOR UPDATE").execute(&mut holder).await.unwrap();
    holder
}

/// Both find it full at the same moment: who comes second finds that there is room again, and cuts nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_full_is_cut_by_one_node_alone() {
    let Some(server) = Server::shared("one node cuts") else { return };
    let address = server.address("cuts");
    let join = async |name: &str| {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { size_mib: 4, ..settings(&folder, &address, name) };
        let journal = Arc::new(Opened::open(settings, || SECRET).await.unwrap().start(vec![]).await.unwrap());
        (folder, journal)
    };
    let nodes = [join("mx04").await, join("mx05").await];
    let link = |node: usize, place| irregular(LinkId::of_node(nodes[node].1.nodes().number(), place));
    let mut watcher = address.connect().await.unwrap();
    let is_full = |octets: i64| octets / 4_096 * 10 >= 4 * 256 * 9;
    let mut octets = async || {
        sqlx::query_scalar::<_, i64>("SELECT octets FROM journal.head").fetch_one(&mut watcher).await.unwrap()
    };
    for place in 0.. {
        if is_full(octets().await) {
            break;
        }
        (0..200).for_each(|n| nodes[0].1.note(at(), queried(&format!("{n}.{place}.example.org"))));
        nodes[0].1.commit(at(), link(0, place)).await.unwrap();
    }
    // The other hears of it with its next turn.
    nodes[1].1.commit(at(), link(1, 1)).await.unwrap();
    assert!(is_full(octets().await), "nobody has cut it yet");
    let cuts = async || {
        let told = Told::default();
        let reader = Reader::of(&settings(&nodes[0].0, &address, "mx04")).await.unwrap();
        reader.replay(&told).await.unwrap();
        let is_cut = |fact: &Fact| matches!(fact, Fact::QueriesLost(lost) if lost.why == Lost::Deleted);
        told.0.lock().iter().filter(|observation| is_cut(&observation.fact)).count()
    };
    let before = cuts().await;

    let mut holder = hold_the_end(&address).await;
    let committing = [0, 1].map(|node| {
        let (journal, fact) = (Arc::clone(&nodes[node].1), link(node, 1 << 20));
        tokio::spawn(async move { journal.commit(at(), fact).await })
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
        AND datname = current_database()";
    until("both wait for their turn", async || {
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watcher).await.unwrap() == 2
    })
    .await;
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    for commit in committing {
        commit.await.unwrap().unwrap();
    }
    assert_eq!(cuts().await, before + 1, "one cut was enough");
}

/// What the database does not take is lost alone, and counted; what came with it is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fact_that_the_database_does_not_take_is_lost_alone_and_counted() {
    let Some(server) = Server::shared("facts that are not taken") else { return };
    let address = server.address("spoiled");
    let node = Node::join(&address, "mx04").await;
    let refuse = "ALTER TABLE journal.observations ADD CHECK (fact NOT LIKE '%spoiled%')";
    sqlx::raw_sql(refuse).execute(&mut address.connect().await.unwrap()).await.unwrap();
    let mut holder = hold_the_end(&address).await;
    // One group, since it waits for its turn.
    let first = node.journal.commit(at(), irregular(node.link(1)));
    let second = async {
        until("it waits", async || node.journal.figures().waiting == 0).await;
        for n in 0..40 {
            let name = if n == 17 { "spoiled".to_owned() } else { n.to_string() };
            node.journal.note(at(), queried(&format!("{name}.example.org")));
        }
        let last = node.journal.commit(at(), irregular(node.link(2)));
        let release = sqlx::raw_sql("ROLLBACK").execute(&mut holder);
        let (last, _) = tokio::join!(last, release);
        last
    };
    let (first, last) = tokio::join!(first, second);
    assert!(first.is_ok() && last.is_ok(), "{first:?} {last:?}");
    assert!(node.journal.trouble().is_none(), "the journal itself is well: {:?}", node.journal.trouble());
    assert_eq!(node.journal.dropped_facts(), 1);
    node.journal.commit(after(at(), 10), irregular(node.link(3))).await.unwrap();
    let told: Vec<_> = node.told.0.lock().iter().map(|observation| observation.fact.clone()).collect();
    let kept = (0..40).filter(|n| *n != 17).map(|n| queried(&format!("{n}.example.org")));
    let links = [1, 2, 3].map(|place| irregular(node.link(place)));
    let kept: Vec<_> = links[..1].iter().cloned().chain(kept).chain(links[1..].iter().cloned()).collect();
    let (said, told): (Vec<_>, Vec<_>) = told
        .into_iter()
        .partition(|fact| matches!(fact, Fact::QueriesLost(lost) if lost.why == Lost::Dropped));
    assert_eq!(told, kept, "all else is there in its order");
    assert_eq!(said.len(), 1, "no silence is made of it");
}
