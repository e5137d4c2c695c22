//! Nodes that are killed, again and again: nothing that either acknowledged is lost. `MAILASSAY_NODE_KILL_ROUNDS` says how
//! often; in `.ci/run` it is a short form.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use super::*;
use crate::postgres::Server;

const CHILD_URL: &str = "MAILASSAY_TEST_NODE_URL";
const CHILD_NAME: &str = "MAILASSAY_TEST_NODE_NAME";
const CHILD_FOLDER: &str = "MAILASSAY_TEST_NODE_FOLDER";
/// How many rounds there are where nobody says so.
const ROUNDS: usize = 10;

/// What the processes do that are killed: each prints the links whose fact was acknowledged, after the acknowledgement.
async fn write_until_killed(url: &str) {
    let read = |name| std::env::var(name).unwrap();
    let settings = Settings {
        path: Path::new(&read(CHILD_FOLDER)).join("journal.sqlite"),
        url: Some(url.parse().unwrap()),
        node: read(CHILD_NAME).parse().unwrap(),
        ..Settings::default()
    };
    let opened = Opened::open(settings, || SECRET).await.unwrap();
    let told = Arc::new(Told::default());
    let journal = Arc::new(opened.start(vec![told.clone()]).await.unwrap());
    let node = journal.nodes().number();
    let from = told.links().into_iter().filter(|link| LinkId(*link).node() == node).max();
    let first = from.map_or(0, |link| LinkId::of_node(0, link + 1).0);
    let writers = (0..4_u64).map(|writer| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            for n in 0.. {
                let link = LinkId::of_node(node, first + n * 4 + writer);
                journal.commit(at(), irregular(link)).await.unwrap();
                println!("acknowledged {}", link.0);
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

struct Killed {
    child: Child,
    _folder: tempfile::TempDir,
}

fn start(url: &str, name: &str, acknowledged: mpsc::Sender<u64>) -> Killed {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nodes::killed::nodes_that_are_killed_lose_nothing_acknowledged", "--nocapture"])
        .envs([(CHILD_URL, url), (CHILD_NAME, name)])
        .env(CHILD_FOLDER, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let link = line.split_once("acknowledged ").and_then(|(_, link)| link.parse().ok());
            link.map(|link| acknowledged.send(link));
        }
    });
    Killed { child, _folder: folder }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_are_killed_lose_nothing_acknowledged() {
    if let Ok(url) = std::env::var(CHILD_URL) {
        return write_until_killed(&url).await;
    }
    let Some(server) = Server::shared("nodes that are killed") else { return };
    let rounds = std::env::var("MAILASSAY_NODE_KILL_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let url = server.database("killed");
    let (sender, receiver) = mpsc::channel();
    let names = ["mx04", "mx05"];
    let mut nodes: Vec<_> = names.iter().map(|name| start(&url, name, sender.clone())).collect();
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        // So many from either, now and then few.
        let enough = acknowledged.len() + [1, 40, 200][round % 3];
        while acknowledged.len() < enough {
            acknowledged.push(receiver.recv_timeout(PATIENCE).expect("somebody writes"));
        }
        let which = round % 2;
        nodes[which].child.kill().unwrap();
        nodes[which].child.wait().unwrap();
        nodes[which] = start(&url, names[which], sender.clone());
    }
    for node in &mut nodes {
        node.child.kill().unwrap();
        node.child.wait().unwrap();
    }
    drop(sender);
    acknowledged.extend(receiver);
    let late = Node::join(&url.parse().unwrap(), "late").await;
    let stored = late.told.links();
    let unique: HashSet<_> = stored.iter().copied().collect();
    assert_eq!(unique.len(), stored.len(), "nothing is there twice");
    let lost: Vec<_> = acknowledged.iter().filter(|link| !unique.contains(link)).collect();
    assert!(lost.is_empty(), "lost of {}: {lost:?}", acknowledged.len());
    println!("{rounds} nodes killed: {} acknowledged, 0 lost", acknowledged.len());
}
