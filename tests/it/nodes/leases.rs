//! What one node does for all, and who takes it over.

use mailassay::sending::journal::{Lease as _, Task, drain, list};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::postgres::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_one_node_s_until_that_stops_dies_or_is_asked_to_take_nothing_new() {
    let Some(server) = Server::shared("tasks of nodes") else { return };
    let address = server.address("tasks");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    let [stop_one, stop_other] = [(); 2].map(|()| CancellationToken::new());
    let run = |node: &Node, stop: &CancellationToken| {
        let (nodes, stop) = (Arc::clone(node.journal.nodes()), stop.clone());
        tokio::spawn(async move { nodes.run(stop).await })
    };
    let running = run(&one, &stop_one);
    let _other = run(&other, &stop_other);
    let holds = async |node: &Node, task| node.journal.nodes().holds(task).await;
    assert!(holds(&one, Task::Scans).await && holds(&one, Task::Scans).await);
    assert!(!holds(&other, Task::Scans).await, "one at a time");
    assert!(holds(&other, Task::Expiry).await, "each by itself");
    let listed = list(&address).await.unwrap();
    let shown: Vec<_> = listed.iter().map(|node| (node.name.as_str(), node.tasks.join(" "))).collect();
    assert_eq!(shown, [("mx04", "scans".to_owned()), ("mx05", "expiry".to_owned())]);

    // Whoever stops leaves what it has to others at once.
    stop_one.cancel();
    running.await.unwrap();
    assert!(holds(&other, Task::Scans).await);
    // Whoever dies leaves it after a time: nobody says that it lives.
    let third = Node::join(&address, "mx06").await;
    stop_other.cancel();
    until("what it had given up is free", async || holds(&third, Task::Keys).await).await;
    let late = Node::join(&address, "mx07").await;
    assert!(!holds(&late, Task::Keys).await);
    until("its time is over", async || holds(&late, Task::Keys).await).await;

    // Whoever is asked takes nothing new, and claims nothing.
    let stop = CancellationToken::new();
    let _running = run(&late, &stop);
    assert!(drain(&address, &"mx07".parse().unwrap()).await.unwrap());
    assert!(!drain(&address, &"mx99".parse().unwrap()).await.unwrap());
    late.journal.nodes().drained().cancelled().await;
    assert!(!holds(&late, Task::Keys).await);
    until("its task is free", async || holds(&third, Task::Keys).await).await;
    assert!(list(&address).await.unwrap().iter().any(|node| node.name == "mx07" && node.is_draining));
}

/// Whatever else a node asks, and however long that takes: what it has for itself stays its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_says_that_it_lives_while_it_waits_for_other_answers() {
    let Some(server) = Server::shared("a busy node") else { return };
    let address = server.address("busy");
    let node = Node::join(&address, "mx04").await;
    let nodes = Arc::clone(node.journal.nodes());
    let _beating = tokio::spawn({
        let nodes = Arc::clone(&nodes);
        async move { nodes.run(CancellationToken::new()).await }
    });
    assert!(nodes.holds(Task::Scans).await);
    // Whoever asks for this task waits for somebody who does not come to an end.
    let mut other = address.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; INSERT INTO journal.tasks VALUES ('keys', 1, 0)")
        .execute(&mut other)
        .await
        .unwrap();
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let nodes = Arc::clone(&nodes);
            tokio::spawn(async move { nodes.holds(Task::Keys).await })
        })
        .collect();
    let mut seen_at = async || {
        let seen_at = "SELECT seen_at FROM journal.nodes";
        sqlx::query_scalar::<_, i64>(seen_at).fetch_one(&mut other).await.unwrap()
    };
    for _ in 0..2 {
        let last = seen_at().await;
        until("it says that it lives", async || seen_at().await > last).await;
    }
    asking.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn whoever_is_alone_does_all() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { path: folder.path().join("journal.sqlite"), ..Settings::default() };
    let journal = Opened::open(settings, || SECRET).await.unwrap().start(Vec::new()).await.unwrap();
    for task in [Task::Scans, Task::Expiry, Task::SelfCheck, Task::Certificates, Task::Keys] {
        assert!(journal.nodes().holds(task).await, "{}", task.as_str());
    }
    assert_eq!(journal.nodes().number(), 0);
}
