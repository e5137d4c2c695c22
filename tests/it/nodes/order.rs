//! One order for all nodes.

use mailassay::sending::history::TrialEnd;
use mailassay::sending::history::TrialEnded;
use mailassay::sending::journal::{OpenError, Reader};
use mailassay::sending::trial::TrialId;

use super::*;
use crate::postgres::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_write_at_once_are_told_all_in_one_order_and_a_reader_skips_nothing() {
    let Some(server) = Server::shared("nodes that write at once") else { return };
    let address = server.address("order");
    let nodes = [Node::join(&address, "mx04").await, Node::join(&address, "mx05").await].map(Arc::new);
    // Whoever only reads asks again and again what is behind the last that it saw.
    let reader = Reader::of(&settings(&nodes[0].folder, &address, "mx04")).await.unwrap();
    let over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let reading = {
        let over = Arc::clone(&over);
        tokio::spawn(async move {
            let mut last = Vec::new();
            loop {
                let is_over = over.load(std::sync::atomic::Ordering::Relaxed);
                let told = Told::default();
                reader.replay(&told).await.unwrap();
                let seqs = told.seqs();
                assert!(
                    seqs.starts_with(&last),
                    "what was read once is where it was, and nothing comes before it"
                );
                last = seqs;
                if is_over {
                    return last;
                }
            }
        })
    };
    let writers = nodes.iter().flat_map(|node| (0..4_u64).map(move |writer| (Arc::clone(node), writer)));
    let writing: Vec<_> = writers
        .map(|(node, writer)| {
            tokio::spawn(async move {
                for n in 0..60 {
                    let link = node.link(writer << 16 | n);
                    node.journal.note(at(), queried(&format!("{link}.example.org")));
                    let seq = node.journal.commit(at(), irregular(link)).await.unwrap();
                    let told = node.told.0.lock();
                    let place = told.binary_search_by_key(&seq, |observation| observation.seq);
                    assert!(place.is_ok(), "who follows a node is never behind what the node acknowledged");
                    assert_eq!(
                        place,
                        Ok(usize::try_from(seq.0).unwrap() - 1),
                        "and has heard of all before it"
                    );
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    let all = 2 * 4 * 60 * 2;
    for node in &nodes {
        until("both have heard of all", async || node.told.seqs().len() >= all).await;
        assert_eq!(node.told.seqs(), (1..=i64::try_from(all).unwrap()).collect::<Vec<_>>());
    }
    assert_eq!(*nodes[0].told.0.lock(), *nodes[1].told.0.lock());
    over.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(reading.await.unwrap(), nodes[0].told.seqs());
    // A third, that comes later, is told the same.
    let late = Node::join(&address, "mx06").await;
    assert_eq!(*late.told.0.lock(), *nodes[0].told.0.lock());
    assert_eq!(late.journal.nodes().number(), 3);
    for node in &nodes {
        node.journal.close().await;
    }
}

#[tokio::test]
async fn what_one_node_saw_the_other_hears_without_writing() {
    let Some(server) = Server::shared("what one node saw") else { return };
    let address = server.address("heard");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    one.commit(1).await;
    let fact = irregular(one.link(1));
    until("the other hears of it", async || other.told.has(&fact)).await;
    assert_ne!(one.link(1), other.link(1), "identities of two nodes never meet");
    assert_eq!((one.link(1).node(), other.link(1).node()), (1, 2));
}

#[tokio::test]
async fn a_trial_ends_once_and_its_verdict_is_claimed_once() {
    let Some(server) = Server::shared("a trial ends once") else { return };
    let address = server.address("ends");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    for place in 0..20 {
        let trial = TrialId::new(&SECRET, one.link(place), 0);
        let ended = || TrialEnded { trial: trial.clone(), end: TrialEnd::Settled };
        let (first, second) = tokio::join!(
            one.journal.end_trial(at(), ended(), at()),
            other.journal.end_trial(at(), ended(), at())
        );
        assert_eq!(first, second, "who comes second finds the first");
    }
    let mut claimed = Vec::new();
    loop {
        let (first, second) = tokio::join!(one.journal.claim_due(at()), other.journal.claim_due(at()));
        let both: Vec<_> = [first.unwrap(), second.unwrap()].into_iter().flatten().collect();
        if both.is_empty() {
            break;
        }
        assert!(both.iter().all(|entry| !entry.was_claimed && entry.attempts == 1));
        claimed.extend(both.into_iter().map(|entry| entry.trial));
    }
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 20);
}

#[tokio::test]
async fn a_node_that_starts_again_takes_up_what_it_had_claimed_and_nothing_of_others() {
    let Some(server) = Server::shared("a node that starts again") else { return };
    let address = server.address("again");
    let (one, other) = (Node::join(&address, "mx04").await, Node::join(&address, "mx05").await);
    for place in 0..2 {
        let trial = TrialId::new(&SECRET, one.link(place), 0);
        one.journal.end_trial(at(), TrialEnded { trial, end: TrialEnd::Settled }, at()).await.unwrap();
    }
    let of_one = one.journal.claim_due(at()).await.unwrap().unwrap().trial;
    let of_other = other.journal.claim_due(at()).await.unwrap().unwrap().trial;
    assert_ne!(of_one, of_other);
    let last = one.commit(1_000).await;
    // Nobody is a node that runs.
    let twin = tempfile::tempdir().unwrap();
    let refused = Opened::open(settings(&twin, &address, "mx05"), || SECRET).await.err().expect("refused");
    assert!(matches!(refused, OpenError::NodeInUse { .. }), "{refused}");
    one.journal.close().await;
    drop(one);
    let one = Node::join(&address, "mx04").await;
    assert_eq!(one.told.seqs().last(), Some(&last));
    assert_eq!(one.journal.nodes().number(), 1, "it is who it was");
    let again = one.journal.claim_due(at()).await.unwrap().expect("was interrupted");
    assert_eq!((again.trial, again.was_claimed), (of_one, true));
    assert_eq!(one.journal.claim_due(at()).await, Ok(None), "what the other claimed stays the other's");
}
