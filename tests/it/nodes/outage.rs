//! PostgreSQL that goes away and comes back.

use std::sync::atomic::{AtomicBool, Ordering};

use mailassay::sending::journal::Trouble;

use super::*;
use crate::postgres::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_database_is_away_nothing_is_acknowledged_and_afterwards_all_goes_on() {
    let Some(mut server) = Server::start("PostgreSQL away") else { return };
    let address = server.address("away");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    one.commit(1).await;
    server.kill();
    let refused = one.journal.commit(at(), irregular(one.link(2))).await;
    assert!(refused.is_err(), "nothing is acknowledged that is not on disk");
    assert!(matches!(one.journal.trouble(), Some(Trouble::NotWritten(_))), "{:?}", one.journal.trouble());
    // Whoever waits for nothing goes on.
    (0..100).for_each(|n| one.journal.note(at(), queried(&format!("{n}.example.org"))));
    assert!(one.journal.reader().next_due().await.is_err(), "who asks is told that there is no answer");
    server.go_on(&[]);
    until("what was noted meanwhile is written", async || one.told.has(&queried("99.example.org"))).await;
    until("it is well again", async || one.journal.trouble().is_none()).await;
    until("the other hears of it", async || other.told.has(&queried("99.example.org"))).await;
    assert_eq!(one.journal.dropped_facts(), 0);
    assert!(!one.told.has(&irregular(one.link(2))), "who was told that nothing is noted comes again");
    assert_eq!(one.journal.reader().next_due().await, Ok(None));
    other.commit(3).await;
    assert_eq!(*one.told.0.lock().first().unwrap(), *other.told.0.lock().first().unwrap());
    let held: Vec<_> = (0..100).map(|n| queried(&format!("{n}.example.org"))).collect();
    let told: Vec<_> = other.told.0.lock().iter().map(|observation| observation.fact.clone()).collect();
    assert_eq!(told[1..101], held[..], "in their order, each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_crashes_under_load_loses_nothing_acknowledged_and_repeats_nothing() {
    let Some(mut server) = Server::start("PostgreSQL crashes") else { return };
    let address = server.address("crashes");
    let nodes = [Node::join(&address, "mx04").await, Node::join(&address, "mx05").await].map(Arc::new);
    let (over, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let writing: Vec<_> = nodes
        .iter()
        .flat_map(|node| (0..4_u64).map(move |writer| (Arc::clone(node), writer)))
        .map(|(node, writer)| {
            let (over, acknowledged) = (Arc::clone(&over), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                for n in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let link = node.link(writer << 32 | n);
                    // Of these nobody hears whether they are written: each is, once.
                    node.journal.note(at(), irregular(node.link(1 << 40 | writer << 32 | n)));
                    if node.journal.commit(at(), irregular(link)).await.is_ok() {
                        acknowledged.lock().push(link.0);
                    } else {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            })
        })
        .collect();
    for round in 0..3 {
        let enough = acknowledged.lock().len() + 150;
        until("there is load", async || acknowledged.lock().len() >= enough).await;
        server.kill();
        tokio::time::sleep(Duration::from_millis(300 * round)).await;
        server.go_on(&[]);
    }
    let enough = acknowledged.lock().len() + 50;
    until("it goes on", async || acknowledged.lock().len() >= enough).await;
    over.store(true, Ordering::Relaxed);
    for writer in writing {
        writer.await.unwrap();
    }
    let last = nodes[0].commit(1 << 50).await;
    for node in &nodes {
        until("both have heard of all", async || node.told.seqs().last() == Some(&last)).await;
        assert_eq!(node.journal.dropped_facts(), 0);
    }
    assert_eq!(*nodes[0].told.0.lock(), *nodes[1].told.0.lock(), "one order, whoever was told when");
    let mut stored = nodes[0].told.links();
    let count = stored.len();
    stored.sort_unstable();
    stored.dedup();
    assert_eq!(stored.len(), count, "nothing is written twice");
    let lost: Vec<_> =
        acknowledged.lock().iter().filter(|link| stored.binary_search(link).is_err()).copied().collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// A server that stands still for longer than a transaction may take: the session that was this node is still there when it
/// goes on, and must not keep the node from writing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_stood_still_does_not_keep_its_node_away() {
    let Some(server) = Server::start("PostgreSQL stands still") else { return };
    let address = server.address("still");
    let one = Node::join(&address, "mx04").await;
    one.commit(1).await;
    let mut other = address.connect().await.unwrap();
    let holds = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND classid = 1298953070";
    let pid: i32 = sqlx::query_scalar(holds).fetch_one(&mut other).await.unwrap();
    let process = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::STOP).unwrap();
    let refused = one.journal.commit(at(), irregular(one.link(2))).await;
    assert!(refused.is_err(), "it is not known whether it is on disk");
    rustix::process::kill_process(process, rustix::process::Signal::CONT).unwrap();
    until("it is well again", async || one.journal.trouble().is_none()).await;
    one.commit(3).await;
}
